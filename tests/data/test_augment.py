"""Views keep size and mode, are never mirrored, and come from the generator alone."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms import v2

from headstart.data import augment

GREY = (128, 128, 128)


def operations(size=32, fill=GREY):
    crop, choice = augment.policy(size, fill).transforms
    return crop, choice.transforms


@pytest.fixture
def picture(noise):
    return Image.fromarray(noise(0, 32, 32))


def views(picture, count, size=32, seed=0):
    policy = augment.policy(size, GREY)
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return [np.asarray(policy(picture)) for _ in range(count)]


def test_a_view_has_the_size_asked(picture):
    assert {view.shape for view in views(picture, 40, size=20)} == {(20, 20, 3)}


def test_the_same_seed_gives_the_same_views_and_another_seed_others(picture):
    first, again, other = (np.stack(views(picture, 10, seed=seed)) for seed in (1, 1, 2))
    assert np.array_equal(first, again)
    assert not np.array_equal(first, other)


def test_every_operation_but_the_first_changes_a_picture(picture):
    _, choices = operations()
    changed = [not np.array_equal(np.asarray(choice(picture)), np.asarray(picture)) for choice in choices]
    assert changed[0] is False
    # noise of the full range leaves autocontrast nothing to do
    assert all(changed[1:-1])


def test_nothing_mirrors_inverts_or_quantises():
    _, choices = operations()
    barred = (
        v2.RandomHorizontalFlip,
        v2.RandomVerticalFlip,
        v2.RandomInvert,
        v2.RandomSolarize,
        v2.RandomPosterize,
    )
    assert not [choice for choice in choices if isinstance(choice, barred)]


def test_what_comes_from_outside_has_the_fill_colour():
    _, choices = operations(fill=(10, 20, 30))
    white = Image.new("RGB", (32, 32), (255, 255, 255))
    rotated = [np.asarray(choices[1](white))[0, 0].tolist() for _ in range(20)]
    assert [10, 20, 30] in rotated
