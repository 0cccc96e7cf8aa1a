"""The head of FastestDet: places, objects and classes from one map; comes trained with such a base.

Each place says where the middle of its object is, and how large it is as a part of the whole picture; the
score is a geometric mean of the probabilities of an object and of its class, with weights of SURE and the
rest. The modules are those of `bases/networks/fastestdet.py`. We differ in the loss: `_task_aligned.py`
decides which place answers for a box, and teaches the score. On a base with several maps each has its own.

Notation: n images, d numbers of all maps of an image, L places of all maps together, k classes.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

from ..bases.networks.fastestdet import Answers
from ..bases.networks.maps import apart
from ..types import Maps
from ._boxes_out import detections
from ._joint_odds import log_of, logit_of
from ._levels import Shape, places, require
from ._task_aligned import BOX, CLASSES, detection_loss

WIDTH = 96
"""Channels of its layers, where a base brings none."""
SURE = 0.6
"""Weight of an object's probability in a score; the rest is its class's."""
PRIOR = 0.01
"""First probability of an object."""
FIRST_SIDE = 0.3
"""Of a place's first box, of the picture's."""


class FastestDet(nn.Module):
    """(n, d) flattened feature maps, finest first, to (n, L, 8 + k): the columns of `_task_aligned.py`.

    Attributes:
        labels: the k classes.
    """

    corners: Tensor
    """(L, 2) left and upper edge of each place."""
    strides: Tensor
    """(L, 2) across and down."""

    def __init__(self, shapes: Sequence[Shape], labels: Sequence[str], width: int = WIDTH) -> None:
        """A fresh head; its weights are drawn by PyTorch's own generator, which the caller seeds.

        Args:
            shapes: (channels, height, width) of each map, finest first.
            labels: the k classes, at least one.
            width: channels of its layers.

        Raises:
            ContractError: there is no map, no class, or a map is finer than the one before it.
        """
        super().__init__()
        require(shapes, labels)
        self.shapes, self.labels = tuple(shapes), tuple(labels)
        self.answers = nn.ModuleList(Answers(c, width, len(labels)) for c, _, _ in shapes)
        for one in self.answers:
            _start(one)
        layers = [f"answers.{level}.cls_layers.2" for level, _ in enumerate(shapes)]
        self.class_rows = {f"{layer}.{part}": (0, 1) for layer in layers for part in ("weight", "bias")}
        centres, strides = places([(h, w) for _, h, w in shapes])
        self.register_buffer("corners", centres - strides / 2, persistent=False)
        self.register_buffer("strides", strides, persistent=False)

    def forward(self, flat: Tensor) -> Tensor:
        """(n, d) -> (n, L, 8 + k); boxes may reach over the edge."""
        maps = apart(flat, self.shapes)
        raw = torch.cat([answer(one) for answer, one in zip(self.answers, maps, strict=True)], 1)
        middle = self.corners + raw[..., :2].tanh() * self.strides
        half = raw[..., 2:4].sigmoid() / 2
        stride = self.strides.prod(1, keepdim=True).sqrt()
        known = torch.cat([self.corners + self.strides / 2, stride], 1).expand(raw.shape[0], -1, -1)
        sure, classes = raw[..., 4:5], functional.log_softmax(raw[..., 5:], -1)
        score = SURE * log_of(sure) + (1 - SURE) * classes
        return torch.cat([middle - half, middle + half, known, sure, logit_of(score)], 2)


@torch.no_grad()
def _start(answers: nn.Module) -> None:
    """Random weights that keep the scale of what they are given, and answers that are the same everywhere."""
    first = {
        "reg_layers.2": [0.0, 0.0, *(math.log(FIRST_SIDE / (1 - FIRST_SIDE)),) * 2],
        "obj_layers.2": [math.log(PRIOR / (1 - PRIOR))],
    }
    for name, layer in answers.named_modules():
        if not isinstance(layer, nn.Conv2d) or layer.bias is None:
            continue
        nn.init.zeros_(layer.bias)
        if name.endswith(".2"):
            nn.init.normal_(layer.weight, std=0.01)
            layer.bias += torch.tensor(first.get(name, 0.0))
        else:
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")


class FastestDetHead:
    """The head of `heads/base.py`."""

    task = "object_detection"
    summary = "FastestDet's layers on one map: the smallest; comes trained with such a base"

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """(n, d) to (n, L, 8 + k)."""
        return FastestDet(maps.shapes, labels, **args)  # type: ignore[arg-type]

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) of classes, boxes and objects."""
        return detection_loss(outputs, targets)

    def answers(self, outputs: Tensor, labels: Sequence[str]) -> list[str]:
        """Boxes with their scores."""
        return detections(outputs[..., BOX], outputs[..., CLASSES].sigmoid(), labels)


plugin = FastestDetHead()
