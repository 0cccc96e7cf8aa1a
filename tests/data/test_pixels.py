"""Batches equal resize + centre crop; views depend on their generator alone."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from headstart.cache import Cache
from headstart.data.pixels import PixelStore, square
from headstart.errors import DataError
from headstart.types import Preprocess

PREPROCESS = Preprocess(16, (0.4, 0.5, 0.6), (0.2, 0.3, 0.25), crop_fraction=0.75)
SIZES = [(24, 32), (41, 23), (16, 16), (21, 22), (90, 30)]


@pytest.fixture
def sources(encoded, noise):
    return [encoded(noise(seed, *size)) for seed, size in enumerate(SIZES)]


@pytest.fixture
def store(sources, tmp_path):
    return PixelStore(sources, PREPROCESS, Cache(tmp_path))


def views(store, seed, indices=range(5)):
    return store.batch(np.array(indices), torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic"])
def test_a_batch_equals_resize_then_centre_crop_then_normalise(sources, noise, tmp_path, interpolation):
    preprocess = Preprocess(16, PREPROCESS.mean, PREPROCESS.std, interpolation, 0.75)
    store = PixelStore(sources, preprocess, Cache(tmp_path))
    steps = [
        v2.Resize(21, v2.InterpolationMode(interpolation)),
        v2.CenterCrop(16),
        v2.PILToTensor(),
        v2.ToDtype(torch.float32, scale=True),
        v2.Normalize(PREPROCESS.mean, PREPROCESS.std),
    ]
    expected = torch.stack(
        [v2.Compose(steps)(Image.fromarray(noise(seed, *size))) for seed, size in enumerate(SIZES)]
    )
    batch = store.batch(np.arange(5))
    torch.testing.assert_close(batch, expected, rtol=0, atol=1e-5)
    assert batch.dtype == torch.float32
    assert batch.is_contiguous(memory_format=torch.channels_last)


def test_squash_keeps_everything_and_no_ratio(encoded):
    pixels = np.zeros((10, 40, 3), np.uint8)
    pixels[:, 20:] = 255
    squashed = square(encoded(pixels), Preprocess(8, (0, 0, 0), (1, 1, 1), "nearest", 1.0, "squash"))
    assert np.array_equal(squashed[:, :, 0], np.tile([0] * 4 + [255] * 4, (8, 1)))


def test_a_very_long_image_is_cut_before_it_is_enlarged(encoded):
    strip = encoded(Image.new("RGB", (60_000, 2), "red"))
    assert square(strip, Preprocess(64, (0, 0, 0), (1, 1, 1))).shape == (73, 73, 3)


def test_views_repeat_with_their_seed_and_leave_the_global_generator_alone(store):
    torch.manual_seed(0)
    before = torch.get_rng_state()
    first, again, other = views(store, 1), views(store, 1), views(store, 2)
    assert torch.equal(first, again)
    assert not torch.equal(first, other)
    assert torch.equal(torch.get_rng_state(), before)
    assert first.shape == (5, 3, 16, 16)
    assert first.is_contiguous(memory_format=torch.channels_last)


def test_the_view_of_an_image_does_not_depend_on_the_other_images(store):
    assert torch.equal(views(store, 3, [4, 0])[0], views(store, 3, [4, 1])[0])


def test_views_are_not_mirrored(encoded, tmp_path):
    # Dark on the left, bright on the right: no view may turn that round (solarising may, in brightness).
    ramp = np.repeat(np.linspace(0, 127, 64, dtype=np.uint8)[None, :, None], 64, 0).repeat(3, 2)
    store = PixelStore([encoded(ramp)], Preprocess(32, (0, 0, 0), (1, 1, 1)), Cache(tmp_path))
    batch = views(store, 0, [0] * 300)
    middle = batch[:, :, 12:20].mean((1, 2))
    assert (middle[:, 22:28].mean(1) >= middle[:, 4:10].mean(1)).all()


def test_many_views_differ(store):
    assert len({view.numpy().tobytes() for view in views(store, 0, [1] * 50)}) > 40


def test_images_are_decoded_once_for_all_bases_that_differ_in_normalisation(sources, tmp_path, monkeypatch):
    PixelStore(sources, PREPROCESS, Cache(tmp_path))
    monkeypatch.setattr("headstart.data.pixels.square", lambda *_: pytest.fail("decoded again"))
    other = Preprocess(16, (0, 0, 0), (1, 1, 1), crop_fraction=0.75)
    assert len(PixelStore(sources, other, Cache(tmp_path))) == 5


@pytest.mark.parametrize(
    "changes", [{"size": 12}, {"crop_fraction": 0.8}, {"interpolation": "nearest"}, {"crop_mode": "squash"}]
)
def test_other_pixels_have_another_key(store, changes):
    from dataclasses import replace

    other = PixelStore(store._sources, replace(PREPROCESS, **changes), store._cache)
    assert other._key() != store._key()
    assert PixelStore(store._sources[::-1], PREPROCESS, store._cache)._key() != store._key()


def test_another_size_has_pixels_of_its_own(store, sources, tmp_path):
    small = store.at(8)
    expected = PixelStore(sources, PREPROCESS.at(8), Cache(tmp_path / "other"))
    assert torch.equal(small.batch(np.arange(5)), expected.batch(np.arange(5)))
    assert small.batch(np.array([2])).shape == (1, 3, 8, 8)
    assert small.batch(np.array([], dtype=np.int64)).shape == (0, 3, 8, 8)


def test_files_and_bytes_give_the_same_pixels(store, sources, tmp_path):
    (tmp_path / "a.png").write_bytes(sources[0])
    from_file = PixelStore([tmp_path / "a.png"], PREPROCESS, Cache(tmp_path / "other"))
    assert torch.equal(from_file.batch(np.array([0])), store.batch(np.array([0])))


def test_an_image_that_does_not_decode_is_named(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no")
    with pytest.raises(DataError, match=r"broken\.png: not an image"):
        PixelStore([tmp_path / "broken.png"], PREPROCESS, Cache(tmp_path / "cache"))


def test_thumbnails_are_means_in_0_to_1(encoded, tmp_path):
    store = PixelStore([encoded(np.full((9, 9, 3), 51, np.uint8))], PREPROCESS, Cache(tmp_path))
    assert store.thumbnails(np.array([0]), 4) == pytest.approx(np.full((1, 4, 4, 3), 0.2))
    assert store.grey(np.array([0])).shape == (1, 256)
