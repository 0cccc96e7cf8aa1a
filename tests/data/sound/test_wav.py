"""WAV of every width is read to the numbers that were written, and what is damaged is refused."""

import io
import struct

import av
import numpy as np
import pytest

import sounds
from headstart.data.sound import wav
from headstart.errors import DataError

TONE = sounds.tone(seconds=0.05)


def read(content, seconds=30.0):
    return wav.read(io.BytesIO(content), seconds)


@pytest.mark.parametrize("extensible", [False, True])
@pytest.mark.parametrize("kind", sounds.CODES)
def test_every_width_gives_the_numbers_that_were_written(kind, extensible):
    stereo = np.stack([TONE, -TONE / 2], 1)
    samples, rate, seconds = read(sounds.wav(stereo, 11_025, kind, extensible))
    step = {"u1": 2 / 256, "<i2": 2 / 2**16}.get(kind, 1e-6)
    np.testing.assert_allclose(samples, stereo, atol=step)
    assert samples.dtype == np.float32
    assert (rate, seconds) == (11_025, pytest.approx(len(TONE) / 11_025))


@pytest.mark.parametrize(("code", "name"), [(wav.A_LAW, "pcm_alaw"), (wav.MU_LAW, "pcm_mulaw")])
def test_the_codes_of_telephones_are_those_of_ffmpeg(code, name):
    data = bytes(range(256))
    form = struct.pack("<HHIIHH", code, 1, 8000, 8000, 1, 8)
    content = sounds.riff(sounds.chunk(b"fmt ", form) + sounds.chunk(b"data", data))
    with av.open(io.BytesIO(content)) as container:
        assert container.streams.audio[0].codec_context.name == name
        expected = np.concatenate([frame.to_ndarray()[0] for frame in container.decode(audio=0)])
    np.testing.assert_array_equal(read(content)[0][:, 0], (expected / 32768).astype(np.float32))


def test_only_the_beginning_of_a_long_one_is_read():
    samples, _, seconds = read(sounds.wav(np.zeros(16_000)), seconds=0.25)
    assert (len(samples), seconds) == (4000, 1.0)


def test_other_chunks_are_passed_over_and_unknown_lengths_are_all_that_is_there():
    plain = sounds.wav(TONE)
    head, data = plain[12:36], plain[36:]
    odd = sounds.riff(sounds.chunk(b"LIST", b"abc") + head + data)
    np.testing.assert_array_equal(read(odd)[0], read(plain)[0])
    for length in (0, 0xFFFFFFFF, 0x7FFFFFFF - 36):
        piped = plain[:40] + struct.pack("<I", length) + plain[44:]
        np.testing.assert_array_equal(read(piped)[0], read(plain)[0])


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (sounds.wav(TONE)[:-400], r"truncated: 0\.04 of 0\.05 s are there"),
        (sounds.wav(TONE)[:30], "its header is cut short"),
        (sounds.wav(TONE)[:36], "without samples"),
        (sounds.riff(sounds.chunk(b"data", b"abcd")), "without samples"),
        (sounds.riff(sounds.chunk(b"fmt ", struct.pack("<HHIIHH", 1, 0, 8000, 0, 0, 16))), "0 channels"),
        (sounds.riff(sounds.chunk(b"fmt ", struct.pack("<HHIIHH", 1, 1, 8000, 0, 0, 12))), "of 12 bits"),
    ],
)
def test_what_is_damaged_is_refused(content, message):
    with pytest.raises(DataError, match=message):
        read(content)


def test_a_compressed_one_is_left_to_others():
    form = struct.pack("<HHIIHH", 17, 1, 8000, 4055, 256, 4)
    with pytest.raises(wav.OtherCode):
        read(sounds.riff(sounds.chunk(b"fmt ", form)))
