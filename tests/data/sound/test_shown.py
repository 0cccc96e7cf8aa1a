"""A report shows the spectrogram: low tones are dark below, high ones above."""

import base64
import io

import numpy as np
from PIL import Image

import sounds
from headstart.data.sound.shown import data_uri


def picture(hertz):
    uri = data_uri(sounds.wav(sounds.tone(hertz)), 48)
    assert uri.startswith("data:image/jpeg;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("L"), float)


def test_dark_is_loud_and_high_is_above():
    low, high = picture(200), picture(6000)
    assert low.shape == high.shape == (48, 48)
    assert low[:, 12:36].mean(1).argmin() > 40
    assert high[:, 12:36].mean(1).argmin() < 12
