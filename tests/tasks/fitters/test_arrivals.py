"""Items that came later: a bundle recommends them as if it had known what is said of them from the start."""

from dataclasses import replace
from functools import partial

import numpy as np
import pandas as pd
import pytest
import torch

import tastes
from headstart.bases.networks.recommenders import Blend, Mixed, Neighbours, Popular
from headstart.errors import DataError, SettingsError
from headstart.preprocessing.items.contents import Reader, Whitening
from headstart.tasks.baselines import profile
from headstart.tasks.fitters import arrivals, solved
from headstart.tasks.fitters.arrivals import arrived
from headstart.tasks.fitters.taken import Taken, taken
from headstart.tasks.solvers.factorisation import Settings
from tastes_bench import bench

HOW = Settings(width=8, penalty=0.01)
WAYS = {
    "scratch": solved.scratch,
    "frozen": solved.frozen,
    "finetune": partial(solved.collective, 1.0),
    "mapping": solved.mapped,
    "blend": solved.blended,
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A bench that knows of `new`, and of its table."""
    home = tmp_path_factory.mktemp("arrivals")
    one, _ = bench(home, users=160, items=True)
    table = pd.read_csv(home / "items.csv")
    more = pd.DataFrame([("odd", "never said before"), ("b3", "group 0")], columns=table.columns)
    pd.concat([table, more]).to_csv(home / "later.csv", index=False)
    return one, home


@pytest.fixture
def told(made):
    """What is known where `new` was never said to be, and what a bundle of it keeps."""
    one, _ = made
    examples, how = one.examples, one.base.preprocess
    known = taken(examples, how, one.pool)
    place = examples.categories.index("new")
    there = np.arange(len(how.items)) != place
    left = replace(how, items=tuple(item for item in how.items if item != "new"), size=how.size - 1)
    own = there[: how.size]
    known = Taken(
        known.target[:, own], known.source[:, there], known.words[own], known.texts[own], known.recent[own]
    )
    return known, one.task.modality.kept(left, examples)


class Asked:
    """Passes that say what was noted, and read nothing."""

    def __init__(self):
        self.notes = []
        self.runtime = self.reporter = self

    def note(self, text):
        self.notes.append(text)

    def __call__(self):
        return self


def later(made, name="items.csv", **more):
    return {"items": str(made[1] / name), **more}


def ids(how, *users):
    """(n, 2, L) of users' items by name."""
    found = torch.zeros(len(users), 2, max(map(len, users)))
    for row, own in zip(found, users, strict=True):
        for place, item in enumerate(own):
            row[0, place] = how.items.index(item) + 1
            row[1, place] = item.startswith("\x00")
    return found


USERS = (("a11", "a12"), ("\x00b31", "\x00b32", "\x00b33"), ("a1", "\x00b2"), ())


@pytest.mark.parametrize("way", WAYS)
def test_it_is_known_as_if_it_had_been_there_from_the_start(made, told, way):
    one, _ = made
    known, how = told
    first = WAYS[way](taken(one.examples, one.base.preprocess, one.pool), HOW)
    network, more = arrived(WAYS[way](known, HOW), how, later(made), Asked())
    assert more.items[more.size - 1] == "new"
    place, there = one.examples.categories.index("new"), more.size - 1
    users = [(*own, *(["new"] if own else [])) for own in USERS]
    for some in (USERS, users):
        right = first.scored(*_planes(ids(one.base.preprocess, *some)))[0][:, place]
        given = network.scored(*_planes(ids(more, *some)))[0][:, there]
        assert torch.allclose(given, right, atol=0.2 if way == "blend" else 0.1)  # other factors to begin at
    assert network(ids(more, ("a11", "a12")))[0, 1:, 2].tolist() == [there, *[-1] * 19]


@pytest.mark.parametrize("way", ["scratch", "finetune"])
def test_what_is_said_of_it_says_the_same_as_in_the_run(made, told, way):
    one, _ = made
    whole = WAYS[way](taken(one.examples, one.base.preprocess, one.pool), HOW)
    place = one.examples.categories.index("new")
    left = np.delete(np.arange(len(whole.write)), place)
    network = WAYS[way](told[0], HOW)
    network.write, network.popularity = whole.write[left], whole.popularity[left]
    network, _ = arrived(network, told[1], later(made), Asked())
    assert torch.allclose(network.write[-1], whole.write[place], atol=1e-6)
    assert torch.allclose(network.popularity[-1], whole.popularity[place], atol=1e-6)
    assert torch.equal(network.fold.factors[len(left) + 1], network.write[-1])


def _planes(inputs):
    return inputs[:, 0].long(), inputs[:, 1] > 0


@pytest.mark.parametrize("way", [way for way in WAYS if way != "blend"])
def test_what_was_known_of_the_others_stays_as_it_is(made, told, way):
    known, how = told
    before = WAYS[way](known, HOW)
    network, more = arrived(before, how, later(made), Asked())
    assert network is not before
    right = before.scored(*_planes(ids(how, *USERS)))[0]
    assert torch.equal(network.scored(*_planes(ids(more, *USERS)))[0][:, :-1], right)


def test_parts_take_them_up_and_what_heeds_no_contents_never_recommends_them(made, told):
    known, how = told
    _, words = profile.of_words(known)
    popular, near = Popular(how.size), Neighbours(how.size, 3)
    popular.popularity = near.popularity = torch.from_numpy(known.popularity)
    parts = {"profile": words, "popular": popular, "near": near}
    mixed = Mixed(
        {**parts, "both": Blend({"a": solved.scratch(known, HOW)})}, ("profile", "near", "popular"), 2
    )
    network, more = arrived(mixed, how, later(made), Asked())
    scores = {
        name: part.scored(*_planes(ids(more, ("a11", "a12"))))[0][0, -1]
        for name, part in network.parts.items()
    }
    assert scores["profile"] > 0.9
    assert torch.isneginf(scores["popular"])
    assert scores["near"] == 0
    assert torch.isfinite(scores["both"])
    answer = network(ids(more, ("a11", "a12"), ("a11",), ()))
    assert answer[0, 1:, 0].eq(more.size - 1).any()


def test_a_text_is_read_as_those_before_it(made, told, monkeypatch):
    known, how = told
    groups = [int(name[1:]) // 10 for name in how.items[: how.size]]
    rows = np.eye(tastes.GROUPS, dtype=np.float32)[groups]
    reader = Reader("a base", "its identity", ("title",), Whitening(rows[0], rows[:, :4]))
    silent = replace(known, words=known.words * 0, texts=rows)
    bare = np.zeros(how.size + 1, np.int64)
    said = replace(how.said, texts=rows, reader=reader, ends=bare, words=bare[:0])
    asked = []

    def reads(reader, texts, passes):
        asked.append((reader.base, texts))
        return np.eye(tastes.GROUPS, dtype=np.float32)[[3]]

    monkeypatch.setattr(arrivals, "read_by", reads)
    table = made[1] / "titles.csv"
    pd.DataFrame([("late", "a tale of group 3"), ("a1", "old")], columns=["item_id", "title"]).to_csv(table)
    for way in (profile.of_both(silent)[1], solved.scratch(silent, HOW)):
        network, more = arrived(way, replace(how, said=said), {"items": str(table)}, Asked())
        scores = network.scored(*_planes(ids(more, ("a31", "a32"), ("a1", "a2"))))[0][:, -1]
        assert scores[0] > scores[1] + 0.3
    assert asked == [("a base", ["a tale of group 3"])] * 2
    left = Asked()
    about = {"items": str(table), "describe": "none"}
    assert arrived(way, replace(how, said=said), about, left)[0] is way
    assert left.notes == ["1 of 1 new items are left out: nothing that the bundle can read is said of them"]


def test_an_item_of_the_source_can_be_recommended_from_then_on(made, told):
    known, how = told
    bare = replace(how, items=tuple(item.removeprefix("\x00") for item in how.items), marked=False)
    before = solved.mapped(known, HOW)
    asked = Asked()
    network, more = arrived(before, bare, later(made, "later.csv"), asked)
    assert more.items[bare.size : more.size] == ("new", "b3")
    assert asked.notes == ["1 of 3 new items are left out: nothing that the bundle can read is said of them"]
    place, now = (one.items.index("b3") + 1 for one in (bare, more))
    heard = solved.collective(1.0, known, HOW)
    grown, _ = arrived(heard, bare, later(made, "later.csv"), asked)
    assert torch.equal(grown.fold.factors[now], heard.fold.factors[place])
    assert not torch.equal(grown.fold.factors[now], grown.write[now - 1])
    assert torch.equal(network.before.factors[now], before.before.factors[place])
    user = torch.tensor([[[now], [1]]]).float(), torch.tensor([[[place], [1]]]).float()
    scores = [part.scored(*_planes(own))[0][0] for part, own in zip((network, before), user, strict=True)]
    assert torch.equal(scores[0][: bare.size], scores[1])


def test_it_is_told_as_an_item_is_that_was_there_but_nobody_took(made):
    one, home = made
    how = one.task.modality.kept(one.base.preprocess, one.examples)
    before = solved.scratch(taken(one.examples, how, one.pool), HOW)
    pd.DataFrame([("late", "group 1")], columns=["item_id", "genres"]).to_csv(home / "late.csv", index=False)
    network, _ = arrived(before, how, later(made, "late.csv"), Asked())
    alike = one.examples.categories.index("new")
    assert before.popularity[alike] < 0
    assert torch.allclose(network.write[-1], before.write[alike], atol=1e-6)
    assert torch.allclose(network.popularity[-1], before.popularity[alike], atol=1e-6)


def test_where_what_is_said_tells_nothing_of_factors_it_is_not_recommended(made, told):
    known, how = told
    before = solved.scratch(known, HOW)
    before.write = torch.randn(before.write.shape, generator=torch.Generator().manual_seed(0))
    network, more = arrived(before, how, later(made), Asked())
    scores = network.scored(*_planes(ids(more, ("a11", "a12"))))[0][0]
    assert torch.isneginf(scores[-1])
    assert torch.isfinite(scores[:-1]).all()


def test_nothing_new_changes_nothing_and_what_cannot_be_is_told(made, told):
    known, how = told
    network = solved.scratch(known, HOW)
    assert arrived(network, how, {}, None) == (network, how)
    table = made[1] / "old.csv"
    pd.DataFrame([("a1", "group 0")], columns=["item_id", "genres"]).to_csv(table, index=False)
    asked = Asked()
    assert arrived(network, how, {"items": str(table)}, asked) == (network, how)
    assert not asked.notes
    with pytest.raises(SettingsError, match="learned nothing of what is said"):
        arrived(network, replace(how, said=None), later(made), Asked())
    with pytest.raises(DataError, match="is no table"):
        arrived(network, how, {"items": "nowhere.csv"}, Asked())
    pd.DataFrame([("x", 1)], columns=["name", "genres"]).to_csv(table, index=False)
    with pytest.raises(DataError, match="no column `item_id`"):
        arrived(network, how, {"items": str(table)}, Asked())
