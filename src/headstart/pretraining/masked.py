"""Self-taught, for texts: guess words that were hidden, from all others.

Devlin et al., "BERT", NAACL 2019, section 3.1: of 15 % of the words, 80 % are hidden, 10 % are replaced by
any word and 10 % stay. Others are hidden at each step (Liu et al., "RoBERTa", 2019, section 4.1).

Notation: c texts, L tokens of the longest, m words of the vocabulary.
"""

from __future__ import annotations

import json

import torch
from tokenizers import Tokenizer
from torch import Tensor, nn

from ..adaptation.training.feed import LiveFeed
from ..errors import BaseError
from ..preprocessing.base import Preprocess
from ..preprocessing.text import TextPreprocess
from ..sources import Sources
from ._words import Guessing, Nats, reader, sees_ahead

CHOSEN, HIDDEN, REPLACED = 0.15, 0.8, 0.1
"""Share of the words to guess; of those, what is hidden and what is replaced."""


class Hiding(nn.Module):
    """The lesson; outside of training the same words are hidden every time."""

    special: Tensor
    """(m,) is this token no word?"""
    words: Tensor
    """Numbers of those that are."""

    def __init__(self, mask: int, special: Tensor) -> None:
        super().__init__()
        self.mask = mask
        self.register_buffer("special", special, persistent=False)
        self.register_buffer("words", (~special).nonzero().squeeze(1), persistent=False)

    def forward(self, numbers: Tensor, there: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of (c, L) tokens: those that are shown, where to guess, and what."""
        where, device = None, numbers.device
        if not self.training:
            where = torch.Generator(device).manual_seed(0)
        draw = torch.rand(numbers.shape, generator=where, device=device) / CHOSEN
        other = torch.randint(len(self.words), numbers.shape, generator=where, device=device)
        asked = there & (draw < 1) & ~self.special[numbers]
        shown = numbers.masked_fill(asked & (draw < HIDDEN), self.mask)
        replaced = asked & (draw >= HIDDEN) & (draw < HIDDEN + REPLACED)
        return torch.where(replaced, self.words[other], shown), asked, numbers


class Masked:
    """The method."""

    summary = "self-taught: guess words of a text that were hidden (BERT, RoBERTa)"
    labelled = False
    modalities = ("text",)

    def around(self, backbone: nn.Module, preprocess: Preprocess) -> nn.Module:
        """The backbone, and new layers that say words.

        Raises:
            BaseError: each word sees only those before it, or the tokenizer knows no hidden word.
        """
        assert isinstance(preprocess, TextPreprocess)
        network = reader(backbone)
        if not sees_ahead(network):
            raise BaseError(
                "this base reads from left to right: it cannot guess a hidden word from what comes after it",
                "use --method causal",
            )
        return Guessing(network, _hiding(preprocess.tokenizer, len(network.entry.weight)), layer=True)  # type: ignore[arg-type]

    def head(self, sources: Sources, width: int) -> nn.Module:
        """None."""
        return nn.Identity()

    def objective(self, sources: Sources, head: nn.Module) -> Nats:
        """Cross entropy."""
        return Nats()

    def feed(self, live: LiveFeed) -> LiveFeed:
        """Texts as they are: they are hidden from where they are read."""
        return live


def _hiding(tokenizer: str, rows: int) -> Hiding:
    """The lesson for a tokenizer and so many word vectors."""
    special = torch.ones(rows, dtype=torch.bool)
    special[: Tokenizer.from_str(tokenizer).get_vocab_size()] = False
    added = [one for one in json.loads(tokenizer)["added_tokens"] if one["special"] and one["id"] < rows]
    special[[int(one["id"]) for one in added]] = True
    masks = [int(one["id"]) for one in added if "mask" in str(one["content"]).lower()]
    if not masks:
        raise BaseError(
            "the base's tokenizer has no token that stands for a hidden word, such as [MASK]",
            "choose a base that was trained to guess hidden words (BERT, RoBERTa), or one that reads from "
            "left to right, with --method causal",
        )
    return Hiding(masks[0], special)


plugin = Masked()
