"""The bench gives the passes of its base over all examples, and knows which may be trained on."""

import numpy as np
import torch

import benches
from headstart import bench as bench_module
from headstart.bases.base import FEATURES
from headstart.tasks.baselines import base as baselines

base, home = benches.base, benches.home


def test_features_are_the_networks_own(home, base):
    bench = home.bench
    batch = bench.subject(base.preprocess.size).inputs.batch(bench.everything)
    with torch.no_grad():
        expected = base.network()(batch).numpy()
    np.testing.assert_allclose(bench.features(), expected, atol=1e-5)
    assert bench.features().shape == (len(bench.examples), base.card.width)


def test_further_boundaries_come_from_the_same_pass(home, base, monkeypatch):
    stage = base.card.stages[-1]
    home.bench.features([stage])
    files = len(list(home.bench.passes.cache.folder.glob("*.rows")))
    kept = home.bench.activations(base.network(), base.identity, [FEATURES, stage])
    assert list(kept) == [FEATURES, stage]
    assert len(list(home.bench.passes.cache.folder.glob("*.rows"))) == files


def test_raw_features_know_nothing_of_the_base(home):
    bench = home.bench
    dull = baselines.get("raw_pixels").fit(bench, bench.pool)
    batch = bench.subject(bench.base.preprocess.size).inputs.batch(bench.everything)
    with torch.no_grad():
        expected = dull.shippable().backbone(batch).numpy()
    np.testing.assert_allclose(dull.features, expected, atol=1e-5)


def test_the_pool_is_sorted_and_holds_no_test_row(home):
    bench, splits = home.bench, home.splits
    assert not np.intersect1d(bench.pool, splits.test).size
    assert (np.diff(bench.pool) > 0).all()
    other = bench.for_pool(np.array([3, 1]))
    assert other.pool.tolist() == [1, 3]
    assert (bench.pool.size, other.base) == (len(splits.train) + len(splits.validation), bench.base)


def test_pictures_are_opened_once_for_each_size(home):
    bench = home.bench
    assert bench.subject(32) is bench.subject(32)
    assert bench.subject(24).inputs.batch(np.arange(2)).shape == (2, 3, 24, 24)
    assert bench.subject(24).preprocess.size == 24


def test_rows_and_views_can_be_chosen(home, base):
    rows = np.array([5, 0])
    network = base.network()
    some = home.bench.activations(network, base.identity, [FEATURES], rows)[FEATURES]
    viewed = home.bench.activations(network, base.identity, [FEATURES], rows, view=1)[FEATURES]
    np.testing.assert_allclose(some.read(rows), home.bench.features()[rows], atol=1e-5)
    np.testing.assert_array_equal(home.bench.features(rows=rows), some.read(rows))
    assert (viewed.read(rows) != some.read(rows)).any()


def test_strong_views_are_others_than_usual_ones(home, base):
    bench, rows = home.bench, np.array([5, 0])
    strong = bench.viewed(rows, view=1_000_003)
    usual = bench.activations(base.network(), base.identity, [FEATURES], rows, view=1_000_004)[FEATURES]
    assert strong.shape == (2, base.card.width)
    np.testing.assert_array_equal(strong, bench.viewed(rows, view=1_000_003))
    assert not np.allclose(strong, usual.read(rows), atol=1e-4)


def test_plain_features_of_a_baseline_are_those_it_learns_from(home):
    plain = baselines.get("raw_pixels").plain(home.bench)
    fitted = baselines.get("raw_pixels").fit(home.bench, home.bench.pool)
    np.testing.assert_allclose(plain.summaries(), fitted.features, atol=1e-6)


def test_maps_are_summed_up_some_examples_at_a_time(home, monkeypatch):
    monkeypatch.setattr(bench_module, "shapes_of", lambda network: ((3, 1, 1),))
    monkeypatch.setattr(bench_module, "pooled", lambda part, shapes: part[:, :3])
    monkeypatch.setattr(bench_module, "SOME", 4)
    assert len(home.bench.everything) > 8
    np.testing.assert_array_equal(home.bench.summaries(), home.bench.features()[:, :3])
