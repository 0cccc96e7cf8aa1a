"""What heads share that tell of an object and of its class apart: one number for both, as a logit.

Such detectors answer with a product of two probabilities. Taken together they are what a loss for one
probability teaches (`_task_aligned.py`): places without an object learn nothing of classes that they never
knew, and those that come trained go on from the scores that they give.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn import functional

LEAST = 1e-4
"""How far below 1 a probability stays, so that its logit is a number of some precision."""


def logit_of(logarithm: Tensor) -> Tensor:
    """The logit of a probability whose logarithm this is; any shape."""
    known = logarithm.clamp(max=-LEAST)
    return known - torch.log(1 - known.exp())  # a graph of ONNX's has no expm1


def of_both(sure: Tensor, classes: Tensor) -> Tensor:
    """The logit of an object being there and being of the class.

    Args:
        sure: (..., 1) logits of an object.
        classes: (..., k) logits of each class of it.
    """
    return logit_of(log_of(sure) + log_of(classes))


def log_of(logit: Tensor) -> Tensor:
    """The logarithm of a probability; any shape."""
    # not `logsigmoid`, which a graph of ONNX's takes in two steps: far below zero it is then hundredths off
    return -functional.softplus(-logit)
