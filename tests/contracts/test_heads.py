"""What every head of `heads/` keeps, whoever wrote it. A new one is found by its file name."""

import json

import numpy as np
import onnxruntime
import pytest
import torch

from headstart import registry
from headstart.adaptation._class_rows import carry_over
from headstart.bases.base import Brought
from headstart.bases.passes.onnx import export
from headstart.errors import HeadstartError
from headstart.heads import head_for
from headstart.types import Architecture, Maps

MAPS = Maps(((6, 8, 8), (8, 4, 4), (12, 2, 2)), 64)
WIDTH = sum(c * h * w for c, h, w in MAPS.shapes)
LABELS = ("ant", "bee é", "cat")
ARGS = {
    "detr": {
        "model_type": "rt_detr",
        "backbone_config": {
            "model_type": "resnet",
            "embedding_size": 4,
            "hidden_sizes": [4, 4, 4, 4],
            "depths": [1, 1, 1, 1],
            "layer_type": "basic",
            "out_features": ["stage2", "stage3", "stage4"],
        },
        "encoder_hidden_dim": 8,
        "encoder_in_channels": [4, 4, 4],
        "decoder_in_channels": [c for c, _, _ in MAPS.shapes],
        "d_model": 16,
        "num_queries": 10,
        "decoder_ffn_dim": 16,
        "decoder_layers": 2,
        "decoder_attention_heads": 2,
        "decoder_n_points": 2,
    },
}
"""What a base brings with a head that cannot be built without, by name."""


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


@pytest.fixture(params=registry.names("heads"))
def named(request):
    head = registry.get("heads", request.param)
    return request.param, head_for(head.task, request.param, ARGS.get(request.param))


def built(named, labels=LABELS):
    name, head = named
    return head.build(MAPS, labels, ARGS.get(name, {}))


def targets_of(head, n=2):
    """Two boxes, or two halves, in every image but the last, which has none."""
    if head.task == "segmentation":
        masks = torch.full((n, MAPS.side, MAPS.side), 255)
        masks[:-1, : MAPS.side // 2], masks[:-1, MAPS.side // 2 :] = 0, 2
        return masks
    boxes = torch.tensor([[0, 0.1, 0.1, 0.4, 0.5], [2, 0.5, 0.4, 0.9, 0.8]]).repeat(n, 1, 1)
    boxes[-1, :, 0] = -1
    return boxes


def test_it_is_for_a_task_and_says_what_it_is(named):
    assert named[1].task in registry.names("tasks")
    assert named[1].summary[-1] != "."


def test_one_that_cannot_be_built_without_its_base_says_so(named):
    name, head = named
    if name not in ARGS:
        assert head_for(head.task, name) is head
        return
    for without in (lambda: head_for(head.task, name), lambda: head.build(MAPS, LABELS, {})):
        with pytest.raises(HeadstartError, match="comes with a base") as caught:
            without()
        assert "--head" in caught.value.hint


def test_outputs_of_images_do_not_depend_on_each_other(named):
    module = built(named).eval()
    rows = torch.randn(3, WIDTH)
    with torch.no_grad():
        # an untrained head's boxes are thousands of pixels wide: near 0 is a difference of such
        assert torch.allclose(module(rows)[1:2], module(rows[1:2]), atol=1e-3)
    assert module.labels == LABELS


def test_it_learns_every_image_has_a_loss_and_one_without_anything_does_no_harm(named):
    _, head = named
    module, rows, targets = built(named), torch.randn(2, WIDTH), targets_of(head)
    first = head.loss(module(rows), targets)
    assert first.shape == (2,)
    assert first.isfinite().all()
    optimizer = torch.optim.Adam(module.parameters(), 3e-3)
    for _ in range(15):
        loss = head.loss(module(rows), targets).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert float(head.loss(module(rows), targets)[0].detach()) < 0.9 * float(first[0].detach())
    assert all(parameter.isfinite().all() for parameter in module.parameters())


def test_one_loss_of_many_images_is_that_of_each(named):
    _, head = named
    module, rows, targets = built(named).eval(), torch.randn(3, WIDTH), targets_of(head, 3)
    with torch.no_grad():
        together = head.loss(module(rows), targets)
        alone = [head.loss(module(rows[i : i + 1]), targets[i : i + 1]) for i in range(3)]
    assert torch.allclose(together, torch.cat(alone), atol=1e-4)


def test_answers_are_canonical(named):
    _, head = named
    module = built(named).eval()
    with torch.no_grad():
        found = head.answers(module(torch.randn(2, WIDTH)), LABELS)
    assert len(found) == 2
    for one in found:
        plain = json.loads(one)
        assert set(plain) == ({"boxes"} if head.task == "object_detection" else {"classes", "png"})
        assert json.dumps(plain, ensure_ascii=False, separators=(",", ":")) == one
        assert {box[0] for box in plain.get("boxes", [])} | {*plain.get("classes", [])} <= {*LABELS}


def test_which_rows_stand_for_classes(named):
    few, more = built(named), built(named, (*LABELS, "dog"))
    shapes = {name: value.shape for name, value in few.named_parameters()}
    others = {name: value.shape for name, value in more.named_parameters()}
    assert shapes.keys() == others.keys()
    assert {name for name in shapes if shapes[name] != others[name]} == few.class_rows.keys()
    for name, (first, many) in few.class_rows.items():
        assert others[name][0] - shapes[name][0] == many
        assert first + many * len(LABELS) <= shapes[name][0]
    assert few.class_rows == more.class_rows


class OfPictures(torch.nn.Module):
    """A head whose rows have the axes of pictures, of which the exporter leaves the first free alone."""

    def __init__(self, head):
        super().__init__()
        self.head = head

    def forward(self, pictures):
        return self.head(pictures.flatten(1))


def test_it_answers_the_same_as_onnx_or_says_why_it_cannot(named, request):
    """A reason that no longer holds fails too."""
    if why := getattr(named[1], "without_onnx", ""):
        request.applymarker(pytest.mark.xfail(reason=why, strict=True))
    model = OfPictures(built(named)).eval()
    graph = export(model, torch.randn(2, 1, 1, WIDTH))
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    for n in (1, 3):
        pictures = torch.randn(n, 1, 1, WIDTH)
        [found] = session.run(None, {"input": pictures.numpy()})
        np.testing.assert_allclose(found, model(pictures).detach().numpy(), atol=1e-4)


def test_a_class_keeps_its_answers_in_another_place(named):
    name, head = named
    order = (*LABELS[1:], LABELS[0])
    first, other = built(named).eval(), built(named, order).eval()
    for parameter in first.parameters():
        torch.nn.init.normal_(parameter, std=0.3)
    carry_over(other, Brought(Architecture("heads", name), LABELS, first.state_dict()))
    rows = torch.randn(2, WIDTH)
    with torch.no_grad():
        pairs = zip(head.answers(first(rows), LABELS), head.answers(other(rows), order), strict=True)
    for one, same in pairs:
        assert json.loads(one).get("boxes", ["mask"])
        assert json.loads(one).keys() == json.loads(same).keys()
        for right, found in zip(_boxes(one), _boxes(same), strict=True):
            assert right[0] == found[0]
            assert right[1:] == pytest.approx(found[1:], abs=1e-4)
        assert head.task == "object_detection" or one == same


def _boxes(answer):
    return sorted(json.loads(answer).get("boxes", []))
