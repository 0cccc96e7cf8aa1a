"""The contract of a pre-training method: what a backbone is made to do on large data.

Notation: n examples, d feature width.
"""

from __future__ import annotations

from typing import Protocol

from torch import nn

from ..adaptation.training.feed import LiveFeed
from ..adaptation.training.loop import Feed
from ..adaptation.training.objective import Objective
from ..preprocessing.base import Preprocess
from ..sources import Sources


class Method(Protocol):
    """One file of `pretraining/`: its `plugin`.

    What it puts on top of the backbone is thrown away, unless it is one data set's output layer.
    """

    summary: str
    """One line for `headstart list`."""
    labelled: bool
    """Learns from labels; else it is self-taught, and files suffice."""
    modalities: tuple[str, ...]
    """Of the tasks that it is for: `image`, `text`, …"""

    def around(self, backbone: nn.Module, preprocess: Preprocess) -> nn.Module:
        """What is trained: the backbone, or a network that has it inside and shows it something else.

        Raises BaseError where the backbone cannot learn so.
        """
        ...

    def head(self, sources: Sources, width: int) -> nn.Module:
        """What is put on what `around` gave while pre-training: (·, d) -> (·, ·)."""
        ...

    def objective(self, sources: Sources, head: nn.Module) -> Objective:
        """What that head's outputs are made to do."""
        ...

    def feed(self, live: LiveFeed) -> Feed:
        """What the network is shown of a batch: of each example one view, or several under each other."""
        ...
