"""Latency and memory are those of a bundle that predicts."""

from types import SimpleNamespace

import pytest
import torch

import sounds
from headstart import shipping
from headstart.errors import RunError
from headstart.records import Speed
from headstart.shipping.bundles import cost
from headstart.shipping.bundles.predict import Predictor
from headstart.tasks.modalities.sound import Recordings

TASK = "image_classification"


def test_latency_is_the_median_of_single_predictions(home, monkeypatch):
    asked = []
    monkeypatch.setattr(Predictor, "outputs", lambda self, sources: asked.append(sources))
    ticks = (tick for run in range(cost.RUNS + 1) for tick in (0.0, run * 1e-3))
    monkeypatch.setattr(cost.time, "perf_counter", lambda: next(ticks))
    assert cost.latency(home.bench, TASK) == pytest.approx(5.0), "of 1 to 9 ms; the first run is not counted"
    assert [len(sources) for sources in asked] == [1] * (cost.RUNS + 1)
    assert len({sources[0] for sources in asked}) == cost.EXAMPLES


@pytest.mark.slow
def test_memory_is_the_peak_of_a_process(home):
    ballast = bytearray(3_000_000_000)  # ours; whoever asks the system for a child's peak gets it too
    ballast[::4096] = b"1" * len(ballast[::4096])
    assert 100 < cost.memory(home.bench, TASK) < 2500
    del ballast


def test_a_process_that_fails_is_said(home, monkeypatch, tmp_path):
    monkeypatch.setattr(cost, "_bundle", lambda *_: tmp_path / "none")
    with pytest.raises(RunError, match="cannot be measured"):
        cost.memory(home.bench, TASK)


def test_speed_is_the_median_of_whole_predictions_of_single_pictures(home, monkeypatch, tmp_path):
    predictor = Predictor(cost._bundle(home.bench, TASK, tmp_path))
    asked = []
    answered = Predictor._answered
    monkeypatch.setattr(Predictor, "_answered", lambda self, given: asked.append(1) or answered(self, given))
    ticks = (tick for run in range(cost.RUNS + 1) for tick in (0.0, run * 1e-2))
    monkeypatch.setattr(cost.time, "perf_counter", lambda: next(ticks))
    found = cost.speed(predictor, home.bench.examples.sources[:2])
    size, threads = home.bench.base.preprocess.size, torch.get_num_threads()
    assert found == Speed(50.0, 20.0, size, threads)
    assert len(asked) == cost.RUNS + 1


def test_texts_have_no_speed(home):
    texts = SimpleNamespace(task=SimpleNamespace(modality=SimpleNamespace(timed=False)))
    assert shipping.speed_of(None, texts) is None


def test_the_real_time_factor_is_computing_over_sound(home, monkeypatch, tmp_path):
    predictor = Predictor(cost._bundle(home.bench, TASK, tmp_path))
    ticks = (tick for _ in range(cost.RUNS + 1) for tick in (0.0, 0.5))
    monkeypatch.setattr(cost.time, "perf_counter", lambda: next(ticks))
    found = cost.speed(predictor, home.bench.examples.sources[:3], [1.0, 2.0, 3.0])
    assert found.real_time_factor == 0.25, "4.5 s for 9 recordings of 18 s"


def test_recordings_say_how_long_they_are():
    sources = [sounds.wav(sounds.tone(seconds=seconds)) for seconds in (0.3, 1.5)]
    assert Recordings().seconds(sources) == pytest.approx([0.3, 1.5])
    assert Recordings.timed
