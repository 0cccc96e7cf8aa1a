"""Turned pictures and what is asked of them agree."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch
from PIL import Image

from headstart.adaptation.training.feed import LiveFeed
from headstart.data.images.store import PixelStore
from headstart.preprocessing.image import ImagePreprocess
from headstart.pretraining import _watch
from headstart.pretraining.rotation import TURNS, Turns, plugin
from makings import make, sources
from pictures import picture, write_folder

PREPROCESS = ImagePreprocess(24, (0.5,) * 3, (0.5,) * 3)


@pytest.fixture
def live(tmp_path):
    files = sorted(write_folder(tmp_path / "few", per_class=1, size=(32, 32)).rglob("*.png"))
    return LiveFeed(PixelStore(files, PREPROCESS), 7, "cpu")


def test_a_batch_holds_each_picture_in_four_turns(live):
    feed, rows = plugin.feed(live), np.array([2, 0])
    turned, plain = feed.fetch(rows, 1, 3), live.fetch(rows, 1, 3)
    assert turned.shape == (TURNS * 2, 24, 24, 3)
    for turns in range(TURNS):
        for row in range(2):
            np.testing.assert_array_equal(turned[2 * turns + row], np.rot90(plain[row], turns))
    assert len({view.tobytes() for view in turned}) == 8
    assert not np.array_equal(turned, feed.fetch(rows, 1, 4)), "each step has views of its own"
    still = feed.still(rows)
    for turns in range(TURNS):
        torch.testing.assert_close(still[2 * turns : 2 * turns + 2], live.still(rows).rot90(turns, (2, 3)))


def test_the_label_of_each_row_of_the_batch_is_its_turn():
    rows = np.array([5, 9, 1])
    right = torch.full((12, 4), -50.0)
    for turns in range(TURNS):
        right[3 * turns : 3 * turns + 3, turns] = 50.0
    assert Turns().loss(right, rows).item() == pytest.approx(0)
    assert Turns().loss(right.roll(3, 0), rows).item() == pytest.approx(100)


def test_knowing_nothing_costs_the_logarithm_of_four():
    assert Turns().loss(torch.zeros(8, 4), np.array([0, 1])).item() == pytest.approx(math.log(4))


def test_the_head_tells_four_turns_whatever_the_data():
    assert plugin.head(sources([0, 1, 2] * 3), 7)(torch.zeros(5, 7)).shape == (5, TURNS)


def test_there_is_no_validation_to_ask_for():
    with pytest.raises(NotImplementedError):
        Turns().validation(torch.zeros(8, 4), np.array([0, 1]))


def test_it_learns_which_way_is_up(tmp_path, monkeypatch):
    """Pictures that are bright above and dark below: far better than chance after a few dozen steps."""
    monkeypatch.setattr(_watch, "COLLAPSED", 0.0)  # there is nothing else in them
    draws = np.random.default_rng(0)
    (tmp_path / "heap").mkdir()
    for number in range(8):
        pixels = np.asarray(picture(0, 1, draws, (32, 32))).copy()
        pixels[:16] //= 4
        np.clip(pixels[16:].astype(int) + 80, 0, 255, out=pixels[16:], casting="unsafe")
        Image.fromarray(pixels).save(tmp_path / "heap" / f"{number}.png")
    losses = make(tmp_path / "heap", tmp_path / "base", "rotation", epochs=14).record["losses"]["train"]
    assert losses[0] > 0.8
    assert losses[-1] < 0.5 * math.log(4)
