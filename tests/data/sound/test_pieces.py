"""A recording of any length comes in pieces that overlap, without anything lost between."""

import tracemalloc
import wave

import numpy as np
import pytest

import sounds
from headstart.data.sound import decode
from headstart.data.sound.pieces import pieces
from headstart.errors import DataError
from headstart.preprocessing.sound import RATE

LONG = np.random.default_rng(0).uniform(-0.5, 0.5, 5 * RATE)


def test_they_are_the_whole():
    found = list(pieces(sounds.wav(LONG), 2.0, 0.5))
    assert [piece.start for piece in found] == [0, 1.5, 3.0]
    assert [(piece.first, piece.last) for piece in found] == [(True, False), (False, False), (False, True)]
    for piece in found:
        start = round(piece.start * RATE)
        expected = LONG[start : start + 2 * RATE]
        np.testing.assert_allclose(piece.samples, expected, atol=1e-4)


def test_what_is_short_is_one():
    (only,) = pieces(sounds.wav(LONG[:1000]), 2.0, 0.5)
    assert (only.start, only.first, only.last, len(only.samples)) == (0, True, True, 1000)


def test_any_rate_and_channels():
    both = np.stack([LONG, -0.5 * LONG], 1)
    found = list(pieces(sounds.wav(both, rate=8000), 4.0, 1.0))
    assert [piece.start for piece in found] == [0, 3.0, 6.0]
    assert len(found[0].samples) == 4 * RATE
    assert np.abs(found[0].samples).max() < 0.3


def test_little_is_held_of_a_long_one(tmp_path):
    (tmp_path / "long.wav").write_bytes(sounds.wav(np.tile(LONG, 12)))
    most = max(len(piece.samples) for piece in pieces(tmp_path / "long.wav", 8.0, 2.0))
    assert most == 8 * RATE


def test_two_hours_are_heard_in_the_memory_of_one_piece(tmp_path):
    hours, rate, file = 2.0, 1000, tmp_path / "talk.wav"
    minute = (1e4 * np.sin(np.arange(60 * rate))).astype("<i2").tobytes()
    with wave.open(str(file), "wb") as out:
        out.setparams((1, 2, rate, 0, "NONE", ""))
        for _ in range(round(60 * hours)):
            out.writeframes(minute)
    assert decode.read(file).seconds == hours * 3600
    tracemalloc.start()
    ends = [piece.start + len(piece.samples) / RATE for piece in pieces(file, 30.0, 2.0)]
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert ends[-1] == pytest.approx(hours * 3600)
    assert most < 20e6  # all of it at 16 kHz would be 460 MB


def test_what_is_damaged_is_said():
    with pytest.raises(DataError, match="truncated"):
        list(pieces(sounds.wav(LONG)[:1000], 2.0, 0.5))
