"""Sources and targets: pairs that share their classes, and controls that nothing should be adapted to.

Each is in one of two halves, by the set that it is made of, so that no set is in both: the rule of the guard
was made on the `development` half and measured on the `held` one. A name is that of a file of features
(`domain_sets.py`); `tiny-grey:10-20` are the ten classes of it from the tenth on.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
from domain_sets import LOOKS, SPOKEN

from headstart.adaptation.domains.base import Domains
from headstart.tasks.solvers import linear
from headstart.types import FloatArray, IntArray

MOST, FEWER, SMALL = 400, 250, 60
"""Rows of each domain: of a pair, of a control, and of a small control."""
HALVES = ("development", "held")
DRAWN = {"other things": 100, "noise": 25, "same domain": 20, "other shares": 25, "classes missing": 25}
"""Controls that are drawn of each half, at most."""
SPLIT = {"trashnet": 3, "sign_digits": 5, "trec6": 3, "lite-mnist": 5, "lite-mnistm": 5, "lite16-usps": 5}
"""Sets whose first classes are a source, and whose others are other things; and the other way round."""
GOODS = ("books", "dvd", "electronics", "kitchen")
DIGITS = (("raw-mnist", "raw-usps"), ("lite16-mnist", "lite16-usps"), ("lite-mnist", "lite-mnistm"))
SPEAKERS = {"development": ("george", "jackson", "lucas"), "held": ("nicolas", "theo", "yweweler")}
STRANGE = {
    "development": (
        ("noise", "other-flat", "other-cards"),
        ("other-captions", "other-shuffledwords", "irony-plain"),
    ),
    "held": (("other-scrambled", "other-cells", "other-nuclei"), ("other-german", "other-randomtext")),
}
"""Pictures, and texts, that belong to no set of the half."""
NOISE = ("noise", "other-flat", "other-scrambled", "other-shuffledwords", "other-randomtext")
Looks = Mapping[str, str]
"""The look of a set, and the file of it."""


@dataclass(frozen=True)
class Case:
    """A source and a target by the names of their files."""

    kind: str
    """`pair`, or one of `DRAWN`."""
    half: str
    family: str
    source: str
    target: str
    looks: bool = False
    """Both are of one set: the rows of each are different examples."""
    rows: int = FEWER

    def drawn(self, folder: Path, seed: int = 0) -> tuple[Domains, IntArray | None]:
        """Features of both, and what is right in the target; None where nothing is."""
        (x, y), (tx, ty) = load(folder, self.source), load(folder, self.target)
        draws, k = np.random.default_rng(seed), int(y.max()) + 1
        if self.looks:
            order, size = draws.permutation(len(y)), min(self.rows, len(y) // 2)
            rows, others = order[:size], order[size : 2 * size]
        else:
            rows, others = draws.permutation(len(y))[: self.rows], draws.permutation(len(ty))[: self.rows]
        target, truth = tx[others], ty[others]
        if self.kind == "other shares":
            some = (truth < k / 2) | (draws.random(len(truth)) < 0.2)
            target, truth = target[some], truth[some]
        if self.kind == "classes missing":
            some = truth >= max(1, k // 4)
            target, truth = target[some], truth[some]
        right = None if self.kind in ("other things", "noise") else truth
        return Domains(x[rows], y[rows], target, k, linear), right


def load(folder: Path, name: str) -> tuple[FloatArray, IntArray]:
    """(n, d) features and (n,) classes."""
    file, _, classes = name.partition(":")
    x, y = _read(folder / f"{file}.npz")
    if not classes:
        return x, y
    first, end = map(int, classes.split("-"))
    some = (y >= first) & (y < end)
    return x[some], y[some] - first


@cache
def _read(file: Path) -> tuple[FloatArray, IntArray]:
    found = np.load(file)
    return found["x"].astype(np.float64), found["y"]


def pairs(half: str) -> Iterator[Case]:
    """Pairs of domains with the same classes."""
    pictures, texts = sets(half)
    for name, looks in {**pictures, **texts}.items():
        for look in [one for one in looks if one != "plain"]:
            yield Case("pair", half, name, looks["plain"], looks[look], True, MOST)
            yield Case("pair", half, name, looks[look], looks["plain"], True, MOST)
    if half == "development":
        for one in GOODS:
            for other in GOODS:
                if one != other:
                    yield Case("pair", half, "amazon", f"amazon-{one}", f"amazon-{other}", rows=MOST)
        for one, other in DIGITS:
            yield Case("pair", half, "digits", one, other, rows=MOST)
            yield Case("pair", half, "digits", other, one, rows=MOST)
    for one in SPEAKERS[half]:
        for other in SPEAKERS[half]:
            if one != other:
                yield Case("pair", half, "fsdd", f"fsdd-{one}", f"fsdd-{other}", rows=MOST)


def at_hand(folder: Path, half: str, families: Sequence[str] | None = None) -> Iterator[Case]:
    """The pairs of some families, or of all, whose features are in a folder."""
    for case in pairs(half):
        files = [folder / f"{name.partition(':')[0]}.npz" for name in (case.source, case.target)]
        if (not families or case.family in families) and all(file.exists() for file in files):
            yield case


def controls(half: str) -> list[Case]:
    """Of each kind as many as `DRAWN` says; always the same."""
    draws, found = np.random.default_rng(3), list[Case]()
    for kind, most in DRAWN.items():
        some = [one for one in _every_control(half) if one.kind == kind]
        found += [some[at] for at in sorted(draws.permutation(len(some))[:most])]
    return found


def sets(half: str) -> tuple[dict[str, Looks], dict[str, Looks]]:
    """Sets of pictures and of texts by name, with their looks."""
    whole = {"development": ("trashnet", "hymenoptera"), "held": ("sign_digits",)}[half]
    spoken = {"development": (), "held": ("trec6", "sst2", "subjectivity")}[half]
    groups = {"development": (0, 1), "held": (2, 3)}[half]
    pictures = {name: {look: f"{name}-{look}" for look in LOOKS} for name in whole}
    texts = {name: {look: f"{name}-{look}" for look in SPOKEN} for name in spoken}
    for group in groups:
        classes = f"{10 * group}-{10 * group + 10}"
        pictures[f"tiny{group}"] = {look: f"tiny-{look}:{classes}" for look in LOOKS}
        texts[f"banking{group}"] = {look: f"banking-{look}:{classes}" for look in SPOKEN}
    return pictures, texts


def _every_control(half: str) -> Iterator[Case]:
    pictures, texts = sets(half)
    for name, looks in {**pictures, **texts}.items():
        for file in looks.values():
            for rows in (FEWER, SMALL):
                yield Case("same domain", half, name, file, file, True, rows)
    for pair in pairs(half):
        for kind in ("other shares", "classes missing"):
            yield Case(kind, half, pair.family, pair.source, pair.target, pair.looks)
    digits: dict[str, Looks] = {}
    if half == "development":
        digits = {name: {"plain": name} for name in ("lite-mnist", "lite-mnistm", "lite16-usps")}
    yield from _other_sets(half, {**pictures, **digits})
    yield from _other_sets(half, texts)
    yield from _other_classes(half, {**pictures, **texts, **digits})
    for group, strange in zip(({**pictures, **digits}, texts), STRANGE[half], strict=True):
        for name, looks in group.items():
            for file in looks.values():
                for other in strange:
                    yield Case("noise" if other in NOISE else "other things", half, name, file, other)


def _other_sets(half: str, group: Mapping[str, Looks]) -> Iterator[Case]:
    """Another set, in two looks of it that are drawn."""
    draws = np.random.default_rng(7)
    for name, looks in group.items():
        for other, others in group.items():
            # digits are digits, whoever wrote them
            if name == other or (len(looks) == 1 and len(others) == 1):
                continue
            for file in looks.values():
                for target in draws.choice(list(others.values()), min(2, len(others)), replace=False):
                    yield Case("other things", half, name, file, str(target))


def _other_classes(half: str, group: Mapping[str, Looks]) -> Iterator[Case]:
    """The other classes of the same set, in the same look and in the plain one."""
    for name in [one for one in group if one in SPLIT]:
        middle, looks = SPLIT[name], group[name]
        sides = (f"0-{middle}", f"{middle}-{2 * middle}")
        for one, other in (sides, sides[::-1]):
            for file in looks.values():
                for target in dict.fromkeys((file, looks["plain"])):
                    yield Case("other things", half, name, f"{file}:{one}", f"{target}:{other}")
    for one in SPEAKERS[half]:
        for other in SPEAKERS[half]:
            for mine, theirs in (("0-5", "5-10"), ("5-10", "0-5")):
                yield Case("other things", half, "fsdd", f"fsdd-{one}:{mine}", f"fsdd-{other}:{theirs}")
