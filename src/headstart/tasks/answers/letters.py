"""What letters are said, step by step: a head on a base's states, its loss, and what is read off it.

Connectionist temporal classification (Graves et al., ICML 2006): at each step a letter or nothing, the
letters in order; the loss is that of all ways to lay a transcript over the steps. A letter for every step
alone is poor where a base's steps are short beside a letter: two convolutions see half a second, and halve
the steps.

Notation: n recordings, L steps of the base, S steps of the head, d width, k letters.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ...preprocessing.sound import HOP, RATE, STEP
from .lexicon import NOTHING, known_words, spelt

STRIDE = 2
"""Steps of the base in one of the head."""
SECONDS = STRIDE * STEP * HOP / RATE
"""Of a step of the head."""
HIDDEN, KERNEL, DROPPED = 192, 9, 0.15
ENDED = -1
"""In the numbers of a transcript: it is over."""


class Listener(nn.Module):
    """A head whose numbers are read as words."""

    whole_window = False
    """Is a long recording cut into pieces as long as the base takes, in quiet places, or do they overlap?"""

    @abstractmethod
    def begun(self, texts: Sequence[str]) -> None:
        """Learn how the transcripts are written that may be learned from."""

    @abstractmethod
    def heard(self, outputs: NDArray[np.floating]) -> NDArray[np.object_]:
        """(n,) transcripts of what it gave for n recordings."""


class LayerSum(nn.Module):
    """(n, L, m d) states of m layers side by side to (n, L, d): their mean, weighed as is learned.

    The weights are the softmax of one number a layer (Yang et al., "SUPERB", Interspeech 2021, section 3.2).
    We differ: each layer is first put to mean 0 and variance 1 at each step, so that none is the loudest.
    """

    def __init__(self, layers: int) -> None:
        super().__init__()
        self.layers = nn.Parameter(torch.zeros(layers))

    def forward(self, states: Tensor) -> Tensor:
        """Of all steps."""
        each = torch.unflatten(states, -1, (len(self.layers), -1))
        levelled = F.layer_norm(each, each.shape[-1:])
        return (levelled * self.layers.softmax(0).unsqueeze(-1)).sum(-2)


class Letters(Listener):
    """(n, L, d) states, 0 after a recording's end, to (n, S, k + 1) log odds, 0 in all there.

    Args:
        width: d, of all layers together.
        labels: the k letters.
        layers: whose states stand side by side in a step.
    """

    rate = 3e-3

    def __init__(self, width: int, labels: Sequence[str], layers: int = 1) -> None:
        super().__init__()
        self.sum = LayerSum(layers) if layers > 1 else nn.Identity()
        width //= layers
        self.labels = tuple(labels)
        self.words: tuple[str, ...] = ()
        """Of the lexicon, if there is one: kept with the weights."""
        self.norm, self.drop = nn.LayerNorm(width), nn.Dropout(DROPPED)
        self.wide = nn.Conv1d(width, HIDDEN, KERNEL, STRIDE, KERNEL // 2)
        self.between = nn.LayerNorm(HIDDEN)
        self.time = nn.Conv1d(HIDDEN, HIDDEN, KERNEL, padding=KERNEL // 2, groups=HIDDEN)
        self.mixed = nn.Linear(HIDDEN, HIDDEN)
        self.last = nn.LayerNorm(HIDDEN)
        self.said = nn.Linear(HIDDEN, len(self.labels) + 1)

    def get_extra_state(self) -> Tensor:
        """The lexicon, as bytes."""
        return torch.tensor(list("\n".join(self.words).encode()), dtype=torch.uint8)

    def set_extra_state(self, state: Tensor) -> None:
        """The lexicon of such bytes."""
        self.words = tuple(bytes(state.tolist()).decode().split())

    def begun(self, texts: Sequence[str]) -> None:
        """The words that can be heard, where new ones are not to be expected."""
        self.words = known_words(texts)

    def heard(self, outputs: NDArray[np.floating]) -> NDArray[np.object_]:
        """(n,) transcripts, which know when their words were said."""
        found = np.empty(len(outputs), dtype=object)
        for place, one in enumerate(outputs):
            found[place] = read_off(one, self.labels, lexicon=self.words)
        return found

    def forward(self, states: Tensor) -> Tensor:
        """As if every recording ended with its own last step."""
        there = (states != 0).any(-1, keepdim=True)
        found = self.drop(self.norm(self.sum(states))) * there
        found = F.gelu(self.wide(found.transpose(1, 2)).transpose(1, 2))
        inside = there[:, ::STRIDE]
        around = self.time((self.between(found) * inside).transpose(1, 2)).transpose(1, 2)
        found = self.last(found + self.mixed(F.gelu(around)))
        return torch.where(inside, self.said(self.drop(found)).log_softmax(-1), 0)


def loss(outputs: Tensor, numbers: Tensor) -> Tensor:
    """(n,) nats of a letter; 0 of a transcript that has more letters than there are steps.

    Args:
        outputs: (n, S, k + 1) as `Letters` gives them.
        numbers: (n, most) of each transcript, from 1; `ENDED` after its end.
    """
    steps = (outputs != 0).any(-1).sum(1)
    sizes = (numbers != ENDED).sum(1)
    each = F.ctc_loss(
        outputs.float().transpose(0, 1),
        numbers.clamp(min=1),
        steps,
        sizes,
        blank=NOTHING,
        reduction="none",
        zero_infinity=True,
    )
    return each / sizes.clamp(min=1)


def needed(text: str) -> int:
    """Steps that a transcript takes at least: one a letter, and one between two that are the same."""
    return len(text) + sum(one == other for one, other in zip(text, text[1:], strict=False))


def numbered(texts: Sequence[str], labels: Sequence[str]) -> Tensor:
    """(n, most) numbers of the letters; one that nobody knows is left out."""
    places = {letter: number for number, letter in enumerate(labels, NOTHING + 1)}
    rows = [[places[letter] for letter in text if letter in places] for text in texts]
    found = np.full((len(rows), max(1, max(map(len, rows), default=1))), ENDED)
    for line, row in zip(found, rows, strict=True):
        line[: len(row)] = row
    return torch.from_numpy(found)


@dataclass(frozen=True)
class Word:
    """One word that was heard."""

    text: str
    start: float
    """Seconds from the beginning of the recording."""
    end: float
    confidence: float
    """The mean of the odds of its letters, 0 to 1: not calibrated."""

    @property
    def middle(self) -> float:
        """Seconds."""
        return (self.start + self.end) / 2

    def after(self, seconds: float) -> Word:
        """The same that much later."""
        return replace(self, start=round(self.start + seconds, 2), end=round(self.end + seconds, 2))


class Heard(str):
    """A transcript that knows when its words were said."""

    words: tuple[Word, ...]

    def __new__(cls, words: Sequence[Word]) -> Heard:
        found = super().__new__(cls, " ".join(word.text for word in words))
        found.words = tuple(words)
        return found

    def __reduce__(self) -> tuple[type[Heard], tuple[tuple[Word, ...]]]:
        return Heard, (self.words,)


def read_off(
    outputs: NDArray[np.floating], labels: Sequence[str], begin: float = 0.0, lexicon: Sequence[str] = ()
) -> Heard:
    """The likeliest letter of each step of one recording, (S, k + 1), without repeats.

    `begin` is where its first step is, in seconds; with a lexicon all words are of it.
    """
    inside = outputs[(outputs != 0).any(-1)]
    best = spelt(inside, labels, lexicon) if lexicon and len(inside) else inside.argmax(-1)
    odds = np.exp(inside[np.arange(len(inside)), best])
    words, letters = list[Word](), list[tuple[str, int]]()
    for step, number in enumerate(best.tolist()):
        if number == NOTHING or (step and number == best[step - 1]):
            continue
        if labels[number - 1].isspace():
            words += _word(letters, odds, begin)
            letters = []
        else:
            letters.append((labels[number - 1], step))
    return Heard([*words, *_word(letters, odds, begin)])


def _word(letters: Sequence[tuple[str, int]], odds: NDArray[np.floating], begin: float) -> list[Word]:
    if not letters:
        return []
    steps = [step for _, step in letters]
    start, end = begin + SECONDS * steps[0], begin + SECONDS * (steps[-1] + 1)
    text = "".join(letter for letter, _ in letters)
    return [Word(text, round(start, 2), round(end, 2), round(float(odds[steps].mean()), 3))]
