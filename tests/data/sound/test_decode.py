"""A recording becomes one channel of numbers, or says in a few words why it cannot be used."""

import io

import av
import numpy as np
import pytest

import sounds
from headstart.data.sound import decode, formats
from headstart.data.sound.decode import LONGEST, examine, read, resampled
from headstart.errors import DataError

TONE = sounds.tone(seconds=0.3)
WAV = sounds.wav(TONE)
NAN = np.where(np.arange(len(TONE)) == 9, np.nan, TONE)


def encoded(samples, suffix, codec, rate=16_000):
    """A file of another format, by FFmpeg's libraries."""
    stream = io.BytesIO()
    with av.open(stream, "w", format=suffix) as container:
        track = container.add_stream(codec, rate=rate, layout="mono")
        whole = (samples * 32767).astype(np.int16)[None]
        frame = av.AudioFrame.from_ndarray(whole, format="s16", layout="mono")
        frame.rate = rate
        for packet in (*track.encode(frame), *track.encode(None)):
            container.mux(packet)
    return stream.getvalue()


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"hello, I am no sound", "not a sound"),
        (WAV[:-100], "truncated"),
        (sounds.wav(np.zeros(4000)), "silent: all its samples are the same"),
        (sounds.wav(np.full(4000, 0.3)), "silent"),
        (sounds.wav(TONE[:100]), "too short: 6 ms"),
        (sounds.wav(NAN, kind="<f4"), "NaN"),
        (sounds.wav(TONE, rate=0), "its header says 0 samples a second"),
        (sounds.wav(TONE, rate=3_000_000), "its header says 3000000"),
        (b"fLaC" + bytes(40), "truncated or damaged FLAC"),
        (b"ID3\x04" + bytes(40), "truncated or damaged MP3"),
        (b"OggS" + bytes(40), "truncated or damaged Ogg"),
    ],
)
def test_what_cannot_be_used_has_a_reason(content, reason, tmp_path):
    (tmp_path / "Hörprobe ✓.wav").write_bytes(content)
    for source in (content, tmp_path / "Hörprobe ✓.wav"):
        found = examine(source)
        assert reason in found
        assert "\n" not in found


def test_what_is_no_file_has_a_reason(tmp_path):
    assert examine(tmp_path / "gone.wav") == "no such file"
    assert examine(tmp_path) == "not a file"


def test_channels_become_their_mean_and_those_that_cancel_each_other_do_not():
    stereo = read(sounds.wav(np.stack([TONE, 0 * TONE], 1), kind="<f4"))
    np.testing.assert_allclose(stereo.samples, TONE / 2, atol=1e-6)
    assert stereo.channels == 2
    opposite = read(sounds.wav(np.stack([TONE, -TONE], 1), kind="<f4"))
    np.testing.assert_allclose(opposite.samples, TONE, atol=1e-6)


@pytest.mark.parametrize("rate", [8000, 11_025, 22_050, 44_100, 48_000, 96_001])
def test_any_sampling_rate_becomes_the_same_tone(rate):
    sound = read(sounds.wav(sounds.tone(440, 0.5, rate), rate))
    found, expected = resampled(sound), sounds.tone(440, 0.5)
    assert abs(len(found) - len(expected)) <= 2
    inner = slice(400, 7000)  # its edges ring
    np.testing.assert_allclose(found[inner], expected[inner], atol=0.01)


def test_what_is_above_half_the_rate_is_not_folded_down():
    above = resampled(read(sounds.wav(sounds.tone(11_000, 0.5, 44_100), 44_100)))
    assert np.abs(above[400:7000]).max() < 0.01


@pytest.mark.parametrize(
    ("suffix", "codec", "rate", "near"),
    [
        ("flac", "flac", 22_050, 1e-4),
        ("ogg", "libopus", 48_000, 0.1),
        ("mp3", "libmp3lame", 16_000, 0.1),
        ("wav", "adpcm_ms", 16_000, 0.05),
    ],
)
def test_other_formats_are_the_same_sound(suffix, codec, rate, near, tmp_path):
    content = encoded(sounds.tone(440, 1.0, rate), suffix, codec, rate)
    (tmp_path / "misnamed.wav").write_bytes(content)
    for source in (content, tmp_path / "misnamed.wav"):
        sound = read(source)
        assert sound.rate == rate
        assert sound.seconds == pytest.approx(1.0, abs=0.15)
        spectrum = np.abs(np.fft.rfft(sound.samples))
        assert np.argmax(spectrum) * rate / len(sound.samples) == pytest.approx(440, abs=3)
        assert np.abs(sound.samples).max() == pytest.approx(0.5, abs=near)


def test_a_cut_flac_and_a_picture_with_the_name_of_a_sound_are_refused(tmp_path):
    (tmp_path / "cut.flac").write_bytes(encoded(TONE, "flac", "flac")[:60])
    (tmp_path / "x.mp3").write_bytes(b"\x89PNG\r\n\x1a\n" + bytes(40))
    assert "truncated or damaged" in examine(tmp_path / "cut.flac")
    assert examine(tmp_path / "x.mp3") == "truncated or damaged MP3"
    whole = encoded(np.random.default_rng(0).uniform(-0.5, 0.5, 48_000), "flac", "flac")
    assert examine(whole) is None
    assert examine(whole[: len(whole) // 2]) == "truncated or damaged FLAC"


def test_a_playlist_is_not_followed(tmp_path):
    (tmp_path / "other.mp3").write_bytes(encoded(TONE, "mp3", "libmp3lame"))
    (tmp_path / "list.mp3").write_text(f"ffconcat version 1.0\nfile '{tmp_path / 'other.mp3'}'\n")
    assert examine(tmp_path / "other.mp3") is None
    assert examine(tmp_path / "list.mp3") == "truncated or damaged MP3"


def test_without_the_extra_it_is_named(monkeypatch):
    content = encoded(TONE, "flac", "flac")
    monkeypatch.setattr(formats, "find_spec", lambda name: None)
    assert examine(content) == "FLAC needs pip install 'headstart[audio]'; WAV needs nothing"
    assert examine(WAV) is None


def test_of_a_long_one_the_beginning_is_read_in_little_memory(monkeypatch):
    monkeypatch.setattr(decode, "LONGEST", 0.2)
    for content in (sounds.wav(sounds.tone(seconds=1.0)), encoded(sounds.tone(seconds=1.0), "flac", "flac")):
        sound = read(content)
        assert len(sound.samples) == 3200
        assert sound.seconds == pytest.approx(1.0)
    quiet = np.concatenate([np.zeros(4000), TONE])
    assert "silent in its first" in examine(sounds.wav(quiet))
    assert LONGEST == 30.0


def test_a_refusal_says_what_to_do():
    with pytest.raises(DataError) as caught:
        read(b"")
    assert "leave the file out" in caught.value.hint
