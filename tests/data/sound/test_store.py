"""Recordings are computed once, read many times, and end where they end."""

import numpy as np
import pytest
import torch

import sounds
from headstart.cache import Cache
from headstart.data.sound import store as stores
from headstart.data.sound.store import CELLS, MelStore, fitted, levels
from headstart.errors import DataError
from headstart.preprocessing.sound import SoundPreprocess

LENGTHS = (0.1, 0.3, 0.2)
HOW = SoundPreprocess(40)


@pytest.fixture
def sources():
    return [sounds.wav(sounds.tone(300 * (1 + number), seconds)) for number, seconds in enumerate(LENGTHS)]


def test_a_batch_is_as_long_as_its_longest_and_0_after_each_end(sources):
    store = MelStore(sources, HOW)
    batch = store.batch(np.array([0, 1]))
    assert batch.shape == (2, 80, 30)
    assert batch.dtype == torch.float32
    assert (batch[0, :, 10:] == 0).all()
    assert (batch[0, :, :10] != 0).any(0).all()
    assert store.batch(np.array([0])).shape == (1, 80, 10)
    assert store.ordered(np.arange(3)).tolist() == [1, 2, 0]


def test_what_is_longer_than_an_input_is_cut_in_the_cache_alone(sources, tmp_path):
    how = SoundPreprocess(20, 40)
    assert MelStore(sources, how, Cache(tmp_path)).batch(np.array([1])).shape == (1, 80, 20)
    assert MelStore(sources, how).batch(np.array([1])).shape == (1, 80, 30)
    assert levels(sources[1], HOW.at(20)).shape == (80, 20)
    assert (levels(sources[1], HOW.at(20)) != 0).any(0).all()


def test_the_cache_spares_the_work_and_gives_the_same(sources, tmp_path, monkeypatch):
    first = MelStore(sources, HOW, Cache(tmp_path)).batch(np.arange(3))
    monkeypatch.setattr(stores, "levels", lambda *_: pytest.fail("computed again"))
    assert torch.equal(MelStore(sources, HOW, Cache(tmp_path)).batch(np.arange(3)), first)
    with pytest.raises(pytest.fail.Exception):
        MelStore(sources, HOW.at(38), Cache(tmp_path)).batch(np.arange(3))


def test_views_end_where_the_recording_ends_and_depend_on_it_alone(sources):
    store = MelStore(sources, HOW)
    together, alone = store.encoded(np.arange(3), 7), store.encoded(np.array([2]), 7)
    np.testing.assert_array_equal(together[2, :, :20], alone[0])
    assert (together[0, :, 10:] == 0).all()
    assert (together != store.encoded(np.arange(3))).any()
    assert (store.distorted().encoded(np.arange(3), 7) != together).any()


def test_impressions_are_of_one_length(sources):
    assert MelStore(sources, HOW).impressions(np.arange(3)).shape == (3, 80 * CELLS)


def test_an_input_is_as_long_as_the_longest_in_halves_of_a_second(sources):
    assert fitted(SoundPreprocess(), sources).size == 50
    assert fitted(SoundPreprocess(), [sounds.wav(sounds.tone(seconds=2.1))]).size == 250
    assert fitted(SoundPreprocess(margin=30), [sounds.wav(sounds.tone(seconds=2.1))]).size == 300
    assert fitted(SoundPreprocess(100, 100), [sounds.wav(sounds.tone(seconds=2.0))]).size == 100


def test_a_source_that_went_away_says_which(tmp_path):
    with pytest.raises(DataError, match=r"gone\.wav: no such file"):
        MelStore([tmp_path / "gone.wav"], HOW).encoded(np.array([0]))
