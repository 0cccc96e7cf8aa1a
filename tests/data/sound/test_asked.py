"""Recordings to predict: files, folders, bytes, standard input."""

import io
import sys
from types import SimpleNamespace

import pandas as pd
import pytest

import sounds
from headstart.data.reading import PLAIN
from headstart.data.sound.asked import sounds_asked
from headstart.errors import DataError

WAV = sounds.wav(sounds.tone())


def asked(*given):
    return [(one.name, one.reason) for one in sounds_asked(given, PLAIN).inputs]


def test_files_and_folders_are_named_by_their_paths(tmp_path):
    (tmp_path / "a").mkdir()
    for name in ("a/2.wav", "a/1.flac", "a/notes.txt", "b.wav"):
        (tmp_path / name).write_bytes(WAV if name.endswith("wav") else b"x")
    found = sounds_asked([tmp_path / "a", str(tmp_path / "b.wav"), tmp_path / "gone.wav"], PLAIN)
    names = [(one.name.removeprefix(f"{tmp_path.as_posix()}/"), one.reason) for one in found.inputs]
    assert names == [
        ("a/1.flac", None),
        ("a/2.wav", None),
        ("b.wav", None),
        ("gone.wav", "there is no file of this name"),
    ]
    assert dict(found.skipped) == {".txt": 1}


def test_bytes_and_tables_are_recordings_too(tmp_path):
    (tmp_path / "b.wav").write_bytes(WAV)
    frame = pd.DataFrame({"file_name": [str(tmp_path / "b.wav")]})
    assert asked(WAV, frame) == [("(bytes)", None), ((tmp_path / "b.wav").as_posix(), None)]


def test_standard_input_is_one_recording(monkeypatch):
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(buffer=io.BytesIO(WAV)))
    (one,) = sounds_asked(["-"], PLAIN).inputs
    assert (one.name, one.source) == ("-", WAV)


def test_what_is_no_recording_is_refused_with_a_hint(tmp_path):
    for given, message in (
        (3.5, "expected a recording, got float"),
        ({"a": 1}, "expected recordings, got a dict"),
        (tmp_path / "gone", "there is no file or folder"),
    ):
        with pytest.raises(DataError, match=message) as caught:
            asked(given)
        assert caught.value.hint
