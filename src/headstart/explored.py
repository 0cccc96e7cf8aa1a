"""What may be set for an exploration, and what it tells: the records of its `result.json`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from .measured import frame, html_table
from .options import Option, choice
from .records import LeftOut
from .types import BaseCard, Finding, Interval

if TYPE_CHECKING:
    import pandas as pd

SCHEMA = "headstart/explore/1"
METHODS = ("auto", "pca", "tsne", "umap")
"""Of maps."""
DENSE = 0
"""Stands for clusters whose number HDBSCAN says."""


def _number(text: str) -> int:
    if text == "hdbscan":
        return DENSE
    if not text.isdecimal() or not 1 <= int(text) <= 1000:
        raise ValueError("expected a whole number from 1 to 1000, or hdbscan")
    return int(text)


CLUSTERS = Option[int | None](
    "clusters", "how many clusters, or `hdbscan`; the best number where nothing is said", None, _number
)
MAP = choice("map", f"how the map of an exploration is drawn: {', '.join(METHODS)}", METHODS[0], METHODS)
PROOF = choice(
    "proof", "no: leave out whether the base helps, which takes passes of its own", "yes", ("yes", "no")
)
OPTIONS: tuple[Option[Any], ...] = (CLUSTERS, MAP, PROOF)


@dataclass(frozen=True)
class Number:
    """A number of clusters and how well it fits."""

    clusters: int
    silhouette: float
    """Mean, -1..1."""


@dataclass(frozen=True)
class Group:
    """One cluster."""

    name: str
    size: int
    distance: float
    """Mean distance of its rows to its centre; rows have length 1."""
    silhouette: float
    """Mean of its rows."""
    medoid: str
    """The example that is nearest to the centre."""
    words: tuple[str, ...] = ()
    """That tell its texts from the others."""


@dataclass(frozen=True)
class Quality:
    """How much of the neighbourhoods is left on a map, each 0..1, measured on a sample."""

    trustworthiness: float
    continuity: float
    kept: float
    """Of each row's ten nearest those that are among its ten nearest on the map."""
    measured: int
    """Rows that it was measured on."""


@dataclass(frozen=True)
class Map:
    """How the map was drawn."""

    method: str
    arranged: int
    """Rows that the method itself placed."""
    quality: Quality | None
    """None of so few rows that there are no neighbourhoods."""


@dataclass(frozen=True)
class Proof:
    """Does the base help, as far as views of the same example can tell?"""

    call: Literal["helps", "hurts", "undecided"]
    delta: float
    """Share of the base less that of the better reference."""
    interval: Interval
    reference: str
    shares: Mapping[str, float]
    """By arm the share of examples whose two views find each other."""
    examples: int
    resamples: int


@dataclass(frozen=True)
class Agreement:
    """How far clusters are labels that exist."""

    column: str
    labels: int
    examples: int
    """That have one."""
    nmi: float
    """Normalised mutual information, 0..1."""
    ari: float
    """Adjusted Rand index: 0 by chance, 1 the same."""
    matched: float
    """Accuracy, each cluster named after a label of its own in the best way."""
    neighbours: float
    """Leave-one-out accuracy of the five nearest neighbours."""
    neighbours_interval: Interval
    majority: float
    """The share of the commonest label."""


@dataclass(frozen=True)
class Lonely:
    """An example that lies apart from all others."""

    file: str
    apart: float
    """Distance to its nearest over what is usual in its cluster."""


@dataclass(frozen=True)
class Chosen:
    """A base among several, by how often two views of an example find each other."""

    base: str
    share: float | None
    """None where nothing could be asked."""


@dataclass(frozen=True)
class Explored:
    """The whole of an exploration."""

    schema: str
    headstart: str
    task: str
    """What says what an example is."""
    seed: int
    base: BaseCard
    bases: tuple[Chosen, ...]
    """Best first, where several were named."""
    examples: int
    components: int
    """Numbers of a row of the space that everything is in."""
    clear: bool
    """Are there groups, compared with sets that have none?"""
    how: Literal["found", "asked", "hdbscan", "none"]
    """Where the number of clusters comes from."""
    numbers: tuple[Number, ...]
    """The best three; none where nothing was tried."""
    groups: tuple[Group, ...]
    map: Map
    lonely: tuple[Lonely, ...]
    copies: tuple[tuple[str, str], ...]
    """Pairs that are nearly the same."""
    first: tuple[str, ...]
    """To label, in this order."""
    between: tuple[str, ...]
    """Nearest to belonging to another cluster."""
    proof: Proof | None
    agreement: Agreement | None
    dropped: LeftOut
    findings: tuple[Finding, ...]
    fingerprint: str
    seconds: Mapping[str, float]

    @property
    def sentence(self) -> str:
        """Whether there are groups, and how many."""
        many = len(self.groups)
        if self.how == "none":
            return f"no clear groups in {self.examples} examples: all are in one"
        said = f"{many} {'cluster' if many == 1 else 'clusters'} of {self.examples} examples"
        if self.how == "found":
            others = [str(one.clusters) for one in self.numbers if one.clusters != many]
            return f"{said}; {' and '.join(others)} fit nearly as well" if others else said
        said = f"{said}, {'by HDBSCAN' if self.how == 'hdbscan' else 'as asked'}"
        return said if self.clear or many == 1 else f"{said}; they are not clear"

    def _repr_html_(self) -> str:
        rows = [(one.name, str(one.size), one.medoid, ", ".join(one.words)) for one in self.groups]
        return f"<p>{self.sentence}</p>{html_table(('cluster', 'size', 'medoid', 'words'), rows)}"

    def to_frame(self) -> pd.DataFrame:
        """The groups as a table of pandas."""
        rows = [(one.name, one.size, one.medoid, ", ".join(one.words)) for one in self.groups]
        return frame(("cluster", "size", "medoid", "words"), rows)

    def __repr__(self) -> str:
        return f"Explored({self.sentence!r})"
