"""A base and the head that came with it are the library's own detector, for other classes too."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch
from torchvision.ops import box_convert

import detectors
from headstart.adaptation._class_rows import carry_over
from headstart.bases import load_base
from headstart.bases.formats import detr as _detr
from headstart.bases.networks.maps import mapped, maps_of
from headstart.bases.passes.onnx import export
from headstart.data.answers.boxes import boxes_of
from headstart.errors import ContractError
from headstart.heads import detr, head_for
from headstart.types import Maps

NAMES = ("ant", "bee", "cat")
"""Each once, so that all rows are carried over."""
TRUTH = torch.tensor(
    [[[0, 0.1, 0.1, 0.4, 0.5], [2, 0.5, 0.4, 0.9, 0.8], [-1, 0, 0, 0, 0]], [[-1, 0.0, 0.0, 0.0, 0.0]] * 3]
)
VARIANTS = {
    **{kind: (kind, {}) for kind in detectors.KINDS},
    "detr, losses of layers": ("detr", {"auxiliary_loss": True}),
    "detr on timm": ("detr", {"use_timm_backbone": True, "backbone": "test_resnet", "backbone_config": None}),
    "rt_detr, more levels": ("rt_detr", {"num_feature_levels": 4, "decoder_layers": 1}),
    "rt_detr, places of one size": ("rt_detr", {"anchor_image_size": [detectors.SIDE] * 2}),
}
OTHER_HEADS = [name for name in VARIANTS if name not in ("detr, losses of layers", "detr on timm")]
"""Those whose heads are not that of another: what they learn from and what they stand on may differ."""


class Known:
    """A detector of the library's, and what we made of its folder."""

    def __init__(self, kind, more, folder):
        with pytest.MonkeyPatch.context() as patch:
            patch.setitem(detectors.KINDS, kind, {**detectors.KINDS[kind], **more})
            self.folder, self.model = detectors.write(folder, kind, names=NAMES)
        self.base = mapped(load_base(str(folder)), 8)
        self.network, self.args = self.base.network(), self.base.head.architecture.args
        self.plugin = head_for("object_detection", "detr", self.args)
        self.k = len(NAMES) + (kind == "detr")

    def head(self, labels=NAMES):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(1)
            made = self.plugin.build(maps_of(self.network), labels, self.args)
        carry_over(made, self.base.head)
        return made.eval()

    def outputs(self, pixels):
        with torch.no_grad():
            return self.head()(self.network(pixels))


@pytest.fixture(scope="module", params=VARIANTS)
def known(request, tmp_path_factory):
    return Known(*VARIANTS[request.param], tmp_path_factory.mktemp("detector"))


@pytest.fixture(scope="module")
def pixels():
    return torch.randn(2, 3, detectors.SIDE, detectors.SIDE, generator=torch.Generator().manual_seed(5))


def said(truth):
    """As the library takes it."""
    real = truth[truth[:, 0] >= 0]
    boxes = box_convert(real[:, 1:], "xyxy", "cxcywh")
    return [{"class_labels": real[:, 0].long(), "boxes": boxes}]


def test_base_and_head_are_the_detector(known, pixels):
    with torch.no_grad():
        expected = known.model(pixels)
    found = known.outputs(pixels)[:, -1]
    assert expected.logits.std() > 0.1
    assert expected.pred_boxes.std() > 0.01
    torch.testing.assert_close(found[..., 4 : 4 + known.k], expected.logits, atol=1e-4, rtol=0)
    torch.testing.assert_close(found[..., :4], expected.pred_boxes, atol=1e-4, rtol=0)


def test_a_loss_is_the_librarys_of_one_image(known, pixels):
    """Of the layers whose losses the library's settings ask for; ours always has all of them."""
    decoder, head = known.model.model.decoder, known.head()
    try:
        # D-FINE's decoder tells all of its layers in training only; nothing else here differs then
        decoder.training = known.model.config.model_type == "d_fine"
        head.train(decoder.training)
        outputs = head(known.network(pixels))
        expected = [
            known.model(one[None], labels=said(truth)).loss for one, truth in zip(pixels, TRUTH, strict=True)
        ]
    finally:
        decoder.training = False
    if not known.model.config.auxiliary_loss:
        outputs = outputs[:, -1:]
    found = known.plugin.loss(outputs, TRUTH)
    torch.testing.assert_close(found, torch.stack(expected), rtol=1e-4, atol=1e-4)


def test_every_layer_learns_and_statistics_keep_still(known, pixels):
    head = known.head().train()
    before = {name: buffer.clone() for name, buffer in head.named_buffers()}
    rows = known.network(pixels).detach()
    outputs = head(rows)
    assert outputs.shape[1] > head.detector.config.decoder_layers - (not head.selects)
    known.plugin.loss(outputs, TRUTH).sum().backward()
    assert [name for name, one in head.named_parameters() if one.grad is None] == []
    assert all(torch.equal(buffer, before[name]) for name, buffer in head.named_buffers())
    with torch.no_grad():
        together = known.plugin.loss(outputs, TRUTH)
        alone = known.plugin.loss(outputs[:1], TRUTH[:1])
    torch.testing.assert_close(together[:1], alone)


def test_classes_of_the_same_name_keep_what_is_known_of_them(known):
    labels = ("zebra", "Cat", "ant")
    head, fresh = known.head(labels), known.plugin.build(maps_of(known.network), labels, known.args)
    fresh_state, brought = fresh.state_dict(), known.base.head.state
    assert known.base.head.labels == NAMES
    assert head.class_rows
    for name, value in head.state_dict().items():
        if name not in head.class_rows:
            assert torch.equal(value, brought[name]), name
            continue
        assert torch.equal(value[1], brought[name][2])
        assert torch.equal(value[2], brought[name][0])
        assert torch.equal(value[3:], brought[name][3:])  # for no object
        assert not torch.equal(value[0], brought[name][0])
        assert fresh_state[name].shape == value.shape


@pytest.mark.slow("rt_detr")
@pytest.mark.parametrize("known", OTHER_HEADS, indirect=True)
def test_a_graph_answers_the_same_for_any_number_of_images(known, pixels):
    head = known.head()
    rows = known.network(pixels).detach()
    graph = export(head, rows[:1], outputs=["answers"])
    session = onnxruntime.InferenceSession(graph, providers=["CPUExecutionProvider"])
    more = torch.cat([rows, rows.flip(0)[:1]])
    with torch.no_grad():
        expected = head(more).numpy()
    (found,) = session.run(None, {"input": more.numpy()})
    np.testing.assert_allclose(found, expected, atol=1e-3)


def test_outputs_that_are_no_numbers_have_a_loss_that_is_none(known, pixels):
    outputs = known.outputs(pixels)
    outputs[0, 0, 0, 0] = float("nan")
    found = known.plugin.loss(outputs, TRUTH)
    assert found.isfinite().tolist() == [False, True]


def test_more_boxes_than_queries(known, pixels):
    many = torch.tensor([[[1, 0.2, 0.2, 0.3, 0.4]]]).repeat(2, 40, 1)
    many[:, :, 1:] += torch.arange(40)[None, :, None] / 100
    assert known.plugin.loss(known.outputs(pixels), many).isfinite().all()


def test_answers_are_the_last_layers_boxes_and_nothing_is_suppressed(known, pixels):
    outputs = known.outputs(pixels)
    outputs[..., 4:] = -20.0
    if known.k > len(NAMES):
        outputs[..., 3 + known.k] = 20.0  # no object
    outputs[0, -1, :2, :4] = torch.tensor([0.5, 0.4, 0.2, 0.6])
    outputs[0, -1, :2, 4:] = -20.0
    outputs[0, -1, :2, 5] = 3.0
    outputs[0, 0, 2, 4] = 20.0 if outputs.shape[1] > 1 else -20.0
    first, second = (boxes_of(one) for one in known.plugin.answers(outputs, NAMES))
    assert [(one.name, one.left, one.top, one.right, one.bottom) for one in first] == [
        ("bee", 0.4, 0.1, 0.6, 0.7)
    ] * 2
    assert first[0].score == pytest.approx(torch.tensor(3.0).sigmoid().item(), abs=1e-5) or known.k > len(
        NAMES
    )
    assert second == []


def test_small_pictures_have_fewer_queries():
    settings = detectors.settings("rt_detr").to_dict()
    head = detr.Detr(Maps(((16, 2, 2), (16, 1, 1), (16, 1, 1)), 16), NAMES, settings).eval()
    assert head(torch.randn(2, 6 * 16)).shape[2] == 6


@pytest.mark.parametrize("kind", ["detr", "rt_detr"])
def test_maps_of_another_base_and_no_classes_are_refused(kind):
    settings = detectors.settings(kind).to_dict()
    with pytest.raises(ContractError, match="reads maps of") as caught:
        detr.Detr(Maps(((7, 4, 4),), 64), NAMES, settings)
    assert "the base that it came with" in caught.value.hint
    with pytest.raises(ContractError, match="needs classes"):
        detr.Detr(Maps(((16, 4, 4),), 64), (), settings)


def test_a_fresh_head_is_one_that_can_be_trained():
    """The library's own start has layers in front of the decoder that let next to nothing through."""
    head = _detr.upper_half(detectors.settings("rt_detr").to_dict(), 3)
    given = torch.randn(2, 16, 8, 8, generator=torch.Generator().manual_seed(0))
    assert 0.2 < float(head.model.decoder_input_proj.eval()[0](given).std().detach()) < 2
