"""Speeds are measured for everything that is planned with; sizes that a network cannot take are left out."""

from dataclasses import replace

import pytest
import torch

from headstart.adaptation import strategy_named
from headstart.adaptation.training import speed
from headstart.adaptation.training.speed import measure
from headstart.bases.networks.refined import JOINED
from headstart.bench import Bench
from headstart.runtime import Clock, Runtime


def test_everything_that_is_asked_for_is_measured(home, base):
    cuts = base.card.stages[-2:]
    found = measure(
        home.bench, cuts, [32, 16], strategies=[strategy_named("frozen"), strategy_named("refine")]
    )
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


def test_what_runs_a_pass_is_paid_as_it_took_to_make(home, base):
    made = measure(home.bench, (), [32])
    choice = home.bench.passes.choices[base.identity]
    assert made.engine == choice.ready > 0
    home.bench.passes.choices[base.identity] = replace(choice, ready=4.5)
    assert measure(home.bench, (), [32]).engine == 4.5
    home.bench.passes.choices[base.identity] = choice


def test_the_base_is_not_changed(home, base):
    before = {name: tensor.clone() for name, tensor in base.state.items()}
    measure(home.bench, base.card.stages[-1:], [32])
    assert all((base.state[name] == tensor).all() for name, tensor in before.items())


@pytest.mark.parametrize(
    ("took", "most", "seconds"),
    [((2.0, 0.2, 0.1), 3.0, 0.1), ((2.0, 0.5), 3.0, 0.5), ((9.0,), 5.0, 9.0), ((4.0, 0.2, 0.1), 5.0, 0.1)],
)
def test_the_quickest_run_after_a_warm_up_counts(monkeypatch, took, most, seconds):
    times = iter([reading for one in took for reading in (0.0, one)])
    monkeypatch.setattr(speed.time, "perf_counter", lambda: next(times))
    assert speed._seconds(lambda: None, most) == pytest.approx(seconds)
    assert next(times, None) is None, "so many runs, and no more"


@pytest.mark.parametrize(
    ("together", "alone", "threads"),
    [(1.0, 1.05, 1), (1.0, 0.8, 1), (1.0, 0.5, 1), (1.0, 1.2, 4), (None, None, 1)],
)
def test_threads_are_used_only_where_they_are_faster(home, monkeypatch, together, alone, threads):
    used = []

    def timed(bench, size, most=None):
        used.append(torch.get_num_threads())
        return alone if len(used) == 1 else together

    monkeypatch.setattr(speed, "_busy", lambda threads: False)
    monkeypatch.setattr(speed, "_whole", timed)
    before = torch.get_num_threads()
    assert speed.best_threads(home.with_runtime(Runtime(threads=4)), 32) == threads
    assert used == [1, before]
    assert torch.get_num_threads() == before
    assert speed.best_threads(home.with_runtime(Runtime(threads=1)), 32) == 1


@pytest.mark.parametrize(("minutes", "threads"), [(1.0, 4), (0.5, 1)])
def test_more_threads_are_tried_where_that_is_a_small_part_of_the_time(home, monkeypatch, minutes, threads):
    steps = iter([1.0, 0.5])
    monkeypatch.setattr(speed, "_busy", lambda threads: False)
    monkeypatch.setattr(speed, "_whole", lambda *_: next(steps))
    bench = home.with_runtime(Runtime(threads=4, clock=Clock(minutes)))
    assert speed.best_threads(bench, 32) == threads


@pytest.mark.parametrize(("waiting", "threads"), [(5.0, 1), (0.6, 4)])
def test_threads_that_wait_for_each_other_are_not_tried_on_the_network(home, monkeypatch, waiting, threads):
    seconds = iter([1.0, waiting])
    monkeypatch.setattr(speed, "_seconds", lambda work: next(seconds))
    steps = iter([1.0, 0.5])
    monkeypatch.setattr(speed, "_whole", lambda *_: next(steps))
    assert speed.best_threads(home.with_runtime(Runtime(threads=4)), 32) == threads


def test_where_time_is_short_the_largest_and_the_smallest_size_are_measured(home):
    class Late:
        """No time is left after the first question."""

        def __init__(self):
            self.asked = 0

        def elapsed(self):
            self.asked += 1
            return 0.0 if self.asked == 1 else 1e6

        def left(self):
            return 60.0

    late = home.with_runtime(Runtime(clock=Late()))
    assert measure(late, (), [32, 24, 20, 16]).whole.keys() == {32, 16}


@pytest.fixture
def halves(home, monkeypatch):
    """`halves(network, plain, half)`: is a network that takes so many seconds a step quicker in half?"""
    monkeypatch.setattr(speed, "worth_a_try", lambda runtime: True)

    def go(network=None, plain=1.0, half=0.5, minutes=None):
        seconds = lambda *_: half if torch.is_autocast_enabled("cpu") else plain  # noqa: E731
        bench = home.with_runtime(Runtime(clock=Clock(minutes)))
        if network is not None:
            bench = bench.with_base(replace(bench.base, build=network))
        with monkeypatch.context() as patch:
            patch.setattr(speed, "_seconds", lambda work, most=None: (work(), seconds())[1])
            return speed.quicker_in_half(bench, 32)

    return go


def test_half_precision_has_to_be_clearly_quicker(halves):
    assert halves()
    assert not halves(half=0.9)
    assert not halves(half=1.5)
    assert halves(minutes=2.0)
    assert not halves(minutes=1.0), "to find out would take more than it could save"


class Picky(torch.nn.Module):
    """Pictures to a row of features; with `odd(features)` under half precision or so many threads."""

    def __init__(self, odd, threads=None):
        super().__init__()
        self.layer, self.odd, self.threads = torch.nn.Conv2d(3, 4, 3), odd, threads

    def forward(self, inputs):
        features = self.layer(inputs).mean((2, 3))
        half = torch.is_autocast_enabled("cpu")
        return self.odd(features) if half or torch.get_num_threads() == self.threads else features


def failing(features):
    raise RuntimeError("could not create a primitive descriptor for the LSTM forward propagation primitive")


@pytest.mark.parametrize("odd", [failing, lambda rows: rows * torch.nan, lambda rows: rows * 3])
def test_half_precision_that_fails_or_gives_other_numbers_is_not_taken(halves, odd):
    assert halves(lambda size: Picky(lambda rows: rows))
    assert not halves(lambda size: Picky(odd))


def test_half_precision_is_not_tried_without_instructions(home, monkeypatch):
    monkeypatch.setattr("headstart.adaptation.training.half.has_bfloat16", lambda: False)
    monkeypatch.setattr(speed, "_whole", lambda *_: pytest.fail("nothing has to be measured"))
    assert not speed.quicker_in_half(home.bench, 32)


def test_a_part_that_fails_in_half_precision_is_trained_in_full(home, base, monkeypatch, tmp_path):
    def above(parts, batch):
        if torch.is_autocast_enabled("cpu"):
            raise NotImplementedError("this layer")
        return 1.0

    monkeypatch.setattr(speed, "_above", above)
    speeds, half = speed.measure_safely(home.bench, base.card.stages[-1:], [32], True)
    assert not half
    assert speeds.whole.keys() == {32}


def test_a_part_that_takes_half_precision_is_trained_in_it(home, base):
    assert speed.measure_safely(home.bench, base.card.stages[-1:], [32], True)[1]
    assert not speed.measure_safely(home.bench, base.card.stages[-1:], [32], False)[1]


@pytest.mark.parametrize("fails_with", [1, 2])
def test_threads_with_which_a_network_fails_are_not_chosen(home, fails_with, monkeypatch):
    monkeypatch.setattr(speed, "_busy", lambda threads: False)
    bench = home.with_runtime(Runtime(threads=2))
    bench = bench.with_base(replace(bench.base, build=lambda size: Picky(failing, fails_with)))
    torch.set_num_threads(2)
    assert speed.best_threads(bench, 32) == (1 if fails_with == 2 else 2)


def test_why_the_base_cannot_be_trained_at_its_own_size_is_said(home, monkeypatch):
    monkeypatch.setattr(speed, "_built", lambda *_: failing(None))
    with pytest.raises(RuntimeError, match="LSTM forward"):
        measure(home.bench, (), [32])
