"""Places on a map, and how good it is."""

import importlib.util

import numpy as np
import pytest

from headstart.errors import MissingExtra
from headstart.exploration import maps


def test_the_map_keeps_groups_together_and_is_repeatable(rows, grouped):
    one, other = (maps.drawn(rows, "tsne", seed=1) for _ in range(2))
    assert np.array_equal(one.places, other.places)
    assert np.abs(one.places).max() == pytest.approx(1)
    _, near = maps.nearest(one.places, one.places, 2)
    assert (grouped[1][near[:, 1]] == grouped[1]).mean() > 0.95
    quality = maps.quality(rows, one.places)
    assert quality.trustworthiness > 0.8
    assert 0.2 < quality.kept <= 1


def test_a_map_that_is_drawn_by_lot_keeps_nothing(rows):
    lot = np.random.default_rng(0).normal(size=(len(rows), 2)).astype(np.float32)
    quality = maps.quality(rows, lot)
    assert quality.trustworthiness < 0.65
    assert quality.kept < 0.2


def test_a_map_that_is_the_rows_themselves_keeps_everything():
    rows = np.random.default_rng(0).normal(size=(60, 2)).astype(np.float32)
    quality = maps.quality(rows, rows)
    assert (quality.trustworthiness, quality.continuity, quality.kept) == (1, 1, 1)
    assert quality.measured == 60


def test_few_or_equal_rows_are_shown_by_components(rows):
    assert maps.drawn(rows[:6], "auto", 0).method == "pca"
    assert maps.drawn(np.ones((40, 3), np.float32), "auto", 0).method == "pca"
    assert maps.quality(rows[:6], rows[:6, :2]) is None
    assert maps.drawn(rows[:5, :1], "auto", 0).places.shape == (5, 2)


def test_many_rows_are_placed_among_some(rows, monkeypatch):
    monkeypatch.setattr(maps, "ARRANGED", 80)
    drawn = maps.drawn(rows, "tsne", 0)
    assert drawn.arranged == 80
    assert maps.quality(rows, drawn.places).trustworthiness > 0.75


def test_a_landmark_is_at_its_own_place(rows):
    marks = np.arange(0, 150, 2)
    places = np.random.default_rng(0).normal(size=(75, 2)).astype(np.float32)
    found = maps.placed(rows, rows[marks], places)
    assert np.allclose(found[marks], places, atol=1e-5)


def test_umap_is_asked_for_before_anything_is_computed(monkeypatch):
    monkeypatch.setattr(maps, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="umap-learn") as error:
        maps.require("umap")
    assert "headstart[explore]" in error.value.hint
    maps.require("tsne")


@pytest.mark.skipif(importlib.util.find_spec("umap") is None, reason="umap-learn is not installed")
def test_umap_draws(rows):
    assert maps.drawn(rows, "umap", 0).method == "umap"
