"""Which class names a whole model answers with: its head knows them, and so does an exported graph."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from torch import nn


def labels_of_head(model: nn.Module) -> Sequence[str]:
    """The class names that a whole model's head was made for, or that stand on its exported graph."""
    found: list[Any] = [part.labels for part in model.modules() if getattr(part, "labels", ())]
    return tuple(found[-1])
