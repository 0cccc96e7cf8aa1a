"""Parts of recordings as examples."""

import sounds
from headstart.data.sound.timed import Said, cut_up


def test_parts_without_a_length_and_files_that_are_none_are_left_out(tmp_path):
    (tmp_path / "a.wav").write_bytes(sounds.wav(sounds.tone(seconds=1.0)))
    (tmp_path / "b.wav").write_bytes(b"none")
    parts = [Said(0.1, 0.5, "one", "ann"), Said(0.5, 0.5, "two"), Said(0.2, float("inf"), "three")]
    found = cut_up(tmp_path / "a.wav", tmp_path, parts, "train")
    assert [(row.name, row.label, row.split, row.group) for row in found.rows] == [
        ("a.wav from 0.10 s", "one", "train", "ann")
    ]
    assert [item.file for item in found.dropped] == ["a.wav from 0.50 s", "a.wav from 0.20 s"]
    assert [item.file for item in cut_up(tmp_path / "b.wav", tmp_path, parts[:1]).dropped] == ["b.wav"]
