"""Do two views of one example find each other?"""

from dataclasses import replace

import numpy as np
import pytest

from headstart import bench as benches
from headstart.bases.passes.frozen import FrozenPass
from headstart.cache import Cache
from headstart.exploration import _begin
from headstart.exploration._asked import Asked
from headstart.exploration.proof import found, proof, random_of, ranked, sampled, without_pretraining
from headstart.runtime import Runtime, Silent
from pictures import write_folder


@pytest.fixture
def bench(tmp_path, tiny_base):
    data = write_folder(tmp_path / "photos", per_class=8)
    begun = _begin.begin(Asked(data, base=(str(tiny_base),)), Silent())
    return _begin.benches(begun, FrozenPass(Cache(tmp_path / "cache"), Runtime()))[0]


def viewing(monkeypatch, features):
    """What a bench gives of views: `features(bench, view)`."""
    monkeypatch.setattr(benches.Bench, "viewed", lambda self, rows, view: features(self, view)[rows])


def test_a_base_to_which_views_are_alike_helps(bench, monkeypatch):
    own = np.random.default_rng(0).normal(size=(24, 8))
    good = bench.base.identity

    def features(asked, view):
        if asked.base.identity == good:
            return own
        return np.random.default_rng(view % 2**32).normal(size=(24, 8))

    viewing(monkeypatch, features)
    told = proof(bench, seed=0)
    assert told.call == "helps"
    assert told.shares[bench.base.name] == 1
    assert max(told.shares["random weights"], told.shares["raw_pixels"]) < 0.2
    assert told.interval.low < told.delta <= told.interval.high
    assert (told.examples, told.resamples) == (24, 6)


def test_a_base_that_plain_features_beat_hurts(bench, monkeypatch):
    own = np.random.default_rng(0).normal(size=(24, 8))

    def features(asked, view):
        if asked.base.card.name == "pixels":
            return own
        return np.random.default_rng(view % 2**32).normal(size=(24, 8))

    viewing(monkeypatch, features)
    told = proof(bench, seed=0)
    assert (told.call, told.reference) == ("hurts", "raw_pixels")


def test_a_base_that_sees_nothing_does_not_help(bench, monkeypatch):
    """All examples at one place: every one is everybody's nearest, and shares the 1."""
    viewing(monkeypatch, lambda asked, view: np.ones((24, 8)))
    some = sampled(bench)
    assert found(some, 0).mean() == pytest.approx(1 / 24)
    assert proof(bench, seed=0).call == "undecided"


def test_the_network_with_random_weights_is_the_same_network(bench):
    one, same, other = (random_of(bench, 0, turn) for turn in (0, 0, 1))
    assert one.base.architecture == bench.base.architecture
    assert len({one.base.identity, other.base.identity, bench.base.identity}) == 3
    assert one.base.identity == same.base.identity
    name = next(name for name, value in one.base.state.items() if value.ndim == 4)
    assert (one.base.state[name] == same.base.state[name]).all()
    assert not (one.base.state[name] == bench.base.state[name]).all()


def test_plain_features_are_those_of_a_dull_baseline(bench):
    name, plain = without_pretraining(bench)
    assert name == "raw_pixels"
    assert plain.summaries().shape == (24, 3 * 16 * 16)


def test_real_views_differ_and_are_repeatable(bench):
    some = sampled(bench)
    rows = some.everything
    one, same, other = (some.viewed(rows, view) for view in (1, 1, 2))
    assert np.array_equal(one, same)
    assert not np.allclose(one, other)
    assert found(some, 0, [0]).shape == (1, 24)


def test_few_examples_or_such_without_views_prove_nothing(bench, monkeypatch):
    fewer = benches.Bench(
        bench.task, bench.examples.only(np.arange(10)), np.arange(10), bench.base, bench.passes
    )
    assert sampled(fewer) is None
    assert proof(fewer, 0) is None
    inputs = type(bench.subject(bench.base.preprocess.size).inputs)
    plain = inputs.encoded
    monkeypatch.setattr(inputs, "encoded", lambda self, indices, view=None: plain(self, indices))
    assert proof(bench, 0) is None


def test_bases_are_ranked_by_what_they_find(bench, monkeypatch):
    own, better = np.random.default_rng(0).normal(size=(24, 8)), "the better one"
    other = bench.with_base(replace(bench.base, card=replace(bench.base.card, name=better, sha256="x")))

    def features(asked, view):
        same = asked.base.card.name == better
        return own if same else np.random.default_rng(view % 2**32).normal(size=(24, 8))

    viewing(monkeypatch, features)
    order = ranked([bench, other], 0)
    assert [one.base.card.name for one, _ in order] == [better, bench.base.card.name]
    assert order[0][1] == 1
