"""The head of YOLOX: on each map one tower that tells of classes and one of places; comes trained with YOLOX.

Ge et al., arXiv:2107.08430, section 2.2; the modules are those of `bases/networks/yolox.py`. We differ in the
loss: which place answers for a box is decided by `_task_aligned.py` and not by SimOTA (both ask what a place
says already), and it teaches the product of both probabilities, which is the score.

Notation: n images, d numbers of all maps of an image, L places of all maps together, k classes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn

from ..bases.networks.maps import apart
from ..bases.networks.yolox import Towers
from ..types import Maps
from ._boxes_out import detections
from ._joint_odds import of_both
from ._levels import Shape, places, require
from ._task_aligned import BOX, CLASSES, detection_loss

WIDTH = 64
"""Channels of a tower, where a base brings none."""
PRIOR = 0.1
"""First probability of an object, and of each class: of both together a hundredth."""
FIRST_SIDE = 4.0
"""Of a place's first box, in places."""
LARGEST = 8.0
"""Of the logarithm of a side in places: more than any picture has."""


class YoloX(nn.Module):
    """(n, d) flattened feature maps, finest first, to (n, L, 8 + k): the columns of `_task_aligned.py`.

    Attributes:
        labels: the k classes.
    """

    corners: Tensor
    """(L, 2) left and upper edge of each place."""
    strides: Tensor
    """(L, 2) across and down."""

    def __init__(
        self, shapes: Sequence[Shape], labels: Sequence[str], width: int = WIDTH, separable: bool = True
    ) -> None:
        """A fresh head; its weights are drawn by PyTorch's own generator, which the caller seeds.

        Args:
            shapes: (channels, height, width) of each map, finest first.
            labels: the k classes, at least one.
            width: channels of a tower.
            separable: are its filters depthwise and pointwise ones?

        Raises:
            ContractError: there is no map, no class, or a map is finer than the one before it.
        """
        super().__init__()
        require(shapes, labels)
        self.shapes, self.labels = tuple(shapes), tuple(labels)
        self.towers = Towers([c for c, _, _ in shapes], width, len(labels), separable)
        _start(self.towers)
        layers = [f"towers.cls_preds.{level}" for level, _ in enumerate(shapes)]
        self.class_rows = {f"{layer}.{part}": (0, 1) for layer in layers for part in ("weight", "bias")}
        centres, strides = places([(h, w) for _, h, w in shapes])
        self.register_buffer("corners", centres - strides / 2, persistent=False)
        self.register_buffer("strides", strides, persistent=False)

    def forward(self, flat: Tensor) -> Tensor:
        """(n, d) -> (n, L, 8 + k); boxes may reach over the edge."""
        raw = self.towers(apart(flat, self.shapes))
        middle = self.corners + raw[..., :2] * self.strides
        half = raw[..., 2:4].clamp(max=LARGEST).exp() * self.strides / 2
        stride = self.strides.prod(1, keepdim=True).sqrt()
        known = torch.cat([self.corners + self.strides / 2, stride], 1).expand(raw.shape[0], -1, -1)
        sure = raw[..., 4:5]
        return torch.cat([middle - half, middle + half, known, sure, of_both(sure, raw[..., 5:])], 2)


@torch.no_grad()
def _start(towers: Towers) -> None:
    """Random weights that keep the scale of what they are given, and answers that are the same everywhere."""
    for name, layer in towers.named_modules():
        if not isinstance(layer, nn.Conv2d) or layer.bias is None:
            continue
        if "preds" not in name:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
            nn.init.zeros_(layer.bias)
            continue
        nn.init.normal_(layer.weight, std=0.01)
        nn.init.constant_(layer.bias, math.log(PRIOR / (1 - PRIOR)))
        if "reg" in name:
            layer.bias.copy_(torch.tensor([0.5, 0.5, *(math.log(FIRST_SIDE),) * 2]))


class YoloXHead:
    """The head of `heads/base.py`."""

    task = "object_detection"
    summary = "YOLOX's two towers on each map; comes trained with such a base"

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """(n, d) to (n, L, 8 + k)."""
        return YoloX(maps.shapes, labels, **args)  # type: ignore[arg-type]

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) of classes, boxes and objects."""
        return detection_loss(outputs, targets)

    def answers(self, outputs: Tensor, labels: Sequence[str]) -> list[str]:
        """Boxes with the probability of an object of the class."""
        return detections(outputs[..., BOX], outputs[..., CLASSES].sigmoid(), labels)


plugin = YoloXHead()
