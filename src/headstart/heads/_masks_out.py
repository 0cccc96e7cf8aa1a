"""What heads of segmentation share: outputs (n, k, s, s), the larger a number the likelier the class.

Notation: n images, k classes, s side in pixels.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor

from ..data.answers.masks import as_answer
from ._segmentation_loss import segmentation_loss


class OfMasks:
    """A part of `heads/base.py: Head`."""

    task = "segmentation"

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) cross entropy and Dice; pixels of no known class do not count."""
        return segmentation_loss(outputs, targets)

    def answers(self, outputs: Tensor, labels: Sequence[str]) -> list[str]:
        """Each pixel has the class of its largest output."""
        largest = outputs.detach().argmax(1).to(torch.uint8).cpu().numpy()
        return [as_answer(numbers, labels) for numbers in largest]
