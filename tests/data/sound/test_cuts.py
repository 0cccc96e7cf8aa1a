"""Parts of a recording."""

import io

import numpy as np
import pytest

import sounds
from headstart.data.sound import wav
from headstart.data.sound.cuts import cut
from headstart.errors import DataError


def samples(file):
    return wav.read(io.BytesIO(file), 1e9)[0][:, 0]


def test_parts_are_what_was_recorded_across_blocks(monkeypatch):
    whole = np.linspace(-0.9, 0.9, 4 * 8000)
    monkeypatch.setattr("headstart.data.sound.cuts.BLOCK", 0.5)
    spans = [(0.25, 1.75), (1.0, 1.1), (3.5, 9.0), (7.0, 8.0)]
    found = [samples(part) for part in cut(sounds.wav(whole, rate=8000), spans)]
    assert [len(part) for part in found] == [12000, 800, 4000, 0]
    assert np.allclose(found[0], whole[2000:14000], atol=1e-4)
    assert np.allclose(found[2], whole[28000:], atol=1e-4)


def test_what_is_no_recording_is_an_error():
    with pytest.raises(DataError):
        cut(b"RIFF....", [(0, 1)])
