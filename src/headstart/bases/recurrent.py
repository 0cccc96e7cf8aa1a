"""Recurrent networks for texts: a bidirectional LSTM on word vectors.

Hochreiter and Schmidhuber, "Long Short-Term Memory", Neural Computation 1997; both ways: Graves and
Schmidhuber, Neural Networks 2005; each layer also reads the word vectors: Nie and Bansal, RepEval 2017.

A folder that pre-training wrote, `recurrent/bilstm@VECTORS.txt` (GloVe's or word2vec's text format), or
`recurrent/bilstm` to train from scratch.

Notation: n texts, L words of the longest, e width of a word vector, h width of an LSTM.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import BaseError
from ..preprocessing.base import Preprocess
from ..preprocessing.text import TextPreprocess
from ..types import Architecture
from .base import Classes, Located, Saved
from .formats import tokenizer, vocabulary
from .formats.files import CONFIG, read_config, read_folder
from .formats.vectors import read as read_vectors
from .networks.ragged import SequenceNetwork

NAME = "recurrent/bilstm"
WINDOW = 512
"""Words of a text that are taken at once."""
FEWEST = 10
"""Words that vectors should be of."""
WORDS, WIDTH = 20_000, 128
"""Rows and width of the word vectors from scratch."""
HIDDEN, DEPTH = 128, 2
"""Width of an LSTM, and layers."""


class Recurrent:
    """The family."""

    def names(self) -> list[str]:
        """What can be trained from scratch."""
        return [NAME]

    def locate(self, name: str) -> Located | None:
        """The network in a folder that pre-training wrote, or one to train from scratch.

        Raises:
            BaseError: the folder's tokenizer is missing, or its settings cannot be followed.
        """
        if name == NAME:
            return Located(
                architecture=_shape(WORDS, WIDTH),
                preprocess=TextPreprocess("", WINDOW, WINDOW),
                weights=_nothing,
                source_data=None,
                licence=None,
                vocabulary=partial(vocabulary.learned_words, most=WORDS),
                from_file=_from_vectors,
            )
        config = read_config(name)
        if config is None or config.get("architecture") != NAME:
            return None
        return Located(
            architecture=Architecture("recurrent", "bilstm", config.get("model_args") or {}),
            preprocess=tokenizer.read(Path(name), WINDOW),
            weights=partial(read_folder, Path(name)),
            source_data=config.get("source_data"),
            licence=config.get("license"),
            folder=Path(name),
        )

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The backbone with random weights, for every `size`."""
        try:
            return BiLstm(**architecture.args)
        except (TypeError, RuntimeError) as error:
            raise BaseError(
                f"`{NAME}` cannot be built with {architecture.args}: {error}",
                "correct `model_args` in its config.json",
            ) from error

    def save(
        self,
        architecture: Architecture,
        preprocess: Preprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """Settings and tokenizer; classes are not kept."""
        assert isinstance(preprocess, TextPreprocess)
        config = {"architecture": NAME, "model_args": architecture.args}
        return Saved({CONFIG: config, **tokenizer.written(preprocess)}, state)


class BiLstm(SequenceNetwork):
    """(n, L) word numbers -> (n, e + 2h): the means of the word vectors and of the last layer's states.

    The word vectors are in the features, so that these are of use while the LSTMs are still random.
    """

    def __init__(self, words: int, width: int, hidden: int = HIDDEN, depth: int = DEPTH) -> None:
        super().__init__()
        self.window, self.pooling = WINDOW, "mean"
        self.vectors = nn.Embedding(words, width)
        nn.init.normal_(self.vectors.weight, std=width**-0.5)
        self.layers = nn.ModuleList(
            Layer(width, 2 * hidden * (number > 0), hidden) for number in range(depth)
        )

    @property
    def entry(self) -> nn.Module:
        """The word vectors."""
        return self.vectors

    def states(self, numbers: Tensor, mask: Tensor) -> Tensor:
        """(n, L, e + 2h)."""
        found: Tensor = self.vectors(numbers)
        for layer in self.layers:
            found = layer(found, mask)
        return found


class Layer(nn.Module):
    """(n, L, e + ·) -> (n, L, e + 2h): an LSTM from each end of a text, beside the word vectors."""

    def __init__(self, width: int, below: int, hidden: int) -> None:
        super().__init__()
        self.width = width
        self.onward = nn.LSTM(width + below, hidden, batch_first=True)
        self.back = nn.LSTM(width + below, hidden, batch_first=True)

    def forward(self, inputs: Tensor, mask: Tensor) -> Tensor:
        """`mask` (n, L) is True up to the end of each text: what comes after it is never read."""
        places = torch.arange(mask.shape[1], device=mask.device)
        mirrored = torch.where(mask, mask.sum(1, keepdim=True) - 1 - places, places)
        onward, _ = self.onward(inputs)
        back, _ = self.back(_taken(inputs, mirrored))
        return torch.cat([inputs[..., : self.width], onward, _taken(back, mirrored)], dim=-1)


def _taken(values: Tensor, places: Tensor) -> Tensor:
    """(n, L, d) in another order of L."""
    return values.gather(1, places.unsqueeze(-1).expand(-1, -1, values.shape[-1]))


def _shape(words: int, width: int) -> Architecture:
    args: dict[str, Any] = {"words": words, "width": width, "hidden": HIDDEN, "depth": DEPTH}
    return Architecture("recurrent", "bilstm", args)


def _from_vectors(file: Path) -> Located:
    vectors = read_vectors(file)
    if len(vectors.words) < FEWEST:
        raise BaseError(
            f"{file} holds {len(vectors.words)} words; expected at least {FEWEST}",
            "give vectors of a whole language",
        )
    return Located(
        architecture=_shape(len(vectors.words) + 2, vectors.values.shape[1]),
        preprocess=TextPreprocess(vocabulary.of_words(vectors.words), WINDOW, WINDOW),
        weights=partial(_weights, file),
        source_data=f"word vectors of {file.name}",
        licence=None,
        enough=0.0,
    )


def _weights(file: Path) -> dict[str, Tensor]:
    """Words that are not known are like the average one: a row of zeros would be the end of a text."""
    values = torch.from_numpy(read_vectors(file).values)
    average = values.mean(0, keepdim=True) + 1e-4
    rows = torch.where((values != 0).any(1, keepdim=True), values, average)
    return {"vectors.weight": torch.cat([average, average, rows])}


def _nothing() -> dict[str, Tensor]:
    raise BaseError(
        f"`{NAME}` is a network without weights",
        f"give word vectors, {NAME}@VECTORS.txt, or train it: headstart pretrain --architecture {NAME}",
    )


plugin = Recurrent()
