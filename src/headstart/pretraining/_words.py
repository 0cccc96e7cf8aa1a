"""Language models: guess words of a text from others; what says the words is new and is not kept.

Notation: n texts, L tokens of the longest, c chunks that a network takes at once, e width of
word vectors, m words of the vocabulary.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from ..bases.networks.ragged import SequenceNetwork
from ..data.strings import text_of
from ..errors import BaseError
from ..sources import Sources
from ..types import IntArray

PROBE = 8
"""Tokens of the texts that tell whether a network sees what comes after a word."""


class Lesson(Protocol):
    """What is shown of texts, and what is to be guessed."""

    def __call__(self, numbers: Tensor, there: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Of (c, L) tokens, and where there are any: those that are shown, where to guess, and what."""
        ...


class Guessing(nn.Module):
    """(n, L) token numbers, -1 after each end -> (n, 2): nats, and words that were guessed.

    Words are said by the word vectors themselves (Press and Wolf, EACL 2017), after a layer as in BERT where
    asked for, or where their width is another.
    """

    def __init__(self, backbone: SequenceNetwork, lesson: nn.Module, layer: bool) -> None:
        super().__init__()
        self.backbone, self.lesson = backbone, lesson
        vectors = _vectors(backbone)
        numbers = torch.zeros(1, 1, dtype=torch.long)
        with torch.no_grad():
            width = backbone.states(numbers, numbers == 0).shape[-1]
        e = vectors.shape[1]
        self.layer: nn.Module = nn.Identity()
        if layer or width != e:
            self.layer = nn.Sequential(nn.Linear(width, e), nn.GELU(), nn.LayerNorm(e))
        self.bias = nn.Parameter(torch.zeros(len(vectors)))

    def forward(self, tokens: Tensor) -> Tensor:
        """Texts longer than the window are guessed chunk by chunk."""
        window = self.backbone.window
        chunks = tokens if tokens.shape[1] <= window else tokens.reshape(-1, window)
        there = chunks >= 0
        first = torch.arange(chunks.shape[1], device=chunks.device) == 0
        shown, asked, wanted = self.lesson(chunks.clamp(min=0), there)
        states = self.layer(self.backbone.states(shown, there | first)[asked])
        logits = F.linear(states, _vectors(self.backbone), self.bias)
        losses = F.cross_entropy(logits.float(), wanted[asked], reduction="none")
        rows = asked.nonzero()[:, 0] * len(tokens) // len(chunks)
        found = torch.stack([losses, torch.ones_like(losses)], 1)
        return torch.zeros(len(tokens), 2, device=tokens.device).index_add(0, rows, found)


class Nats:
    """The mean over all words that were guessed."""

    together = True

    def loss(self, outputs: Tensor, rows: IntArray, view: int | None = None) -> Tensor:
        """Of one batch."""
        return outputs[:, 0].sum() / outputs[:, 1].sum().clamp(min=1)

    def validation(self, outputs: Tensor, rows: IntArray) -> float:
        """The same."""
        return float(self.loss(outputs, rows))


def reader(backbone: nn.Module) -> SequenceNetwork:
    """The backbone as what it has to be.

    Raises:
        BaseError: it is no network that reads tokens, each with its own state.
    """
    if not isinstance(backbone, SequenceNetwork):
        raise BaseError(
            "this network does not read texts word by word", "choose a language model, or recurrent/bilstm"
        )
    return backbone


@torch.no_grad()
def sees_ahead(backbone: SequenceNetwork) -> bool:
    """Does what a network makes of a word depend on words after it? Asked of the network itself."""
    was = backbone.training
    numbers = torch.arange(PROBE).repeat(2, 1)
    numbers[1, -1] = 0
    states = backbone.eval().states(numbers, numbers >= 0)[:, :-1].double()
    backbone.train(was)
    return float((states[0] - states[1]).abs().max()) > 1e-6 * float(states.abs().max())


def training_texts(sources: Sources) -> Iterable[str]:
    """Every text that is trained on, answers in texts included."""
    examples = sources.examples
    for row in sources.train.tolist():
        yield text_of(examples.sources[row])
        if sources.task.answer.headed == "none":
            yield str(examples.answers[row])


def _vectors(backbone: SequenceNetwork) -> Tensor:
    weight = backbone.entry.weight
    assert isinstance(weight, Tensor)
    return weight
