"""A head on how loud each band is tells tones apart."""

import numpy as np
import pytest

import sounds
from headstart import data, registry
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.tasks.baselines import base as baselines


@pytest.fixture
def bench_of(tmp_path):
    def made(folder, write=sounds.write_base):
        task = registry.get("tasks", "audio_classification")
        splits = data.load(folder, task)
        base = load_base(write(tmp_path / "base"), "sound")
        base = task.suited(base, splits.examples, range(len(splits.examples)))
        pool = np.concatenate([splits.train, splits.validation])
        return Bench(task, splits.examples, pool, base, FrozenPass(Cache(tmp_path / "c"), Runtime())), splits

    return made


def accuracy(bench, splits):
    dull = baselines.get("band_levels").fit(bench, splits.train)
    said = dull.outputs(splits.test).argmax(1)
    return (said == bench.examples.answers[splits.test]).mean()


def test_it_tells_tones_apart(bench_of, tmp_path):
    assert accuracy(*bench_of(sounds.write_folder(tmp_path / "clips", per_class=12))) > 0.8


def test_levels_are_of_bands_where_a_base_takes_samples(bench_of, tmp_path):
    clips = sounds.write_folder(tmp_path / "clips", per_class=4)
    bench, splits = bench_of(clips, sounds.write_wave)
    dull, plain = (baselines.get("band_levels").fit(one, splits.train) for one in (bench, bench_of(clips)[0]))
    np.testing.assert_array_equal(dull.features, plain.features)
    assert dull.shippable().preprocess == bench.base.preprocess.in_bands()
    assert baselines.get("band_levels").plain(bench).base.preprocess.front == "mel"
