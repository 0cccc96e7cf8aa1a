"""Passes are shared out by base and in parts, and leave in the cache what one pass would."""

import numpy as np
import pytest

from clusters import aside
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.ranking import _framing, _passes, choose
from headstart.runtime import Runtime

__all__ = ["aside"]


@pytest.fixture
def empty(home, base, tmp_path):
    """`empty(name)`: the bench with an empty cache of that name."""

    def make(name):
        bench, passes = home.bench, FrozenPass(Cache(tmp_path / name), Runtime())
        return Bench(bench.task, bench.examples, bench.pool, base, passes)

    return make


def test_bases_are_passed_one_job_each(empty, aside):
    benches = [empty("a"), empty("b")]
    _passes.scatter(benches, [(), ()])
    assert aside.done == [("_first", ()), ("_first", ())]
    for bench in benches:
        assert len(_passes.parts(_passes.framed(bench, ()), ())) == 0


def test_a_large_set_is_passed_in_parts_to_the_same_bits(empty, aside, base, monkeypatch):
    monkeypatch.setattr(_passes, "PART", 8)
    monkeypatch.setattr(_framing, "FRAMING_EXAMPLES", 2)
    bench, plain, stage = empty("parts"), empty("plain"), base.card.stages[-1]
    _passes.scatter([bench], [(stage,)])
    assert [name for name, _ in aside.done] == ["_part"] * 2, "18 examples, two of which told the framing"
    rows = np.concatenate([rows for _, (_, rows) in aside.done])
    assert sorted([*rows, *bench.pool[:2]]) == list(range(18))
    aside.done.clear()
    better, own = _passes.framed(bench, (stage,)), _passes.framed(plain, ())
    assert _passes.parts(better, (stage,)) == []
    np.testing.assert_array_equal(better.features([stage]), own.features([stage]))
    network, identity = base.network(), base.identity
    kept = [one.activations(network, identity, [stage])[stage].mapped() for one in (better, own)]
    np.testing.assert_array_equal(*kept)


def test_of_several_large_ones_the_first_parts_go_first(empty, aside, base, monkeypatch):
    monkeypatch.setattr(_passes, "PART", 8)
    monkeypatch.setattr(_framing, "FRAMING_EXAMPLES", 2)
    stages = base.card.stages[-1:]
    _passes.scatter([empty("a"), empty("b")], [stages, stages])
    assert [name for name, _ in aside.done] == ["_first"] * 2 + ["_part"] * 2, (
        "2 and 8 of 18, then the others"
    )


def test_a_choice_sends_passes_and_rounds_and_is_the_one_that_is_made_here(empty, aside):
    there = choose([empty("a"), empty("b")], {}, {})
    names = [name for name, _ in aside.done]
    assert names == ["_first"] * 2 + ["_look_in_time"] * 2 + ["_timed"] * 2
    assert there.bench.features().any()
    assert [runner.so_far.mean() for runner in there.runners] == [there.runners[0].so_far.mean()] * 2


def test_a_look_that_comes_too_late_is_left_out(empty, monkeypatch):
    from headstart import ranking

    monkeypatch.setattr(ranking, "_late", lambda clock: True)
    monkeypatch.setattr(ranking, "_look", lambda *_: pytest.fail("looked at"))
    ranking._look_in_time(empty("a"), True)
