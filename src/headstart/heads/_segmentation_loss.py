"""The loss of a segmentation model: cross entropy and soft Dice together.

Notation: n images, k classes, s side in pixels; p the probability of a class at a pixel, y 1 where it is
right and 0 elsewhere.

Cross entropy counts pixels, so a small class hardly matters to it. Dice counts each class that occurs in an
image the same, by how far its area and the predicted one overlap: 1 - 2 sum(p y) / (sum(p^2) + sum(y^2))
(Milletari, Navab and Ahmadi, 3DV 2016, arXiv:1606.04797; theirs has one
foreground, ours takes the mean over the classes that occur). The sum of both as in nnU-Net (Isensee et al.,
Nature Methods 2021).
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

from ..data.answers.masks import IGNORED


def segmentation_loss(outputs: Tensor, truth: Tensor) -> Tensor:
    """(n,) loss of each image, from outputs (n, k, s, s) and class numbers (n, s, s), IGNORED left out.

    Outputs of another size are enlarged. An image without a known pixel has loss 0, and no gradient.
    """
    if outputs.shape[2:] != truth.shape[1:]:
        outputs = functional.interpolate(outputs, truth.shape[1:], mode="bilinear", align_corners=False)
    logs = functional.log_softmax(outputs.float().flatten(2), dim=1)
    # One byte each: comparing them is most of the work of telling classes apart.
    numbers = truth.flatten(1).to(torch.uint8)
    classes = torch.arange(logs.shape[1], dtype=torch.uint8, device=truth.device)
    right = (numbers[:, None] == classes[:, None]).float()  # an unknown pixel has no class
    known = (numbers != IGNORED).float()
    return _cross_entropy(logs, right, known) + _dice(logs, right, known)


def _cross_entropy(logs: Tensor, right: Tensor, known: Tensor) -> Tensor:
    """(n,) from (n, k, s * s) and (n, s * s)."""
    return -(logs * right).sum((1, 2)) / known.sum(1).clamp(min=1)


def _dice(logs: Tensor, right: Tensor, known: Tensor) -> Tensor:
    probability, area = logs.exp(), right.sum(2)
    shared = (probability * right).sum(2)
    together = (probability.square() * known[:, None]).sum(2) + area
    occurs = area > 0
    lost = torch.where(occurs, 1 - 2 * shared / together.clamp(min=1), 0)
    return lost.sum(1) / occurs.sum(1).clamp(min=1)
