"""The base as it is."""

import numpy as np
import pytest
import torch

import serial
import sounds
from headstart import data, registry
from headstart.adaptation import Arm, final
from headstart.adaptation._costs import Costs, Counts, Way
from headstart.adaptation._fit import fit, outputs
from headstart.adaptation._plan import _own_passes
from headstart.adaptation._uses import able, require_fitting
from headstart.adaptation.base import Job, Recipe
from headstart.adaptation.training.speed import Speeds
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.errors import BaseError, SettingsError
from headstart.runtime import Runtime
from headstart.shipping import pack_final
from headstart.shipping.bundles.export import export
from headstart.shipping.bundles.predict import Predictor


def test_it_says_what_the_base_says_and_a_series_does_not_depend_on_the_others(tmp_path):
    task, strategy = registry.get("tasks", "forecasting"), registry.get("adaptation", "zero_shot")
    assert not strategy.stages(("top",), 3)
    found = {}
    for name, series in (("few", 4), ("more", 5)):
        splits = data.load(serial.long_table(series, 60), task)
        base = load_base(serial.write_base(tmp_path / name), "series")
        base = task.suited(base, splits.examples, splits.train)
        pool = np.concatenate([splits.train, splits.validation])
        bench = Bench(task, splits.examples, pool, base, FrozenPass(Cache(tmp_path / "cache"), Runtime()))
        job = Job("zero_shot", strategy, 0, Recipe(size=12), splits.train, splits.validation)
        fitted = fit(job, bench, tmp_path / name)
        assert not any(torch.any(value) for value in fitted.kept.values())
        rows = np.array([row for row in splits.test if splits.examples.names[row].startswith("s1 ")])
        with torch.no_grad():
            told = base.network()(bench.subject(12).inputs.batch(rows)).reshape(len(rows), 12, -1)[..., -5:]
        out = outputs(fitted, bench, rows)
        np.testing.assert_allclose(out.reshape(told.shape), told, atol=1e-5)
        found[name] = out[splits.examples.answers["origin"][rows].argmax()]
    np.testing.assert_allclose(found["few"], found["more"], atol=1e-6)


STRATEGY = registry.get("adaptation", "zero_shot")


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("speech")


@pytest.fixture(scope="module")
def bench(home):
    """Words on a tiny Whisper with its decoder."""
    task = registry.get("tasks", "speech_recognition")
    splits = data.load(sounds.write_words(home / "said", 18, most=2), task)
    pool = np.sort(np.concatenate([splits.train, splits.validation]))
    base = load_base(sounds.write_whisper(home / "whisper", writes=True), "sound")
    base = task.suited(base, splits.examples, pool.tolist())
    made = Bench(task, splits.examples, pool, base, FrozenPass(Cache(home / "cache"), Runtime()))
    made.splits = splits
    return made


def fitted(bench, folder):
    size = bench.base.preprocess.size
    job = Job("zero_shot", STRATEGY, 0, Recipe(size=size), bench.splits.train, bench.splits.validation)
    return fit(job, bench, folder)


def test_a_decoder_says_the_same_from_the_cache_without_one_and_as_a_bundle(bench, tmp_path):
    one, rows = fitted(bench, tmp_path), bench.pool[:8]  # others may be longer than what a bench takes
    assert one.kept == {}, "the decoder comes with the base"
    said = outputs(one, bench, rows)
    assert {word for text in said for word in text.split()} <= set(sounds.WORDS)
    assert any(said)
    assert outputs(one, bench, rows).tolist() == said.tolist()
    small = bench.for_pool(bench.pool)
    small.passes = FrozenPass(Cache(tmp_path / "small", budget=1), Runtime())
    assert outputs(one, small, rows).tolist() == said.tolist()

    made = final(Arm("zero_shot", (one,), (outputs(one, bench, bench.splits.validation),)), bench, tmp_path)
    run = type("Run", (), {"path": tmp_path})
    pack_final(bench, bench.splits, made, "zero_shot", (), "speech_recognition", run, 0.05)
    sources = [bench.examples.sources[row] for row in rows]
    told = list(Predictor(tmp_path / "bundle").predict(sources))
    assert [row["transcription"] for row in told] == said.tolist()
    with pytest.raises(SettingsError, match="word by word"):
        export(tmp_path / "bundle", sources[0].parent)
    again = load_base(str(tmp_path / "bundle"), "sound")
    assert again.decoder is None, "a bundle is a base without it"
    assert again.card.width == bench.base.card.width


def test_a_base_without_a_decoder_is_left_out_of_it_and_said_so(bench, tmp_path):
    without = load_base(sounds.write_base(tmp_path), "sound")
    names, why = able(("zero_shot", "frozen"), without)
    assert names == ["frozen"]
    assert "zero_shot is left out" in why[0]
    assert "has no decoder" in why[0]
    with pytest.raises(BaseError, match="no decoder"):
        able(("zero_shot",), without)
    assert able(("zero_shot", "frozen"), bench.base) == (["zero_shot", "frozen"], ())


def test_clips_have_no_answer_that_a_base_tells():
    with pytest.raises(SettingsError, match="no base tells its answers itself"):
        require_fitting(("zero_shot",), registry.get("tasks", "audio_classification"), "audio_classification")


def test_whole_windows_are_planned_for_and_left_out_where_time_is_short(bench):
    names, each = ("zero_shot", "frozen"), bench.base.preprocess.window / bench.base.preprocess.size
    found = _own_passes(bench, 10.0, names, work=1000.0)
    assert found == {"zero_shot": pytest.approx(10 * each), "frozen": 0.0}
    assert _own_passes(bench, 10.0, names, work=10.0) == {"frozen": 0.0}
    assert _own_passes(bench, 10.0, ("zero_shot",), work=10.0).keys() == {"zero_shot"}
    speeds = Speeds(1e-3, 1e-3, {}, {}, {})
    costs = Costs(speeds, Counts(20, 15, 12, 3, 4), ("input",), 80, 0.0, Way(), found)
    assert costs.arm("zero_shot", costs.usual(), 2) == pytest.approx(10 * each)
