"""A recording is told from other files by its name or its first bytes."""

import pytest

import sounds
from headstart.data.sound import formats
from headstart.data.sound.formats import kind, looks_like_sound


@pytest.mark.parametrize(
    ("head", "found"),
    [
        (sounds.wav(sounds.tone())[:16], "WAV"),
        (b"RF64\xff\xff\xff\xffWAVEds64", "WAV"),
        (b"RIFF\x00\x00\x00\x00AVI LIST", None),
        (b"fLaC\x00\x00\x00\x22", "FLAC"),
        (b"OggS\x00\x02", "Ogg"),
        (b"ID3\x04\x00", "MP3"),
        (b"\xff\xfb\x90\x64\x00\x00", "MP3"),
        (b"\xff\xfea\x00b\x00", None),  # UTF-16
        (b"\xff\xd8\xff\xe0\x00\x10JFIF", None),
        (b"\x00\x00\x00\x20ftypM4A \x00", "M4A"),
        (b"\x00\x00\x00\x20ftypisom", None),
        (b"FORM\x00\x00\x00\x00AIFFCOMM", "AIFF"),
        (b"FORM\x00\x00\x00\x00ILBM", None),
        (b"", None),
    ],
)
def test_the_first_bytes_say_what_it_is(head, found):
    assert kind(head) == found


def test_a_name_is_enough_and_so_is_the_content(tmp_path):
    (tmp_path / "a.WAV").write_bytes(b"")
    (tmp_path / "b").write_bytes(sounds.wav(sounds.tone()))
    (tmp_path / "c.txt").write_text("hello")
    assert [looks_like_sound(tmp_path / name) for name in ("a.WAV", "b", "c.txt", "gone")] == [
        True,
        True,
        False,
        False,
    ]


def test_what_is_missing_is_named(monkeypatch):
    assert formats.unread("FLAC") is None
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    assert "pip install 'headstart[audio]'" in formats.unread("FLAC")
