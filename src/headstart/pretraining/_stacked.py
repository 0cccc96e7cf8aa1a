"""Several views of each example of a batch, under each other.

Notation: b examples of a batch, v views.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from torch import Tensor

from ..adaptation.training.feed import LiveFeed
from ..cache import Array
from ..types import IntArray

Change = Callable[[Array], Array]


class Stacked:
    """Batches (v·b, …): the first view of every example, then the second of every example, and so on."""

    def __init__(self, live: Sequence[LiveFeed], changes: Sequence[Change]) -> None:
        """Every feed's view under every change: v is how many feeds × how many changes."""
        self.live, self.changes = live, changes

    def view(self, epoch: int, step: int) -> None:
        """There are several."""

    def fetch(self, rows: IntArray, epoch: int, step: int) -> Array:
        """Fresh views."""
        return self._changed([one.fetch(rows, epoch, step) for one in self.live])

    def tensor(self, fetched: Array) -> Tensor:
        """Prepared for the network."""
        return self.live[0].tensor(fetched)

    def still(self, rows: IntArray) -> Tensor:
        """Without augmentation."""
        return self.tensor(self._changed([one.inputs.encoded(rows) for one in self.live]))

    def _changed(self, views: Sequence[Array]) -> Array:
        return np.concatenate([change(view) for view in views for change in self.changes])
