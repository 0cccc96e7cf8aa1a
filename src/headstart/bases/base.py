"""The contract of a base: what every pre-trained network answers, whatever family it comes from.

Notation: n examples, d feature width, s input side in pixels.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from torch import Tensor, nn

from ..cache import key_of
from ..preprocessing.base import Lengthy, Preprocess
from ..types import Architecture, BaseCard, IntArray, Receipt
from .formats.fingerprints import NOTHING


def _as_it_is(state: dict[str, Tensor], _network: nn.Module) -> dict[str, Tensor]:
    return state


INPUT = "input"
"""The boundary below everything: nothing is frozen."""
FEATURES = "features"
"""The boundary above everything: the whole backbone is frozen, its (n, d) output is what is kept."""


@dataclass(frozen=True)
class Located:
    """A base that was found by its name but is not loaded yet."""

    architecture: Architecture
    preprocess: Preprocess
    weights: Callable[[], dict[str, Tensor]]
    """Reads the checkpoint; never unpickles."""
    source_data: str | None
    licence: str | None
    convert: Callable[[dict[str, Tensor], nn.Module], dict[str, Tensor]] = _as_it_is
    """The checkpoint under the names and shapes of the network, where its family has a rule for that."""
    folder: Path | None = None
    """Where its files are, if it is a folder of its own."""

    adapts: bool = False
    """The weights are another base's and are made to fit; else they have to fit."""
    labels: tuple[str, ...] = ()
    """What the rows of the checkpoint's output layer stand for, where its source says that."""
    classifier: str | None = None
    """Name of that layer, where its source says that."""
    vocabulary: Callable[[Iterable[str]], str] | None = None
    """Makes its tokenizer of the texts that it is to be trained on, where it has none yet."""
    from_file: Callable[[Path], Located] | None = None
    """Makes a base of `NAME@FILE`, where such a file is no checkpoint of the network."""
    head: Callable[[], Brought | None] | None = None
    """Reads the head that comes with the base, where one may; None where the checkpoint has none."""
    decoder: Decoder | None = None
    """What writes words, where that is beside the base."""
    enough: float = 0.5
    """Share of the network's numbers that has to come from the checkpoint; the others are random."""


@dataclass(frozen=True)
class Classes:
    """The classes that a base was trained to tell apart."""

    labels: tuple[str, ...]
    """k names."""
    weight: Tensor
    """(k, d) one row a class, float32."""
    bias: Tensor
    """(k,)."""


@dataclass(frozen=True)
class Brought:
    """The head that a base was trained with, where it says where things are in a picture."""

    architecture: Architecture
    """Of family `heads`: a file there, and what it is built with."""
    labels: tuple[str, ...]
    """The classes that it knows."""
    state: dict[str, Tensor]


@dataclass(frozen=True)
class Decoder:
    """What writes the words that a base's states say, where it was trained together with the base."""

    architecture: Architecture
    """As `tasks/answers/dictation.py` builds it."""
    load: Callable[[], tuple[dict[str, Tensor], str]]
    """Its weights, and its tokenizer as JSON: large, so that they are read when they are used only."""


@dataclass(frozen=True)
class Saved:
    """What a base's folder holds in the format of its family's library."""

    settings: dict[str, Any]
    """What is written as JSON, by file name; `config.json` is one, and an object."""
    state: dict[str, Tensor]
    """The weights under the library's names."""
    more: dict[str, dict[str, Tensor]] = field(default_factory=dict)
    """Weights that the library keeps in folders of their own, by folder."""


def with_classes(saved: Saved, classes: Classes | None, layer: str) -> Saved:
    """The same with an output layer under its name in the network, and the labels in `config.json`."""
    if classes is None:
        return saved
    config = {
        **saved.settings["config.json"],
        "num_classes": len(classes.labels),
        "label_names": list(classes.labels),
    }
    rows = {f"{layer}.weight": classes.weight, f"{layer}.bias": classes.bias}
    return replace(
        saved,
        settings={**saved.settings, "config.json": config},
        state={**saved.state, **rows},
    )


class Family(Protocol):
    """One file of `bases/`: a library or format whose networks are found and built alike."""

    def names(self) -> list[str]:
        """Names that can be typed as they are, without a file or folder of the user's."""
        ...

    def locate(self, name: str) -> Located | None:
        """The base called `name` (a name, folder or `ARCHITECTURE@FILE`), or None if it is not ours.

        Raises BaseError when the name is ours but cannot be used.
        """
        ...

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The backbone with random weights and no output layer: inputs -> (n, d).

        `size` asks for another input size where the network's shape depends on it (ViT).
        """
        ...

    def save(
        self,
        architecture: Architecture,
        preprocess: Preprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """What to write so that `locate` finds the same base in the folder, and the library loads it.

        The classes are kept where the library has a place for a linear output layer.
        """
        ...


@dataclass(frozen=True)
class Base:
    """A loaded base."""

    name: str
    """As the user typed it."""
    card: BaseCard
    architecture: Architecture
    preprocess: Preprocess
    receipt: Receipt
    build: Callable[[int | None], nn.Module]
    """A new backbone with random weights (drawn from torch's generator), for an input side."""
    state: dict[str, Tensor]
    """The pre-trained weights by name, as the backbone's `state_dict` has them, float32."""
    classes: Classes | None = None
    """What its old output layer told apart, where the base says that and has the rows."""
    head: Brought | None = None
    """What stood on its feature maps, where that came with it."""
    decoder: Decoder | None = None
    """What writes words of its states, where that came with it."""
    seen: IntArray = field(default_factory=lambda: NOTHING)
    """Shortened digests of what it was pre-trained on, where its folder says so: `fingerprints.py`."""

    @property
    def identity(self) -> str:
        """Hash of everything that its features depend on: weights and architecture."""
        return key_of(weights=self.card.sha256, architecture=asdict(self.architecture))

    def network(self) -> nn.Module:
        """A new backbone with the pre-trained weights: inputs -> (n, d), in eval mode."""
        network = self.build(None)
        network.load_state_dict(self.state)
        return network.eval()

    def prepared(self, preprocess: Preprocess) -> Base:
        """The same with other preprocessing; what an example costs and keeps grows with its size."""
        longer = preprocess.size / self.card.input_size
        if not isinstance(preprocess, Lengthy):
            return replace(self, preprocess=preprocess)
        whole = preprocess.size <= preprocess.window  # chunks share the network: there is no cut above them
        card = replace(
            self.card,
            input_size=preprocess.size,
            flops=round(longer * self.card.flops),
            stages=self.card.stages if whole else (),
            stage_numbers=tuple(round(longer * numbers) for numbers in self.card.stage_numbers)
            if whole
            else (),
            stage_flops=tuple(round(longer * flops) for flops in self.card.stage_flops) if whole else (),
        )
        return replace(self, preprocess=preprocess, card=card)
