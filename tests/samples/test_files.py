"""Tables, pictures and recordings are read again as they were."""

from __future__ import annotations

import csv
import wave

import numpy as np
from PIL import Image

from headstart.samples import _files


def test_a_table_keeps_commas_and_other_letters(tmp_path):
    rows = [("a, b", 'with "quotes"'), ("ä€", "")]
    _files.table(tmp_path / "sub" / "t.csv", ("x", "y"), rows)
    with (tmp_path / "sub" / "t.csv").open(encoding="utf-8", newline="") as stream:
        assert [tuple(row) for row in csv.reader(stream)] == [("x", "y"), *rows]


def test_a_picture_is_kept_as_it_is_and_grain_is_within_bounds(tmp_path):
    grey = Image.new("L", (8, 6), 250)
    _files.picture(tmp_path / "plain.png", grey)
    assert np.asarray(Image.open(tmp_path / "plain.png")).tolist() == np.asarray(grey).tolist()
    _files.picture(tmp_path / "grain.png", grey, 20, np.random.default_rng(0))
    noisy = np.asarray(Image.open(tmp_path / "grain.png"))
    assert noisy.shape == (6, 8)
    assert noisy.std() > 2  # clipped above, not wrapped around to black
    assert noisy.min() > 150


def test_a_recording_is_clipped_at_full_loudness(tmp_path):
    _files.recording(tmp_path / "a.wav", np.array([0.0, 0.5, 2.0, -2.0]))
    with wave.open(str(tmp_path / "a.wav")) as stream:
        assert (stream.getframerate(), stream.getnchannels(), stream.getsampwidth()) == (_files.RATE, 1, 2)
        samples = np.frombuffer(stream.readframes(4), "<i2")
    assert samples.tolist() == [0, 16383, 32767, -32767]
