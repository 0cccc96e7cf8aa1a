"""Speeds are measured for everything that is planned with; sizes that a network cannot take are left out."""

from dataclasses import replace

import pytest
import torch

from headstart.adapt import _speed
from headstart.adapt._speed import measure
from headstart.bases._refined import JOINED
from headstart.runtime import Runtime
from headstart.tasks._bench import Bench


def test_everything_that_is_asked_for_is_measured(home, base):
    cuts = base.card.stages[-2:]
    found = measure(home.bench, cuts, [32, 16])
    assert found.forward > 0
    assert found.view > 0
    assert found.above.keys() == {*cuts, JOINED}
    assert found.whole.keys() == {32, 16}
    assert min(*found.above.values(), *found.whole.values()) > 0
    assert found.above[cuts[1]] < found.whole[32]


def test_a_size_that_the_network_cannot_take_is_left_out(home, base):
    def build(size):
        if size == 16:
            raise AssertionError("only 32 pixels")
        return base.build(size)

    bench = home.bench
    stiff = replace(base, build=build)
    found = measure(Bench(bench.task, bench.examples, bench.pool, stiff, bench.passes), (), [32, 16])
    assert found.whole.keys() == {32}


def test_the_base_is_not_changed(home, base):
    before = {name: tensor.clone() for name, tensor in base.state.items()}
    measure(home.bench, base.card.stages[-1:], [32])
    assert all((base.state[name] == tensor).all() for name, tensor in before.items())


@pytest.mark.parametrize(
    ("took", "most", "seconds"),
    [((9.0, 0.5, 0.2), None, 0.2), ((9.0, 2.0), None, 2.0), ((9.0,), 5.0, 9.0), ((4.0, 0.5, 0.4), 5.0, 0.4)],
)
def test_the_quickest_run_after_a_warm_up_counts(monkeypatch, took, most, seconds):
    times = iter([reading for one in took for reading in (0.0, one)])
    monkeypatch.setattr(_speed.time, "perf_counter", lambda: next(times))
    assert _speed._seconds(lambda: None, most) == pytest.approx(seconds)
    assert next(times, None) is None, "so many runs, and no more"


@pytest.mark.parametrize(
    ("together", "alone", "threads"), [(1.0, 1.05, 1), (1.0, 0.5, 1), (1.0, 1.2, 4), (None, None, 1)]
)
def test_threads_are_used_only_where_they_are_faster(home, monkeypatch, together, alone, threads):
    used = []

    def timed(bench, size):
        used.append(torch.get_num_threads())
        return alone if len(used) == 2 else together

    monkeypatch.setattr(_speed, "_whole", timed)
    before = torch.get_num_threads()
    assert _speed.best_threads(home.with_runtime(Runtime(threads=4)), 32) == threads
    assert used == [before, 1]
    assert torch.get_num_threads() == before
    assert _speed.best_threads(home.with_runtime(Runtime(threads=1)), 32) == 1
