"""Views keep size and mode, are never mirrored, and come from the generator that is passed alone."""

import math
import random
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
import torch
from PIL import Image
from scipy.stats import kstest, uniform
from torchvision.transforms import RandomResizedCrop

from headstart.data.images import views as augment

GREY = (128, 128, 128)
each_operation = pytest.mark.parametrize("operation", augment.OPERATIONS, ids=lambda one: one.__name__)


class Always:
    """In the place of a generator: every strength at one end of its range."""

    def __init__(self, highest):
        self.highest = highest

    def uniform(self, low, high):
        return high if self.highest else low


@pytest.fixture
def picture(noise):
    return Image.fromarray(noise(0, 32, 32))


@pytest.fixture
def ramps():
    """Red grows to the right, green downwards, in all 256 levels."""
    right, down = np.meshgrid(np.arange(256), np.arange(256))
    return Image.fromarray(np.stack([right, down, right], -1).astype(np.uint8))


def seeded(operation, picture, seed):
    return np.asarray(operation(picture, np.random.default_rng(seed), GREY))


def view_of(picture, seed, size=32):
    return np.asarray(augment.policy(size, GREY)(picture, np.random.default_rng(seed)))


def crops(width, height, count):
    """(count, 4) left, top, width and height of crops."""
    draws = np.random.default_rng(0)
    boxes = np.array([augment.crop(width, height, draws) for _ in range(count)])
    return np.concatenate([boxes[:, :2], boxes[:, 2:] - boxes[:, :2]], 1)


def global_states():
    name, keys, *rest = np.random.get_state()
    return torch.random.get_rng_state().tolist(), random.getstate(), (name, keys.tolist(), rest)


@pytest.mark.parametrize("size", [1, 20, 50])
def test_a_view_has_the_size_asked(picture, size):
    assert {view_of(picture, seed, size).shape for seed in range(100)} == {(size, size, 3)}


@pytest.mark.parametrize("sides", [(1, 1), (2, 2), (8, 8), (1, 30), (30, 1), (300, 7)])
def test_tiny_and_long_pictures_have_views(sides):
    small = Image.new("RGB", sides, (200, 100, 50))
    assert {view_of(small, seed, 16).shape for seed in range(100)} == {(16, 16, 3)}


@each_operation
@pytest.mark.parametrize("side", [1, 2, 8])
def test_every_operation_keeps_the_size_and_mode_of_a_tiny_picture(operation, side):
    changed = operation(Image.new("RGB", (side, side)), np.random.default_rng(0), GREY)
    assert (changed.size, changed.mode) == ((side, side), "RGB")


def test_the_same_seed_gives_the_same_views_and_another_seed_others(picture):
    first, again, other = ([view_of(picture, start + n) for n in range(10)] for start in (0, 0, 10))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_no_global_generator_is_read_or_changed(picture):
    before = global_states()
    first = [view_of(picture, seed) for seed in range(60)]
    assert global_states() == before
    with torch.random.fork_rng(devices=[]):
        torch.rand(1), random.random(), np.random.random()
        assert np.array_equal([view_of(picture, seed) for seed in range(60)], first)


def test_views_drawn_in_several_threads_are_those_drawn_one_by_one(ramps):
    policy = augment.policy(64, GREY)

    def three(seed):
        draws = np.random.default_rng(seed)
        return [np.asarray(policy(ramps, draws)) for _ in range(3)]

    with ThreadPoolExecutor(4) as threads:
        together = list(threads.map(three, range(60)))
    assert np.array_equal(together, [three(seed) for seed in range(60)])


@each_operation
def test_every_operation_but_the_first_changes_a_picture_and_none_its_argument(operation, picture):
    # Noise of the full range would leave the last operation nothing to do.
    dull = picture.point(lambda level: 50 + level // 2)
    before = dull.copy()
    changed = any(not np.array_equal(seeded(operation, dull, seed), dull) for seed in range(3))
    assert changed is (operation is not augment.OPERATIONS[0])
    assert dull == before


@each_operation
def test_nothing_mirrors_inverts_or_quantises(operation, ramps):
    for seed in range(12):
        red, green, _ = np.moveaxis(seeded(operation, ramps, seed).astype(float), -1, 0)
        assert red[:, :128].mean() + 10 < red[:, 128:].mean()
        assert green[:128].mean() + 10 < green[128:].mean()
        # A fifth of the contrast leaves 51 of 256 levels; five bits would leave 32.
        assert len(np.unique(red)) > 48


@pytest.mark.parametrize("name", ["rotated", "sheared_across", "sheared_down", "shifted"])
def test_what_comes_from_outside_has_the_fill_colour(name):
    white = Image.new("RGB", (32, 32), (255, 255, 255))
    changed = np.asarray(getattr(augment, name)(white, Always(highest=True), (10, 20, 30)))
    assert {tuple(colour) for colour in changed.reshape(-1, 3).tolist()} == {(10, 20, 30), (255, 255, 255)}


@pytest.mark.parametrize(
    ("name", "point", "lowest", "highest"),
    [  # to the right of and below the middle; half of 30 is 30 * sin(30 degrees), 0.2126 is tan(12 degrees)
        (
            "rotated",
            (0, -30),
            (15, -30 * math.cos(math.radians(30))),
            (-15, -30 * math.cos(math.radians(30))),
        ),
        ("sheared_across", (0, -30), (-30 * 0.2126, -30), (30 * 0.2126, -30)),
        ("sheared_down", (-30, 0), (-30, -30 * 0.2126), (-30, 30 * 0.2126)),
        ("shifted", (0, 0), (-15, -15), (15, 15)),
    ],
)
def test_geometry_moves_a_point_as_far_as_its_range_says(name, point, lowest, highest):
    pixels = np.zeros((101, 101, 3), dtype=np.uint8)
    right, down = (50 + offset for offset in point)
    pixels[down - 2 : down + 3, right - 2 : right + 3] = 255
    for strengths, expected in ((Always(False), lowest), (Always(True), highest)):
        changed = getattr(augment, name)(Image.fromarray(pixels), strengths, (0, 0, 0))
        weights = np.asarray(changed)[..., 0] / 255
        middle = [(weights.sum(axis) * (np.arange(101) - 50)).sum() / weights.sum() for axis in (0, 1)]
        assert middle == pytest.approx(expected, abs=0.2)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("brightened", [[20, 10, 4], [8, 8, 8]], [[180, 90, 36], [72, 72, 72]]),
        # greys: 0.299 * 100 + 0.587 * 50 + 0.114 * 20 = 61.53 -> 62, and 40; their mean is 51
        ("contrasted", [[60, 50, 44], [48, 48, 48]], [[139, 49, 0], [31, 31, 31]]),
        ("saturated", [[69, 59, 53], [40, 40, 40]], [[130, 40, 0], [40, 40, 40]]),
    ],
)
def test_colours_change_by_the_factors_of_the_range(name, low, high):
    picture = Image.fromarray(np.array([[[100, 50, 20], [40, 40, 40]]], dtype=np.uint8))
    for highest, expected in ((False, low), (True, high)):
        changed = getattr(augment, name)(picture, Always(highest), GREY)
        assert np.abs(np.asarray(changed)[0].astype(int) - expected).max() <= 1


def test_sharpening_raises_the_difference_to_the_neighbours():
    pixels = np.full((5, 5, 3), 100, dtype=np.uint8)
    pixels[2, 2] = 126
    # Pillow's smoothing weighs the pixel 5 and its eight neighbours 1: 110, 16 below.
    assert augment.sharpened(Image.fromarray(pixels), Always(True), GREY).getpixel((2, 2)) == (138,) * 3


def test_stretching_uses_the_full_range_of_each_channel():
    ramp = np.arange(52, dtype=np.uint8)[None, :, None]
    dull = Image.fromarray(ramp + np.array([9, 40, 90], dtype=np.uint8))
    assert augment.stretched(dull, Always(True), GREY).getextrema() == ((0, 255),) * 3


def test_each_operation_is_chosen_about_equally_often(picture, monkeypatch):
    chosen = []

    def noted(number):
        return lambda picture, draws, fill: chosen.append(number) or picture

    monkeypatch.setattr(augment, "OPERATIONS", tuple(noted(number) for number in range(10)))
    policy, draws = augment.policy(4, GREY), np.random.default_rng(0)
    for _ in range(3000):
        policy(picture, draws)
    # 300 each, give or take four standard deviations
    assert np.abs(np.bincount(chosen, minlength=10) - 300).max() < 4 * math.sqrt(3000 * 0.1 * 0.9)


def test_crops_lie_within_the_picture_and_within_the_ranges():
    left, top, width, height = crops(400, 300, 1000).T
    assert min(left.min(), top.min()) >= 0
    assert (left + width).max() <= 400
    assert (top + height).max() <= 300
    area, ratio = width * height / (400 * 300), width / height
    assert 0.498 < area.min() < 0.51
    assert 0.97 < area.max() < 1.002
    assert 0.745 < ratio.min() < 0.77
    assert 1.31 < ratio.max() < 1.34


def test_crops_that_cannot_fail_to_fit_have_uniform_areas_ratios_and_places():
    # Of a square, three quarters of the area fit whatever their ratio (4/3 of them is the whole side).
    left, top, width, height = crops(2000, 2000, 4000).T
    area, ratio = width * height / 2000**2, np.log(width / height)
    sure = area < 0.75
    assert kstest(area[sure], uniform(0.5, 0.25).cdf).pvalue > 0.01
    assert kstest(ratio[sure], uniform(math.log(3 / 4), 2 * math.log(4 / 3)).cdf).pvalue > 0.01
    for start, length in ((left, width), (top, height)):
        assert kstest(start[sure] / (2000 - length[sure]), uniform.cdf).pvalue > 0.01


@pytest.mark.parametrize("sides", [(500, 500), (600, 400), (300, 700)])
def test_crops_are_distributed_as_torchvisions(sides):
    page = Image.new("L", sides)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        theirs = [RandomResizedCrop.get_params(page, augment.AREA, augment.RATIO) for _ in range(1500)]
    top, left, height, width = np.array(theirs).T
    for ours, reference in zip(crops(*sides, 1500).T, (left, top, width, height), strict=True):
        assert kstest(ours, reference).pvalue > 0.01


@pytest.mark.parametrize(
    ("sides", "box"), [((100, 10), (43, 0, 56, 10)), ((10, 100), (0, 43, 10, 56)), ((1, 1), (0, 0, 1, 1))]
)
def test_a_long_picture_is_cut_to_its_middle(sides, box):
    draws = np.random.default_rng(0)
    assert {augment.crop(*sides, draws) for _ in range(20)} == {box}


def test_a_crop_that_never_fits_is_given_up(monkeypatch):
    monkeypatch.setattr(augment, "TRIES", 0)
    assert augment.crop(40, 36, np.random.default_rng(0)) == (0, 0, 40, 36)


def distorted(picture, seed, size=32):
    return np.asarray(augment.distortion(size)(picture, np.random.default_rng(seed)))


def test_a_distortion_has_the_size_asked_of_any_picture(ramps):
    for picture in (ramps, Image.new("RGB", (1, 1)), Image.new("RGB", (1, 30), "red")):
        assert {distorted(picture, seed, 16).shape for seed in range(30)} == {(16, 16, 3)}


def test_a_distortion_comes_from_its_generator_alone(ramps):
    before = global_states()
    first = [distorted(ramps, seed) for seed in range(20)]
    assert global_states() == before
    assert np.array_equal([distorted(ramps, seed) for seed in range(20)], first)
    assert len({view.tobytes() for view in first}) == 20


def test_distortions_have_less_in_common_than_views(picture):
    ramp = picture.resize((8, 8)).resize((64, 64), Image.Resampling.BICUBIC)
    spread = [
        np.array([draw(ramp, seed) for seed in range(60)], float).std(0).mean()
        for draw in (view_of, distorted)
    ]
    assert spread[1] > spread[0]


def test_a_distortion_is_never_mirrored_or_turned(ramps):
    """Red grows to the right and green downwards in every view that has colours."""
    coloured = 0
    for seed in range(80):
        view = distorted(ramps, seed).astype(float)
        right, down = np.diff(view.mean(0)[[0, -1]], axis=0)[0], np.diff(view.mean(1)[[0, -1]], axis=0)[0]
        assert right[0] >= -1
        assert down[1] >= -1
        coloured += right[0] > 5
    assert coloured > 60


def test_each_part_of_a_distortion_has_its_probability(monkeypatch):
    """Counted over many draws: colours in 4 of 5 views, grey in 1 of 5, blur in 1 of 2."""
    half = Image.new("RGB", (32, 32), (200, 80, 40))
    half.paste((40, 80, 200), (16, 0, 32, 32))
    monkeypatch.setattr(augment, "DISTORTED_AREA", (1.0, 1.0))
    monkeypatch.setattr(augment, "RATIO", (1.0, 1.0))
    views = [distorted(half, seed, 224 // 4) for seed in range(600)]
    grey = np.array([np.ptp(view.astype(int), axis=2).max() <= 1 for view in views])
    assert grey.mean() == pytest.approx(0.2, abs=0.05)
    plain = np.array([tuple(view[20, 2]) == (200, 80, 40) for view in views])
    assert plain.mean() == pytest.approx(0.2 * 0.8, abs=0.05)


def test_hue_is_turned_by_a_tenth_at_most():
    red = Image.new("RGB", (4, 4), (255, 0, 0))
    assert np.asarray(augment._other_hue(red, Always(True)))[0, 0].tolist() == [255, 156, 0]
    assert np.asarray(augment._other_hue(red, Always(False)))[0, 0].tolist() == [255, 0, 150]
    grey = Image.new("RGB", (4, 4), (90, 90, 90))
    assert np.asarray(augment._other_hue(grey, Always(True)))[0, 0].tolist() == [90, 90, 90]
