"""Columns of samples: all of a recording, never 0 before its end, always 0 after it."""

import numpy as np
import pytest
import torch
from transformers import Wav2Vec2FeatureExtractor

import sounds
from headstart.data.sound.fronts import FRONTS, columns
from headstart.data.sound.mels import log_mel
from headstart.data.sound.store import CELLS, MelStore
from headstart.data.sound.views import QUIET
from headstart.preprocessing.sound import HOP, SAMPLES, STEP, UNIT_SAMPLES, SoundPreprocess

PLAIN, UNIT = (SoundPreprocess(40, 60, HOP, front) for front in (SAMPLES, UNIT_SAMPLES))
TONE = torch.from_numpy(sounds.tone(300, 0.1203)).float()


def flat(frames):
    return frames.T.flatten()


def test_samples_stand_one_after_the_other_and_end_with_zeros():
    found = columns(TONE, PLAIN)
    assert found.shape == (HOP, 14)
    samples = flat(found)
    torch.testing.assert_close(samples[: len(TONE)], TONE, atol=QUIET, rtol=0)
    assert (samples[: len(TONE)] != 0).all()
    assert (samples[len(TONE) :] == 0).all()


def test_unit_samples_are_those_of_the_library():
    expected = Wav2Vec2FeatureExtractor()(TONE.numpy(), sampling_rate=16_000)["input_values"][0]
    found = flat(columns(TONE + 0.2, UNIT))[: len(TONE)]  # what is added to all of them is taken away again
    np.testing.assert_allclose(found, expected, atol=1e-4)


def test_silence_is_still_a_recording():
    for how in (PLAIN, UNIT):
        found = columns(torch.zeros(700), how).half()
        assert (flat(found)[:700] != 0).all()
        assert found.abs().max() < 1e-5
        assert columns(torch.zeros(1), how).shape == (HOP, STEP)


def test_levels_of_bands_are_what_they_were():
    torch.testing.assert_close(columns(TONE, SoundPreprocess(bands=40)), log_mel(TONE, 40))
    assert FRONTS.keys() == {"mel", SAMPLES, UNIT_SAMPLES}


@pytest.mark.parametrize("how", [PLAIN, UNIT, SoundPreprocess()])
def test_around_a_recording_there_is_silence_and_no_click(how):
    found = columns(TONE + 0.3, how.within(6))
    assert found.shape[1] == columns(TONE, how).shape[1] + 12
    loud = found.double().std(0) if how.front == "mel" else found.double().std(0) > 0.01
    assert len(loud[:5].unique()) == 1  # one level throughout, where a click would be in all bands
    assert loud[6:17].min() > loud[:5].max()


@pytest.fixture
def sources():
    quiet = sounds.tone(300, 0.2)
    quiet[800:2400] = 0
    return [sounds.wav(quiet), sounds.wav(sounds.tone(900, 0.3))]


@pytest.mark.parametrize("how", [PLAIN, UNIT])
def test_a_store_keeps_samples_and_silence_in_the_middle_is_no_end(sources, how):
    store = MelStore(sources, how)
    for view in (None, 1, 2, 3):
        found = store.encoded(np.arange(2), view)
        assert found.shape == (2, HOP, 30)
        assert (found[0, :, :20] != 0).all()
        assert (found[0, :, 20:] == 0).all()
        assert (found[1] != 0).all()


def test_copies_are_told_by_their_levels(sources):
    found = MelStore(sources, UNIT).impressions(np.arange(2))
    assert found.shape == (2, 80 * CELLS)
    np.testing.assert_array_equal(found, MelStore(sources, UNIT.in_bands()).impressions(np.arange(2)))
