"""The items that a user takes next."""

import numpy as np
import pytest
import torch

from headstart.bases.networks.recommenders import Neighbours
from headstart.data.ratings.histories import History, label
from headstart.errors import DataError
from headstart.preprocessing.ratings import RatingsPreprocess
from headstart.tasks.answers.base import Judged
from headstart.tasks.answers.items import Items
from headstart.tasks.modalities.ratings import Ratings

ANSWER = Items()
TARGETS = ANSWER.targets([label(("b", "a"), 3), label(("c",), 0)])
OUTPUT = np.array([[[1, 0, 0, 0], [1, 0.5, 0, 0.25], [0, 0.25, -1, -1], [-1, -1, -1, -1]]])


def test_what_is_only_tested_is_no_item_to_recommend():
    learned = ANSWER.learned(TARGETS, np.array([0]))
    assert learned.categories == ("a", "b")
    assert [one.numbers.tolist() for one in learned.right] == [[1, 0], [-1]]
    assert learned.strata.tolist() == [0, 2]
    (finding,) = ANSWER.unlearned(learned, {"test": np.array([1])})
    assert finding.items == ("c",)
    assert ANSWER.known([label(("c", "b"), 1)], ("b", "c"))[0].numbers.tolist() == [1, 0]


@pytest.mark.parametrize("text", ["", "[]", '{"items": 3, "known": 1}', '{"known": 1}'])
def test_other_labels_are_told(text):
    with pytest.raises(DataError, match="no list of items"):
        ANSWER.targets([text])


def test_a_list_says_what_it_is_made_of():
    assert ANSWER.decode(OUTPUT, ("a", "b")) == [
        {"items": ["b", "a"], "scores": [0.5, 0.25], "basis": "history", "new": ["a"]}
    ]
    shown = ANSWER.compared(
        Ratings(), Judged(History("u", ("x",)).encoded(), TARGETS.right[0], OUTPUT[0], ("a", "b")), 90
    )
    assert shown["predicted"] == "b, a (by history)"
    assert shown["label"] == "b, a"
    assert "took x" in shown["text"]
    assert ANSWER.as_text(OUTPUT[0]) == "1, 0"


def test_the_recommender_says_it_itself():
    head = ANSWER.head(1, ("a",))
    assert not ANSWER.as_state(head, None)
    assert ANSWER.answers(head, torch.zeros(2, 3, 2), None).shape == (2, 3, 2)


class Counting(Neighbours):
    """Item 2 is like item 1."""

    def __init__(self):
        super().__init__(3, 1)
        self.near[1, 0], self.alike[1, 0] = 2, 0.5


def test_reasons_are_told_where_they_are_asked_for():
    how, network = RatingsPreprocess(("a", "b", "c"), 3), torch.nn.Sequential(Counting(), torch.nn.Identity())
    sources = [History("u", ("a",), why=why).encoded() for why in (True, False)]
    inputs = Ratings().store(sources, how).batch(np.arange(2))
    outputs = ANSWER.whole(network, inputs, how, sources)
    asked, plain = ANSWER.decode(outputs, how.items, sources)
    assert asked["items"][0] == "b"
    assert asked["known"] == 1
    assert asked["because"][0] == ["a"]
    assert len(asked["because"]) == len(asked["items"])
    assert plain == {name: asked[name] for name in ("items", "scores", "basis", "new")}


def test_how_popular_what_is_recommended_is():
    labels = [label(tuple("abcd"), 4), label(tuple("ab"), 2), label(("a",), 1), label(("d", "new"), 0)]
    learned = ANSWER.learned(ANSWER.targets(labels), np.array([0, 1, 2]))
    given = np.full((2, 21, 4), -1.0)
    given[:, 0, 0], given[0, 1:3, 0], given[1, 1:3, 0] = 1, (0, 1), (0, 3)
    found = ANSWER.evidence(learned.right[[3, 3]], given)["popularity"]
    assert found["items"] == [1, 2, 3, 4]
    assert {row["of"]: (row["half"], row["shares"]) for row in found["rows"]} == {
        "before": (2, [0.4286, 0.7143, 0.8571, 1.0]),
        "next": (4, [0.0, 0.0, 0.0, 1.0]),
        "recommended": (1, [0.5, 0.75, 0.75, 1.0]),
    }
    nobody = np.full((2, 21, 4), -1.0)
    rows = ANSWER.evidence(learned.right[[3, 3]], nobody)["popularity"]["rows"]
    assert [row["of"] for row in rows] == ["before", "next"]
    assert ANSWER.evidence(ANSWER.known(labels[:1], ("a", "b")), OUTPUT) == {}
    assert ANSWER.evidence(TARGETS.right[:0], OUTPUT[:0]) == {}
