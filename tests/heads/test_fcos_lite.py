"""The head of a detector: what its columns say, for maps of any number and size."""

import io
import warnings

import numpy as np
import onnxruntime
import pytest
import torch

from headstart.errors import ContractError
from headstart.heads import fcos_lite
from headstart.heads._task_aligned import BOX, CENTRE, CLASSES, QUALITY, STRIDE
from headstart.heads.fcos_lite import PRIOR, FcosLite, places

MAPS = {
    "one": [(5, 4, 4)],
    "usual": [(4, 8, 8), (6, 4, 4), (8, 2, 2)],
    "four, odd sides": [(3, 11, 11), (4, 5, 5), (5, 3, 3), (6, 1, 1)],
    "alike": [(4, 3, 3), (4, 3, 3)],
}


def head_of(shapes, labels=("a", "b"), width=16):
    torch.manual_seed(0)
    return FcosLite(shapes, labels, width)


def flat(shapes, n=2):
    draws = np.random.default_rng(0)
    return torch.from_numpy(draws.normal(size=(n, sum(c * h * w for c, h, w in shapes)))).float()


@pytest.mark.parametrize("shapes", MAPS.values(), ids=MAPS)
def test_the_columns_of_a_fresh_head(shapes):
    outputs = head_of(shapes)(flat(shapes)).detach()
    assert outputs.shape == (2, sum(h * w for _, h, w in shapes), 8 + 2)
    assert outputs.dtype == torch.float32
    at = 0
    for _, side, _ in shapes:
        level = outputs[0, at : (at := at + side * side)]
        assert level[0, CENTRE].tolist() == pytest.approx([0.5 / side, 0.5 / side])
        assert level[side - 1, CENTRE].tolist() == pytest.approx([1 - 0.5 / side, 0.5 / side])
        torch.testing.assert_close(level[:, STRIDE], torch.full((side * side,), 1 / side))
        # boxes start around their place, some strides wide: coarse maps begin with large objects
        size = (level[:, BOX][:, 2:] - level[:, BOX][:, :2]) * side
        torch.testing.assert_close(size, torch.full_like(size, 2 * fcos_lite.FIRST_REACH), atol=0.5, rtol=0)
    torch.testing.assert_close(
        outputs[..., CLASSES].sigmoid(), torch.tensor(PRIOR).expand(2, at, 2), atol=0.01, rtol=0
    )
    assert outputs[..., QUALITY].abs().max() < 0.5


def test_boxes_of_oblong_maps_are_measured_by_their_own_sides():
    centres, strides = places([(2, 4)])
    assert centres[1].tolist() == [0.375, 0.25]
    assert strides[1].tolist() == [0.25, 0.5]
    outputs = head_of([(3, 2, 4)])(flat([(3, 2, 4)])).detach()
    width, height = (outputs[0, 0, BOX][2:] - outputs[0, 0, BOX][:2]).tolist()
    assert height == pytest.approx(2 * width, rel=0.1)
    assert outputs[0, 0, STRIDE].item() == pytest.approx(8**-0.5)


def test_what_a_place_says_stands_at_its_place():
    """A bright spot in the finest map changes the answers near it most, whatever the order of columns."""
    shapes = [(3, 8, 8)]
    head, dark = head_of(shapes).eval(), torch.zeros(1, 3 * 64)
    bright = dark.clone().reshape(1, 3, 8, 8)
    bright[0, :, 2, 6] = 3.0
    with torch.no_grad():
        change = (head(bright.reshape(1, -1)) - head(dark))[0, :, QUALITY].abs()
    x, y = head(dark)[0, change.argmax(), CENTRE].tolist()
    assert max(abs(x * 8 - 6.5), abs(y * 8 - 2.5)) <= 1.0


def test_coarse_maps_reach_fine_answers_and_not_the_other_way():
    shapes = [(2, 4, 4), (3, 2, 2)]
    head, given = head_of(shapes).eval(), flat(shapes, 1)
    coarse, fine = given.clone(), given.clone()
    coarse[:, 32:] = -1.0
    fine[:, :32] = -1.0
    with torch.no_grad():
        kept, by_coarse, by_fine = (head(one)[0, :, QUALITY] for one in (given, coarse, fine))
    assert not torch.equal(by_coarse[:16], kept[:16])
    assert not torch.equal(by_fine[:16], kept[:16])
    torch.testing.assert_close(by_fine[16:], kept[16:])


def test_images_do_not_see_each_other_in_training_or_use():
    shapes = MAPS["usual"]
    head, given = head_of(shapes), flat(shapes, 3)
    together = head.train()(given)
    torch.testing.assert_close(head.eval()(given[1:2]), together[1:2], atol=1e-5, rtol=1e-5)


def test_every_weight_learns():
    shapes = MAPS["usual"]
    head = head_of(shapes)
    torch.nn.init.normal_(head.answers.weight)
    head(flat(shapes)).square().sum().backward()
    still = [name for name, weight in head.named_parameters() if not weight.grad.abs().sum() > 0]
    assert not still


@pytest.mark.parametrize("shapes", MAPS.values(), ids=MAPS)
def test_it_exports_to_onnx(shapes):
    head, given, graph = head_of(shapes).eval(), flat(shapes, 3), io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        axes = {"input": {0: "n"}, "output": {0: "n"}}
        torch.onnx.export(
            head,
            (given[:2],),
            graph,
            dynamo=False,
            input_names=["input"],
            output_names=["output"],
            dynamic_axes=axes,
        )
    session = onnxruntime.InferenceSession(graph.getvalue(), providers=["CPUExecutionProvider"])
    found = session.run(None, {"input": given.numpy()})[0]
    np.testing.assert_allclose(found, head(given).detach().numpy(), atol=1e-4)


@pytest.mark.parametrize(
    ("shapes", "labels"), [([], ["a"]), ([(3, 4, 4)], []), ([(3, 4, 4), (3, 8, 8)], ["a"])]
)
def test_what_it_cannot_be_made_of(shapes, labels):
    with pytest.raises(ContractError, match="finest first"):
        FcosLite(shapes, labels)
