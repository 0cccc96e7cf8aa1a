"""What was found, as records."""

from contextlib import nullcontext

import numpy as np
import pytest

import languages
import texts
from headstart import registry
from headstart.bases import load_base
from headstart.exploration import _record
from headstart.exploration._found import look
from headstart.types import Examples


class Texts:
    """A bench of texts, as far as records ask it."""

    def __init__(self, words, which, base):
        content = [f"{words[one]} {number}".encode() for number, one in enumerate(which)]
        made = texts.examples(tuple(one.decode() for one in content), labels=("one",))
        self.examples: Examples = made
        self.everything = np.arange(len(made))
        self.task = registry.get("tasks", "text_classification")
        self.base = base


@pytest.fixture(scope="module")
def known(grouped, tmp_path_factory):
    base = load_base(str(languages.write(tmp_path_factory.mktemp("base") / "bert", "bert")[0]))
    found = look(grouped[0], {}, 0, lambda name: nullcontext())
    return Texts(("ants crawl", "bees hum", "wasps sting"), found.clustered.members, base), found


def test_groups_are_named_by_their_words_and_medoid(known):
    bench, found = known
    rows = _record.groups(bench, found, ("cluster 1", "cluster 2", "cluster 3"))
    assert [one.size for one in rows] == [70, 50, 30]
    assert {"ants", "crawl"} <= set(rows[0].words)
    assert {"wasps", "sting"} <= set(rows[2].words)
    for number, one in enumerate(rows):
        inside = np.flatnonzero(found.clustered.members == number)
        assert one.medoid == bench.examples.names[inside[found.distances[inside].argmin()]]
        assert 0 < one.silhouette <= 1


def test_what_is_odd_comes_farthest_first(known):
    bench, found = known
    rows = _record.lonely(bench, found)
    assert [one.apart for one in rows] == sorted((one.apart for one in rows), reverse=True)
    assert len(rows) == found.lonely.sum()


def test_what_is_between_comes_first(known):
    bench, found = known
    assert _record.between(bench, found)[0] == bench.examples.names[found.between.argmax()]
