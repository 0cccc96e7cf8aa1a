"""What every decoder of segmentation does with maps of any number and size."""

import numpy as np
import pytest
import torch

from headstart.errors import ContractError
from headstart.heads._segmentation_loss import segmentation_loss
from headstart.heads._segmenter import Segmenter, enlarged, narrowed
from headstart.heads.deeplabv3plus import DeepLabV3Plus
from headstart.heads.fpn import FPN
from headstart.heads.unet import UNet
from headstart.types import Maps

SHAPES = ((6, 16, 16), (8, 8, 8), (12, 4, 4))
LABELS = ("background", "cell", "edge")
MAPS = Maps(SHAPES, 32)
READ = {UNet: (0, 1, 2), FPN: (0, 1, 2), DeepLabV3Plus: (0, 2)}
"""Which of MAPS a decoder looks at."""


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.fixture(params=READ, ids=lambda made: made.__name__)
def decoder(request):
    return request.param


def flat(maps):
    return torch.cat([each.flatten(1) for each in maps], dim=1)


def drawn(shapes=SHAPES, n=2, seed=0):
    draws = torch.Generator().manual_seed(seed)
    return flat([torch.randn(n, *shape, generator=draws) for shape in shapes])


@pytest.mark.parametrize(
    ("shapes", "side"),
    [
        (SHAPES, 32),
        (SHAPES[:2], 32),
        (SHAPES[:1], 16),
        (((3, 15, 11), (5, 8, 6), (7, 4, 3), (9, 2, 2)), 29),
        (((4, 32, 32), (4, 16, 16), (4, 8, 8), (4, 4, 4), (4, 1, 1)), 64),
        (((4, 8, 8), (40, 8, 8)), 16),  # a dilated backbone: the same size twice
        (((300, 4, 4), (300, 2, 2)), 64),  # patches: wide, and nothing is fine
    ],
)
@pytest.mark.parametrize("n", [1, 3])
def test_every_pixel_has_an_output_for_each_class(decoder, shapes, side, n):
    head = decoder(Maps(shapes, side), LABELS)
    outputs = head.train()(drawn(shapes, n))
    assert outputs.shape == (n, 3, side, side)
    outputs.sum().backward()
    for name, weight in head.named_parameters():
        assert weight.grad is not None, name


def test_nothing_depends_on_the_batch_or_on_training(decoder):
    head, inputs = decoder(MAPS, LABELS).train(), drawn(n=3)
    torch.testing.assert_close(head(inputs)[1:2], head(inputs[1:2]))
    torch.testing.assert_close(head(inputs), head.eval()(inputs))


def test_each_map_is_read_at_its_place(decoder):
    """A map that changes in one corner changes the outputs there more than elsewhere."""
    head, inputs = decoder(MAPS, LABELS), drawn(n=8)
    for level in READ[decoder]:
        maps = [torch.zeros(8, *shape) for shape in SHAPES]
        maps[level][..., -1, -1] = 1
        changed = (head(inputs + flat(maps)) - head(inputs)).detach().abs().mean((0, 1))
        assert changed[24:, 24:].mean() > 2 * changed[:8, :8].mean(), level


@pytest.mark.parametrize("widest", [320, 2048])
def test_it_is_small_for_any_backbone(decoder, widest):
    shapes = ((64, 128, 128), (256, 64, 64), (512, 32, 32), (1024, 16, 16), (widest, 8, 8))
    head = decoder(Maps(shapes, 256), [str(number) for number in range(20)])
    assert sum(weight.numel() for weight in head.parameters()) < 1_300_000


def discs(n=12, seed=0):
    """Noisy maps (n, d) of discs, half of them dim in the finest map, and their masks (n, 32, 32)."""
    draws = np.random.default_rng(seed)
    truth = np.zeros((n, 32, 32), dtype=np.int64)
    y, x = np.mgrid[:32, :32]
    for mask in truth:
        cy, cx, radius = *draws.uniform(8, 24, 2), draws.uniform(4, 8)
        mask[(y - cy) ** 2 + (x - cx) ** 2 < radius**2] = draws.integers(1, 3)
    signal = torch.from_numpy(truth)
    maps = []
    for c, side, _ in SHAPES:
        one_hot = torch.nn.functional.one_hot(signal, 3).permute(0, 3, 1, 2).float()
        small = torch.nn.functional.adaptive_avg_pool2d(one_hot, side)
        noise = torch.from_numpy(draws.normal(size=(n, c, side, side))).float()
        maps.append(small.repeat(1, c // 3 + 1, 1, 1)[:, :c] + 0.5 * noise)
    return flat(maps), signal


def test_it_learns(decoder):
    (inputs, truth), (others, wanted) = discs(), discs(seed=1)
    head = decoder(MAPS, LABELS)
    before = (head(others).argmax(1) == wanted)[wanted > 0].float().mean()
    optimizer = torch.optim.AdamW(head.parameters(), lr=5e-3)
    for _ in range(40):
        optimizer.zero_grad()
        segmentation_loss(head(inputs), truth).mean().backward()
        optimizer.step()
    found = head(others).argmax(1)
    assert (found == wanted)[wanted > 0].float().mean() > max(0.8, before)
    assert (found == wanted)[wanted == 0].float().mean() > 0.95


@pytest.mark.parametrize(
    ("maps", "labels", "said"),
    [
        (Maps((), 8), LABELS, r"maps of \[\]"),
        (MAPS, (), "0 classes"),
        (Maps(SHAPES, 0), LABELS, "a side of 0 pixels"),
        (Maps(SHAPES[::-1], 8), LABELS, "finest first"),
        (Maps(((3, 4, 2), (3, 2, 4)), 8), LABELS, "finest first"),
    ],
)
def test_a_head_that_cannot_be_is_refused(decoder, maps, labels, said):
    with pytest.raises(ContractError, match=said):
        decoder(maps, labels)


class Kept(Segmenter):
    """Gives the finest map as it is."""

    def __init__(self, maps, labels):
        super().__init__(maps, labels)
        self.classify = torch.nn.Identity()

    def decoded(self, maps):
        assert [tuple(one.shape[1:]) for one in maps] == list(self.shapes)
        return maps[0]


def test_a_row_is_cut_into_its_maps_again():
    shapes = ((3, 4, 2), (5, 2, 1))
    maps = [torch.randn(2, *shape) for shape in shapes]
    torch.testing.assert_close(
        Kept(Maps(shapes, 8), LABELS)(flat(maps)), enlarged(maps[0], (8, 8)), atol=0, rtol=0
    )


def test_the_scale_of_a_map_does_not_matter_and_its_width_is_bounded():
    for c, after in ((4, 4), (12, 8)):
        narrow, one = narrowed(c, 8), torch.randn(2, c, 6, 5)
        assert narrow(one).shape == (2, after, 6, 5)
        torch.testing.assert_close(narrow(1000 * one), narrow(one), atol=1e-3, rtol=1e-3)
