"""Transcripts that cannot be those of their recordings are told, with the files."""

import sounds
from headstart.data.sound.pace import pace


def kinds(seconds, text, rate=sounds.RATE):
    source = sounds.wav(sounds.tone(seconds=seconds), rate=rate)
    return [finding.kind for finding in pace([source], [text], 0.04, len)]


def test_what_people_say_is_no_finding():
    assert kinds(1.0, "four six two") == []


def test_a_wrong_rate_or_transcript_is():
    assert kinds(1.0, "four six two", rate=4 * sounds.RATE) == ["crowded"]
    assert kinds(2.0, "a" * 60) == ["crowded"]
    assert kinds(0.5, "abcdefghijkl") == []
    assert kinds(10.0, "no") == ["slow"]


def test_each_says_which_files_it_is_about(tmp_path):
    (tmp_path / "a.wav").write_bytes(sounds.wav(sounds.tone(seconds=0.3)))
    (tmp_path / "long.wav").write_bytes(sounds.wav(0.1 * sounds.tone(seconds=31, rate=1000), rate=1000))
    found = pace(
        [tmp_path / "a.wav", tmp_path / "long.wav"], ["one two three four", "a word " * 10], 0.04, len
    )
    assert {finding.kind: finding.items for finding in found} == {
        "crowded": ("a.wav",),
        "cut_transcripts": ("long.wav",),
    }


def test_what_went_away_is_nobodys_finding(tmp_path):
    assert pace([tmp_path / "gone.wav"], ["one"], 0.04, len) == []
