"""Self-taught, for texts: guess the next word from those before it.

Radford et al., "Improving Language Understanding by Generative Pre-Training", 2018, equation 1. For networks
in which no word sees what comes after it.

Notation: c texts, L tokens of the longest.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from ..adaptation.training.feed import LiveFeed
from ..errors import BaseError
from ..preprocessing.base import Preprocess
from ..sources import Sources
from ._words import Guessing, Nats, reader, sees_ahead


class Next(nn.Module):
    """The lesson."""

    def forward(self, numbers: Tensor, there: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of (c, L) tokens: all are shown; at each but the last, the next is guessed."""
        asked = torch.cat([there[:, 1:], torch.zeros_like(there[:, :1])], 1)
        return numbers, asked, numbers.roll(-1, 1)


class Causal:
    """The method."""

    summary = "self-taught: guess the next word of a text (GPT)"
    labelled = False
    modalities = ("text",)

    def around(self, backbone: nn.Module, preprocess: Preprocess) -> nn.Module:
        """The backbone, whose word vectors say words.

        Raises:
            BaseError: words see those after them.
        """
        network = reader(backbone)
        if sees_ahead(network):
            raise BaseError(
                "this base reads a text as a whole: it would see the word that it should guess",
                "use --method masked",
            )
        return Guessing(network, Next(), layer=False)

    def head(self, sources: Sources, width: int) -> nn.Module:
        """None."""
        return nn.Identity()

    def objective(self, sources: Sources, head: nn.Module) -> Nats:
        """Cross entropy."""
        return Nats()

    def feed(self, live: LiveFeed) -> LiveFeed:
        """Texts as they are."""
        return live


plugin = Causal()
