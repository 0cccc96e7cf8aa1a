"""Recordings and transcripts as people have them: each is left out with its reason, or a counted finding."""

import numpy as np
import pytest

import headstart as hs
import sounds

DRAWS = np.random.default_rng(0)
TONE = sounds.tone(seconds=1.0) + DRAWS.normal(0, 0.01, sounds.RATE)
WAV = sounds.wav(TONE)
OUT = {
    "empty.wav": (b"", "empty file"),
    "text.wav": (b"I am no sound", "not a sound"),
    "cut.wav": (WAV[:-2000], "truncated: 0.94 of 1.00 s are there"),
    "header.wav": (WAV[:30], "truncated or damaged"),
    "no_samples.wav": (sounds.riff(b""), "a WAV without samples"),
    "silent.wav": (sounds.wav(0 * TONE), "silent"),
    "constant.wav": (sounds.wav(0 * TONE + 0.3), "silent"),
    "short.wav": (sounds.wav(TONE[:100]), "too short: 6 ms"),
    "nan.wav": (sounds.wav(np.where(np.arange(len(TONE)) == 5, np.nan, TONE), kind="<f4"), "NaN"),
    "infinite.wav": (sounds.wav(np.where(np.arange(len(TONE)) == 5, np.inf, TONE), kind="<f8"), "NaN"),
    "no_rate.wav": (sounds.wav(TONE, rate=0), "0 samples a second"),
    "radio.wav": (sounds.wav(TONE, rate=3_000_000), "3000000 samples a second"),
    "no_channels.wav": (WAV[:22] + b"\0\0" + WAV[24:], "0 channels"),
    "odd_bits.wav": (WAV[:34] + b"\x0b\0" + WAV[36:], "11 bits"),
    "damaged.flac": (b"fLaC" + bytes(60), "truncated or damaged FLAC"),
    "damaged.mp3": (b"ID3\x04" + bytes(60), "truncated or damaged MP3"),
    "damaged.ogg": (b"OggS" + bytes(60), "truncated or damaged Ogg"),
    "picture.mp3": (b"\x89PNG\r\n\x1a\n" + bytes(60), "truncated or damaged MP3"),
    "list.m4a": (b"ffconcat version 1.0\nfile 'good_0.wav'\n", "truncated or damaged"),
    "copy.wav": (sounds.wav(0.5 * TONE), "test_copy.wav"),
    "wordless.wav": (WAV, "no transcription"),
    "points.wav": (WAV, "no words in its transcript"),
    "unnamed.wav": (WAV, "no row of a table names it"),
}
"""What is left out: the content of a file, and a part of the reason."""
TEXTS = {"wordless.wav": "", "points.wav": "?!", "unnamed.wav": None}
FOUND = {
    "clipped": ("loud.wav", sounds.wav(np.clip(9 * TONE, -1, 1)), "up low"),
    "long": ("long.wav", sounds.wav(np.tile(TONE, 31)), "high up " * 12),
    "cut_transcripts": ("longer.wav", sounds.wav(np.tile(0.9 * TONE, 32)), "high up " * 12),
    "rates": ("telephone.wav", sounds.wav(sounds.tone(rate=8000, seconds=1.0), 8000), "up up"),
    "crowded": ("wrong_rate.wav", sounds.wav(TONE, rate=48_000), "low high up low"),
    "slow": ("half.wav", sounds.wav(np.tile(TONE, 9)), "low"),
    "unlearned": ("test_letters.wav", sounds.wav(TONE[::-1]), "für"),
    "same_words": ("test_words.wav", sounds.wav(0.8 * TONE[::-1]), "high up"),
    "digits": ("digit.wav", sounds.wav(0.8 * TONE), "2 up"),
}
"""What is told, by kind of finding: a file, its content, and its transcript."""
SAME = {
    "stereo": sounds.wav(np.stack([TONE, TONE], 1)),
    "cancelling": sounds.wav(np.stack([TONE, -TONE], 1)),
    "offset": sounds.wav(TONE + 0.2),
    "narrow": sounds.wav(TONE, kind="u1"),
    "wide": sounds.wav(TONE, kind="<i4"),
    "fractions": sounds.wav(TONE, kind="<f4"),
    "Straße é": sounds.wav(0.7 * TONE),
}
"""What is heard as any other."""


def write(folder, recordings):
    """Good recordings, and these: file name to (content, transcript)."""
    folder.mkdir()
    lines = ["file_name,transcription,split"]
    for number in range(12):
        sound = sounds.sentence([number % 3, (number + 1) % 3], DRAWS)
        split = "test" if number % 3 == 0 else "train"
        (folder / f"good_{number}.wav").write_bytes(sounds.wav(sound))
        lines.append(f"good_{number}.wav,{sounds.WORDS[number % 3]} {sounds.WORDS[(number + 1) % 3]},{split}")
    for name, (content, text) in recordings.items():
        (folder / name).write_bytes(content)
        if text is not None:
            lines.append(f"{name},{text},{'test' if name.startswith('test') else 'train'}")
    (folder / "metadata.csv").write_text("\n".join(lines), "utf-8")
    return folder


@pytest.fixture(scope="module")
def dropped(tmp_path_factory):
    files = {name: (content, TEXTS.get(name, "low high")) for name, (content, _) in OUT.items()}
    files["test_copy.wav"] = files["copy.wav"]
    splits = hs.check(write(tmp_path_factory.mktemp("bad") / "data", files))
    return {item.file: item.reason for item in splits.dropped}


@pytest.mark.parametrize("name", OUT)
def test_what_cannot_be_used_is_left_out_with_its_reason(name, dropped):
    assert OUT[name][1] in dropped[name]
    assert "\n" not in dropped[name]


@pytest.fixture(scope="module")
def odd(tmp_path_factory):
    told = {name: (content, text) for name, content, text in FOUND.values()}
    plain = {f"{name}.wav": (content, "up low high") for name, content in SAME.items()}
    return hs.check(write(tmp_path_factory.mktemp("odd") / "data", told | plain))


@pytest.mark.parametrize("kind", FOUND)
def test_what_is_odd_is_a_finding_that_says_how_many(kind, odd):
    found = {one.kind: one for one in odd.findings}
    assert kind in found, sorted(found)
    assert any(letter.isdigit() for letter in found[kind].message)


def test_what_is_only_written_otherwise_is_heard(odd):
    assert not odd.dropped
    assert {f"{name}.wav" for name in SAME} <= set(odd.examples.names)


def test_there_are_as_many_as_were_promised():
    assert len(OUT) + len(FOUND) + len(SAME) >= 35
