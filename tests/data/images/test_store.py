"""Batches equal resize + centre crop; views depend on their generator alone."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from headstart.cache import Cache
from headstart.data.images.store import PixelStore, square
from headstart.errors import DataError
from headstart.preprocessing.image import ImagePreprocess

PREPROCESS = ImagePreprocess(16, (0.4, 0.5, 0.6), (0.2, 0.3, 0.25), crop_fraction=0.75)
SIZES = [(24, 32), (41, 23), (16, 16), (21, 22), (90, 30)]


@pytest.fixture
def sources(encoded, noise):
    return [encoded(noise(seed, *size)) for seed, size in enumerate(SIZES)]


@pytest.fixture
def store(sources, tmp_path):
    return PixelStore(sources, PREPROCESS, Cache(tmp_path))


def views(store, seed, indices=range(5)):
    return store.batch(np.array(indices), seed)


@pytest.mark.parametrize("interpolation", ["nearest", "bilinear", "bicubic"])
def test_a_batch_equals_resize_then_centre_crop_then_normalise(sources, noise, tmp_path, interpolation):
    preprocess = ImagePreprocess(16, PREPROCESS.mean, PREPROCESS.std, interpolation, 0.75)
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
    squashed = square(encoded(pixels), ImagePreprocess(8, (0, 0, 0), (1, 1, 1), "nearest", 1.0, "squash"))
    assert np.array_equal(squashed[:, :, 0], np.tile([0] * 4 + [255] * 4, (8, 1)))


def test_a_very_long_image_is_cut_before_it_is_enlarged(encoded):
    strip = encoded(Image.new("RGB", (60_000, 2), "red"))
    assert square(strip, ImagePreprocess(64, (0, 0, 0), (1, 1, 1))).shape == (73, 73, 3)


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
    store = PixelStore([encoded(ramp)], ImagePreprocess(32, (0, 0, 0), (1, 1, 1)), Cache(tmp_path))
    batch = torch.cat([views(store, seed, [0]) for seed in range(300)])
    middle = batch[:, :, 12:20].mean((1, 2))
    assert (middle[:, 22:28].mean(1) >= middle[:, 4:10].mean(1)).all()


def test_many_views_differ(store):
    assert len({views(store, seed, [1]).numpy().tobytes() for seed in range(50)}) > 40


def test_images_are_decoded_once_for_all_bases_that_differ_in_normalisation(sources, tmp_path, monkeypatch):
    first = PixelStore(sources, PREPROCESS, Cache(tmp_path)).encoded(np.arange(5))
    monkeypatch.setattr("headstart.data.images.store.square", lambda *_: pytest.fail("decoded again"))
    other = ImagePreprocess(16, (0, 0, 0), (1, 1, 1), crop_fraction=0.75)
    assert (PixelStore(sources, other, Cache(tmp_path)).encoded(np.arange(5)) == first).all()


def test_only_what_is_asked_for_is_decoded(sources, tmp_path, monkeypatch):
    from headstart.data.images import store as pixels

    decoded, real = [], pixels.square
    monkeypatch.setattr(pixels, "square", lambda source, how: decoded.append(source) or real(source, how))
    store = PixelStore(sources, PREPROCESS, Cache(tmp_path))
    assert decoded == []
    store.encoded(np.array([3, 1, 3]))
    store.encoded(np.array([1, 2]), 7)
    assert sorted(map(sources.index, decoded)) == [1, 2, 3]


def test_without_a_cache_or_without_room_images_are_decoded_each_time(sources, store, tmp_path):
    expected = store.encoded(np.arange(5))
    for cache in (None, Cache(tmp_path / "small", budget=10)):
        bare = PixelStore(sources, PREPROCESS, cache)
        assert (bare.encoded(np.arange(5)) == expected).all()
        assert bare.encoded(np.array([], dtype=np.int64)).shape == (0, 16, 16, 3)
    assert not (tmp_path / "small").exists() or not list((tmp_path / "small").iterdir())


def test_the_digests_spare_reading_the_sources(store, sources, tmp_path, monkeypatch):
    from headstart.data.images import store as pixels
    from headstart.data.items import digest

    store.encoded(np.arange(5))
    known = [digest(source) for source in sources]
    monkeypatch.setattr(pixels, "digest", lambda _: pytest.fail("hashed again"))
    monkeypatch.setattr(pixels, "square", lambda *_: pytest.fail("decoded again"))
    again = PixelStore(sources, PREPROCESS, Cache(tmp_path), known)
    assert (again.encoded(np.arange(5)) == store.encoded(np.arange(5))).all()


def test_threads_at_once_get_what_one_gets(sources, tmp_path):
    from concurrent.futures import ThreadPoolExecutor

    alone, together = (PixelStore(sources, PREPROCESS, Cache(tmp_path / name)) for name in "ab")
    asked = [np.random.default_rng(n).integers(0, 5, 3) for n in range(40)]
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda rows: together.encoded(rows, 3), asked))
    assert all((alone.encoded(rows, 3) == views).all() for rows, views in zip(asked, found, strict=True))


@pytest.mark.parametrize(
    "changes", [{"size": 12}, {"crop_fraction": 0.8}, {"interpolation": "nearest"}, {"crop_mode": "squash"}]
)
def test_other_pixels_have_another_key(store, changes, tmp_path):
    from dataclasses import replace

    def entry(sources, preprocess):
        return PixelStore(sources, preprocess, Cache(tmp_path))._stored.path

    assert entry(store._sources, replace(PREPROCESS, **changes)) != store._stored.path
    assert entry(store._sources[::-1], PREPROCESS) != store._stored.path
    assert entry(store._sources, replace(PREPROCESS, mean=(0, 0, 0))) == store._stored.path


def test_any_number_of_images_is_a_batch(store):
    assert store.batch(np.array([2])).shape == (1, 3, 16, 16)
    assert store.batch(np.array([], dtype=np.int64)).shape == (0, 3, 16, 16)


def test_files_and_bytes_give_the_same_pixels(store, sources, tmp_path):
    (tmp_path / "a.png").write_bytes(sources[0])
    from_file = PixelStore([tmp_path / "a.png"], PREPROCESS, Cache(tmp_path / "other"))
    assert torch.equal(from_file.batch(np.array([0])), store.batch(np.array([0])))


def test_an_image_that_does_not_decode_is_named(tmp_path):
    (tmp_path / "broken.png").write_bytes(b"no")
    with pytest.raises(DataError, match=r"broken\.png: not an image"):
        PixelStore([tmp_path / "broken.png"], PREPROCESS, Cache(tmp_path / "cache")).encoded(np.array([0]))


def test_thumbnails_are_means_in_0_to_1(encoded, tmp_path):
    store = PixelStore([encoded(np.full((9, 9, 3), 51, np.uint8))], PREPROCESS, Cache(tmp_path))
    assert store.thumbnails(np.array([0]), 4) == pytest.approx(np.full((1, 4, 4, 3), 0.2))
    assert store.grey(np.array([0])).shape == (1, 256)


def test_distorted_inputs_are_the_same_images_under_other_views(store, sources):
    strong, rows = store.distorted(), np.arange(5)
    assert torch.equal(strong.batch(rows), store.batch(rows)), "without a seed there is no view"
    before = views(store, 0)
    assert not torch.equal(views(strong, 0), before)
    assert torch.equal(views(strong, 0), views(strong, 0))
    assert torch.equal(views(store, 0), before), "the original is as it was"
    assert len(strong) == len(store)
