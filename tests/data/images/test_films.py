"""Frames of films are pictures, in order; what is broken has a reason after what was still there."""

from __future__ import annotations

import io
import subprocess
import sys
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import dense
from headstart.data.images import films
from headstart.data.images.decode import decode, examine, size_of
from headstart.data.images.films import as_picture, frames, looks_like_film
from headstart.errors import DataError, MissingExtra


@pytest.fixture(scope="module")
def film(tmp_path_factory):
    return dense.film(tmp_path_factory.mktemp("films") / "film.avi")


def brightness(source):
    return float(np.asarray(decode(source)).mean())


@pytest.mark.parametrize("suffix", [".mp4", ".mov", ".avi", ".mkv"])
def test_every_frame_is_a_picture_in_order(tmp_path, suffix):
    path = dense.film(tmp_path / f"film{suffix}")
    found = list(frames(path, "a film"))
    assert [name for name, _, _ in found] == [f"a film frame {number}" for number in range(1, 13)]
    assert all(reason is None and examine(source) is None for _, source, reason in found)
    assert size_of(found[0][1]) == (64, 48)
    levels = [brightness(source) for _, source, _ in found]
    np.testing.assert_allclose(levels, [10 + 20 * number for number in range(12)], atol=4)


def test_a_film_that_ends_early_has_its_frames_and_then_a_reason(tmp_path):
    whole = dense.film(tmp_path / "film.avi", frames=40).read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[: int(0.8 * len(whole))])
    *before, (name, source, reason) = frames(tmp_path / "cut.avi", "cut.avi")
    assert 3 < len(before) < 40
    assert all(one[2] is None for one in before)
    assert (name, source) == ("cut.avi", b"")
    assert "truncated" in reason


def test_a_film_of_another_length_than_it_says_is_truncated(tmp_path, monkeypatch):
    path = dense.film(tmp_path / "film.mp4")
    monkeypatch.setattr(films, "_seconds", lambda film: 3.0)
    *before, (_, _, reason) = frames(path, "film")
    assert (len(before), reason) == (12, "truncated: ends after 1.2 of 3.0 s")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty file"),
        (b"no film at all", "not a film"),
        (b"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nother.avi\n#EXT-X-ENDLIST\n", "not a film"),
    ],
    ids=["empty", "text", "playlist"],
)
def test_what_is_no_film_has_a_reason(tmp_path, film, content, reason):
    (tmp_path / "other.avi").write_bytes(film.read_bytes())
    (tmp_path / "x.mp4").write_bytes(content)
    ((name, _, found),) = frames(tmp_path / "x.mp4", "x.mp4")
    assert name == "x.mp4"
    assert found.startswith(reason)
    ((_, _, found),) = frames(tmp_path / "gone.mp4", "gone.mp4")
    assert found == "no such file or directory"


def test_sound_alone_and_too_many_pixels_are_refused(film, tmp_path, monkeypatch):
    import av

    with av.open(str(tmp_path / "sound.mkv"), "w") as out:
        stream = out.add_stream("pcm_s16le", rate=8000)
        sound = av.AudioFrame.from_ndarray(np.zeros((1, 800), np.int16), format="s16", layout="mono")
        sound.sample_rate = 8000
        out.mux(stream.encode(sound))
    assert [reason for _, _, reason in frames(tmp_path / "sound.mkv", "x")] == ["holds no pictures"]
    monkeypatch.setattr(films, "MAX_PIXELS", 64 * 48 - 1)
    assert [reason for _, _, reason in frames(film, "x")] == ["too many pixels (64 x 48, at most 3071)"]


def test_a_film_comes_through_a_pipe(film):
    code = "import sys; sys.stdout.buffer.write(open(sys.argv[1], 'rb').read())"
    with subprocess.Popen([sys.executable, "-c", code, str(film)], stdout=subprocess.PIPE, bufsize=0) as pipe:
        found = list(frames(pipe.stdout, "-"))
    assert (len(found), found[-1][0], found[-1][2]) == (12, "- frame 12", None)


def test_few_frames_are_in_memory(film, monkeypatch):
    made = []
    monkeypatch.setattr(films, "as_picture", lambda pixels: made.append(1) or as_picture(pixels))
    found = frames(film, "x")
    next(found)
    found.close()
    assert len(made) <= films.WAITING + 2


def test_frames_are_turned_as_a_player_shows_them():
    pixels = np.arange(12, dtype=np.uint8).reshape(2, 2, 3)
    for rotation, turns in ((0, 0), (90, 1), (-90, 3), (180, 2)):
        frame = SimpleNamespace(rotation=rotation, to_ndarray=lambda format: pixels)
        np.testing.assert_array_equal(films._upright(frame), np.rot90(pixels, turns))


def test_a_frame_as_a_picture_keeps_its_pixels():
    pixels = np.random.default_rng(0).integers(0, 256, (5, 7, 3), dtype=np.uint8)
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(as_picture(pixels)))), pixels)
    np.testing.assert_array_equal(np.asarray(decode(as_picture(pixels[::2, ::-1]))), pixels[::2, ::-1])
    for wrong in (pixels.astype(float), pixels[..., 0], pixels[..., :2], pixels[:0], None):
        with pytest.raises(DataError, match="expected a frame"):
            as_picture(wrong)


def test_films_are_told_by_their_names(tmp_path):
    assert looks_like_film(tmp_path / "A.MP4")
    assert not looks_like_film(tmp_path / "a.gif")


def test_the_extra_is_named_where_it_is_missing(film, monkeypatch):
    monkeypatch.setattr(films, "find_spec", lambda name: None)
    with pytest.raises(MissingExtra) as caught:
        films.require_films()
    assert "headstart[video]" in caught.value.hint
    with pytest.raises(MissingExtra):
        next(frames(film, "x"))
