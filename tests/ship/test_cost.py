"""Latency and memory are those of a bundle that predicts."""

import pytest

from headstart.errors import RunError
from headstart.ship import cost
from headstart.ship.predict import Predictor

TASK = "image_classification"


def test_latency_is_the_median_of_single_predictions(home, monkeypatch):
    asked = []
    monkeypatch.setattr(Predictor, "outputs", lambda self, sources: asked.append(sources))
    ticks = (tick for run in range(cost.RUNS + 1) for tick in (0.0, run * 1e-3))
    monkeypatch.setattr(cost.time, "perf_counter", lambda: next(ticks))
    assert cost.latency(home.bench, TASK) == pytest.approx(5.0), "of 1 to 9 ms; the first run is not counted"
    assert [len(sources) for sources in asked] == [1] * (cost.RUNS + 1)
    assert len({sources[0] for sources in asked}) == cost.EXAMPLES


def test_memory_is_the_peak_of_a_process(home):
    ballast = bytearray(3_000_000_000)  # ours; whoever asks the system for a child's peak gets it too
    ballast[::4096] = b"1" * len(ballast[::4096])
    assert 100 < cost.memory(home.bench, TASK) < 2500
    del ballast


def test_a_process_that_fails_is_said(home, monkeypatch, tmp_path):
    monkeypatch.setattr(cost, "_bundle", lambda *_: tmp_path / "none")
    with pytest.raises(RunError, match="cannot be measured"):
        cost.memory(home.bench, TASK)
