"""A report shows the spectrogram: low tones are dark below, high ones above."""

import base64
import io

import numpy as np
from PIL import Image

import sounds
from headstart.data.sound.decode import read
from headstart.data.sound.shown import HEARD, data_uri, heard


def picture(hertz):
    uri = data_uri(sounds.wav(sounds.tone(hertz)), 48)
    assert uri.startswith("data:image/jpeg;base64,")
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.partition(",")[2]))).convert("L"), float)


def test_dark_is_loud_and_high_is_above():
    low, high = picture(200), picture(6000)
    assert low.shape == high.shape == (48, 48)
    assert low[:, 12:36].mean(1).argmin() > 40
    assert high[:, 12:36].mean(1).argmin() < 12


def test_the_beginning_can_be_listened_to():
    uri = heard(sounds.wav(0.1 * sounds.tone(440, 4.0, 8000), 8000))
    assert uri.startswith("data:audio/wav;base64,")
    sound = read(base64.b64decode(uri.partition(",")[2]))
    assert (sound.seconds, sound.rate) == (HEARD, 16_000)
    assert np.abs(sound.samples).max() > 0.98
    assert np.argmax(np.abs(np.fft.rfft(sound.samples))) == 440 * HEARD
