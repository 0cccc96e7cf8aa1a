"""Users and what they took."""

import numpy as np

from headstart.data.ratings.histories import Catalogue, History, label
from headstart.preprocessing.ratings import RatingsPreprocess
from headstart.tasks.answers.items import Items
from headstart.tasks.modalities.ratings import Ratings
from headstart.types import Examples

SOURCES = (History("u", ("a",), ("\x00a", "\x00z")).encoded(), History("v", ("b",)).encoded())


def examples():
    return Examples(("u", "v"), SOURCES, ("1", "2"), Items().targets([label(("a",), 1), label(("b",), 1)]))


def test_every_item_has_a_number_those_of_the_source_last():
    how = Ratings().suited(RatingsPreprocess(), examples(), [0, 1])
    assert how == RatingsPreprocess(("a", "b", "\x00a", "\x00z"), 2, True)
    assert Ratings().shown_as(how).marked
    assert not Ratings().shown_as(RatingsPreprocess(marked=False)).marked
    assert Ratings().shown_as(how).learned is how
    assert Ratings().store(SOURCES, how).encoded(np.array([0]))[0, 0].tolist() == [1, 3, 4]


def test_a_history_is_shown_and_examined():
    assert Ratings().shown(SOURCES[0], 90) == {"text": "took a; in the source a, z"}
    assert Ratings().shown(Catalogue({"a": ()}).encoded(), 90) == {"text": "1 items"}
    assert Ratings().examine(SOURCES[0]) is None
    assert Ratings().examine(b"x")


def test_a_bundle_keeps_what_was_known_and_what_followed():
    sources = (
        History("u", ("a",), ("\x00z",), (5,)).encoded(),
        History("u", ("a",), ("\x00z",), (5,)).encoded(),
        History("\x00u", (), ("\x00z",)).encoded(),
        Catalogue({"a": ()}).encoded(),
    )
    labels = [label(("a",), 1), label(("b", "new"), 1, (7, 8)), label((), 0), label(("a", "b"), 0)]
    told = Examples(("u",) * 4, sources, ("1", "2", "3", "4"), Items().targets(labels))
    kept = Ratings().kept(RatingsPreprocess(("a", "b", "\x00z"), 2), told)
    assert kept.known.users == ("u",)
    assert kept.taken_by("u") == (("a", "b"), ("\x00z",))
    assert kept.known.when.tolist() == [5, 0, 7]  # the source's own stamps are not known
