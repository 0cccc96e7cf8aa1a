"""The spectrogram is that of Whisper's own front end, as another library computes it."""

import numpy as np
import pytest
import torch
from transformers import WhisperFeatureExtractor

import sounds
from headstart.data.sound.mels import filters, log_mel


@pytest.mark.parametrize("bands", [80, 128])
def test_it_is_that_of_transformers(bands):
    draws = np.random.default_rng(0)
    samples = (sounds.tone(300, 30.0, to=3000) + draws.normal(0, 0.01, 480_000)).astype(np.float32)
    library = WhisperFeatureExtractor(feature_size=bands)
    expected = library(samples, sampling_rate=16_000, return_tensors="np").input_features[0]
    found = log_mel(torch.from_numpy(samples), bands)
    assert found.shape == (bands, 3000)
    np.testing.assert_allclose(found.numpy(), expected, atol=1e-4)
    np.testing.assert_allclose(filters(bands).T.numpy(), library.mel_filters, atol=1e-5)


@pytest.mark.parametrize(("samples", "frames"), [(1, 4), (640, 4), (641, 6), (16_000, 100)])
def test_a_recording_is_as_long_as_it_is_in_whole_steps(samples, frames):
    found = log_mel(torch.from_numpy(sounds.tone(440, samples / 16_000)))
    assert found.shape == (80, frames)
    assert found.dtype == torch.float32
    assert (found != 0).any(0).all()


def test_a_tone_is_loud_in_its_own_band_and_nothing_is_below_the_span():
    found = log_mel(torch.from_numpy(sounds.tone(1000, 0.5))).mean(1)
    centres = (filters() * torch.linspace(0, 8000, 201)).sum(1) / filters().sum(1)
    assert abs(float(centres[found.argmax()]) - 1000) < 60
    assert float(found.max() - found.min()) <= 2
