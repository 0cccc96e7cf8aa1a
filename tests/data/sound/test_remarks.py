"""What is odd about recordings that can be used is told."""

import numpy as np

import sounds
from headstart.data.sound import decode, remarks
from headstart.data.sound.remarks import is_clipped


def test_nothing_is_told_of_plain_ones(tmp_path):
    folder = sounds.write_folder(tmp_path / "clips", per_class=2)
    assert remarks.remarks(sorted(folder.rglob("*.wav"))) == []


def test_long_clipped_and_mixed_ones_are_told(tmp_path, monkeypatch):
    monkeypatch.setattr(remarks, "LONGEST", 0.5)
    contents = {
        "long.wav": sounds.wav(sounds.tone(seconds=1.0)),
        "loud.wav": sounds.wav(np.clip(6 * sounds.tone(), -1, 1)),
        "phone.wav": sounds.wav(sounds.tone(rate=8000), 8000),
        "broken.wav": b"",
    }
    for name, content in contents.items():
        (tmp_path / name).write_bytes(content)
    found = {one.kind: one for one in remarks.remarks([tmp_path / name for name in contents])}
    assert found["long"].items == ("long.wav",)
    assert found["clipped"].items == ("loud.wav",)
    assert "16000 Hz (2), 8000 Hz (1)" in found["rates"].message
    assert "nothing above 4000 Hz" in found["rates"].message


def test_a_soft_recording_is_not_clipped_however_flat():
    square = 0.1 * np.sign(sounds.tone())
    assert not is_clipped(decode.read(sounds.wav(square)))
    assert is_clipped(decode.read(sounds.wav(10 * square)))
