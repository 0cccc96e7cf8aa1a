"""The head of segmentation: shapes, learning, export, answers."""

import base64
import io
import json

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image

from headstart.bases._onnx import export
from headstart.heads._segmentation_loss import segmentation_loss
from headstart.heads.unet import UNet, plugin

SHAPES = ((6, 16, 16), (8, 8, 8), (12, 4, 4))
LABELS = ("background", "cell", "edge")


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def flat(maps):
    return torch.cat([each.flatten(1) for each in maps], dim=1)


def drawn(shapes=SHAPES, n=2, seed=0):
    draws = torch.Generator().manual_seed(seed)
    return flat([torch.randn(n, *shape, generator=draws) for shape in shapes])


def decoded(answer):
    held = json.loads(answer)
    picture = Image.open(io.BytesIO(base64.b64decode(held["png"])))
    return held["classes"], picture.mode, np.asarray(picture)


@pytest.mark.parametrize(
    ("shapes", "side"),
    [
        (SHAPES, 32),
        (SHAPES[:2], 32),
        (SHAPES[:1], 16),
        (((3, 15, 11), (5, 8, 6), (7, 4, 3), (9, 2, 2)), 29),
        (((4, 32, 32), (4, 16, 16), (4, 8, 8), (4, 4, 4), (4, 1, 1)), 64),
        (((4, 8, 8), (40, 8, 8)), 16),  # a dilated backbone: the same size twice
    ],
)
@pytest.mark.parametrize("n", [1, 3])
def test_every_pixel_has_an_output_for_each_class(shapes, side, n):
    head = UNet(shapes, LABELS, side)
    outputs = head.train()(drawn(shapes, n))
    assert outputs.shape == (n, 3, side, side)
    outputs.sum().backward()
    for name, weight in head.named_parameters():
        assert weight.grad is not None, name


def test_an_image_does_not_depend_on_its_batch():
    head, inputs = UNet(SHAPES, LABELS, 32).train(), drawn(n=3)
    torch.testing.assert_close(head(inputs)[1:2], head(inputs[1:2]))
    torch.testing.assert_close(head(inputs), head.eval()(inputs))


def test_each_map_is_read_at_its_place():
    """A map that changes in one corner changes the outputs there more than elsewhere."""
    head, inputs = UNet(SHAPES, LABELS, 32), drawn(n=8)
    for level in range(3):
        maps = [torch.zeros(8, *shape) for shape in SHAPES]
        maps[level][..., -1, -1] = 1
        changed = (head(inputs + flat(maps)) - head(inputs)).detach().abs().mean((0, 1))
        assert changed[24:, 24:].mean() > 2 * changed[:8, :8].mean(), level


@pytest.mark.parametrize("widest", [320, 2048])
def test_it_is_small_for_any_backbone(widest):
    shapes = ((64, 128, 128), (256, 64, 64), (512, 32, 32), (1024, 16, 16), (widest, 8, 8))
    head = UNet(shapes, [str(number) for number in range(20)], 256)
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


def test_it_learns():
    (inputs, truth), (others, wanted) = discs(), discs(seed=1)
    head = UNet(SHAPES, LABELS, 32)
    before = (head(others).argmax(1) == wanted)[wanted > 0].float().mean()
    optimizer = torch.optim.AdamW(head.parameters(), lr=5e-3)
    for _ in range(40):
        optimizer.zero_grad()
        segmentation_loss(head(inputs), truth).mean().backward()
        optimizer.step()
    found = head(others).argmax(1)
    assert (found == wanted)[wanted > 0].float().mean() > max(0.8, before)
    assert (found == wanted)[wanted == 0].float().mean() > 0.95


def plainly(head, given):
    """The decoder as it is described: maps are joined, then mixed, without regard to the order in memory."""
    parts = torch.split(given, [c * h * w for c, h, w in head.shapes], dim=1)
    maps = [
        narrow(part.reshape(-1, *shape))
        for narrow, part, shape in zip(head.narrow, parts, head.shapes, strict=True)
    ]

    def enlarged(one, sides):
        return torch.nn.functional.interpolate(one, sides, mode="bilinear", align_corners=False)

    decoded = maps[-1]
    for mix, own in list(zip(head.mix, maps, strict=False))[::-1]:
        decoded = mix(torch.cat([own, enlarged(decoded, own.shape[2:])], dim=1))
    return enlarged(head.classify(decoded), (head.side, head.side))


@pytest.mark.parametrize("shapes", [SHAPES, SHAPES[:1], ((3, 16, 16), (200, 4, 4))])
def test_it_is_the_decoder_of_its_description(shapes):
    head, inputs = SegmentationHead(shapes, LABELS, 32), drawn(shapes, 3)
    parameters = list(head.parameters())
    found, expected = head(inputs), plainly(head, inputs)
    torch.testing.assert_close(found, expected, atol=1e-5, rtol=1e-5)
    slopes = [torch.autograd.grad(out.square().mean(), parameters) for out in (found, expected)]
    for given, slope in zip(*slopes, strict=True):
        torch.testing.assert_close(given, slope, atol=1e-5, rtol=1e-4)


class Listed(torch.nn.Module):
    """The outputs of a head as the exporter takes them."""

    def __init__(self, head):
        super().__init__()
        self.head = head

    def forward(self, inputs):
        return (self.head(inputs),)


@pytest.mark.parametrize("n", [1, 5])
def test_it_can_be_exported(n):
    head = UNet(SHAPES, LABELS, 30).eval()
    session = onnxruntime.InferenceSession(export(Listed(head).eval(), drawn()))
    inputs = drawn(n=n, seed=1)
    [found] = session.run(None, {"input": inputs.numpy()})
    np.testing.assert_allclose(found, head(inputs).detach().numpy(), atol=1e-4)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (((), LABELS, 8), "needs feature maps"),
        ((SHAPES, (), 8), "needs feature maps"),
        ((SHAPES, LABELS, 0), "a side in pixels"),
        ((SHAPES[::-1], LABELS, 8), "finest first"),
    ],
)
def test_a_head_that_cannot_be_is_refused(wrong, said):
    with pytest.raises(ValueError, match=said):
        UNet(*wrong)


def test_answers_hold_the_classes_that_occur():
    outputs = torch.zeros(2, 3, 4, 4)
    outputs[0, 2, :2] = outputs[0, 1, 2:] = outputs[1, 0] = 1
    first, second = plugin.answers(outputs, ("zebra", "ant", "mole"))
    classes, mode, numbers = decoded(first)
    assert (classes, mode) == (["ant", "mole"], "L")
    np.testing.assert_array_equal(numbers, [[1] * 4] * 2 + [[0] * 4] * 2)
    classes, _, numbers = decoded(second)
    assert classes == ["zebra"]
    assert (numbers == 0).all()
