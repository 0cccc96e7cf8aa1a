"""Kaldi's folders."""

import pytest

import sounds
from headstart.data.sound.kaldi import folders, read

WAV = sounds.wav(sounds.tone(seconds=1.0))


@pytest.fixture
def root(tmp_path):
    (tmp_path / "wavs").mkdir()
    for name in ("a", "b", "talk"):
        (tmp_path / "wavs" / f"{name}.wav").write_bytes(WAV)
    for split in ("train", "test"):
        (tmp_path / "data" / split).mkdir(parents=True)
    return tmp_path


def test_utterances_with_speakers_and_splits(root):
    train, test = root / "data" / "train", root / "data" / "test"
    (train / "text").write_text("a hello there\nmissing yes\npiped no\naway no\n")
    (train / "wav.scp").write_text(
        f"a wavs/a.wav\nmissing wavs/none.wav\npiped sox wavs/a.wav -t wav - |\naway {root.parent}/x.wav\n"
    )
    (train / "utt2spk").write_text("a ann\n")
    (test / "text").write_text("b bye\nunplaced bye\n")
    (test / "wav.scp").write_text("b wavs/b.wav\n")
    (root.parent / "x.wav").write_bytes(WAV)
    assert sorted(folders(root)) == sorted([train, test])
    found = read(root)
    assert {(row.name, row.label, row.split, row.group) for row in found.rows} == {
        ("wavs/a.wav", "hello there", "train", "ann"),
        ("wavs/b.wav", "bye", "test", None),
    }
    reasons = {item.file: item.reason for item in found.dropped}
    assert set(reasons) == {"missing", "piped", "away", "unplaced"}
    assert "nothing is run" in reasons["piped"]
    assert "outside" in reasons["away"]
    assert "no line in wav.scp" in reasons["unplaced"]


def test_segments_are_cut_out(root):
    folder = root / "data" / "train"
    (folder / "text").write_text("u1 one\nu2 two\nu3 three\n")
    (folder / "wav.scp").write_text("talk wavs/talk.wav\n")
    (folder / "segments").write_text("u1 talk 0.0 0.4\nu2 talk 0.4 0.9\nu3 talk soon later\nu4 talk 0 1\n")
    (folder / "utt2spk").write_text("u1 ann\nu2 bob\n")
    found = read(root)
    assert [(row.name, row.label, row.group) for row in found.rows] == [
        ("wavs/talk.wav from 0.00 s", "one", "ann"),
        ("wavs/talk.wav from 0.40 s", "two", "bob"),
    ]
    assert [item.file for item in found.dropped] == ["u3"]
