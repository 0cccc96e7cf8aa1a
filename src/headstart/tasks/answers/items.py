"""The items that a user takes next.

Notation: n users, m items that can be recommended, K items in an answer.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ...bases.networks.because import REASONS, reasons
from ...bases.networks.recommenders import DESCRIBED, LENGTH, POPULAR, SOURCE, TARGET, Recommender
from ...data.ratings.histories import KINDS, MARK, History, decoded, kind_of
from ...errors import DataError
from ...targets import Targets
from ...types import NO_MAPS, Finding, FloatArray, IntArray, Maps, Source
from ..scores.rankings import NEW, TOP, Among, Next
from ..solvers.base import LinearHead
from .base import Answer, Judged

if TYPE_CHECKING:
    from ..modalities.base import Modality

BASIS = {POPULAR: "popularity", TARGET: "history", SOURCE: "source", DESCRIBED: "descriptions"}
"""What a list is made of, as a record calls it."""
POINTS = 24
"""Of a curve of popularity, at most."""


class Items(Answer):
    """The answer of `tasks/answers/base.py` for recommendations."""

    headed = "none"

    def targets(self, labels: Sequence[str]) -> Targets:
        """Records of `scores.rankings.Next`; strata are kinds of users, categories all items.

        Raises:
            DataError: a label is none.
        """
        try:
            same: dict[str, str] = {}  # of many users' items each id is in memory once
            parts = [
                Next(
                    tuple(same.setdefault(item, item) for item in one["items"]),
                    int(one["known"]),
                    np.zeros(0, dtype=np.int64),
                    tuple(one.get("when", ())),
                    bool(one.get("described")),
                )
                for one in map(json.loads, labels)
            ]
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"a label is no list of items: {error}", "give a table of users and items"
            ) from None
        strata = np.array([kind_of(one.known) for one in parts], dtype=np.int64)
        right = _array(parts)
        return _numbered(Targets(right, strata, KINDS), np.arange(len(right)))

    def learned(self, targets: Targets, rows: IntArray) -> Targets:
        """Only items of these rows can be recommended."""
        return _numbered(targets, rows)

    def known(self, labels: Sequence[str], categories: Sequence[str]) -> NDArray[Any]:
        """(n,) what is right for a model that can recommend these items."""
        return _with_numbers(self.targets(labels).right, categories, None)

    def unlearned(self, targets: Targets, sides: Mapping[str, IntArray]) -> list[Finding]:
        """Items that are asked for, but nobody took before."""
        known = set(targets.categories)
        new = sorted({item for row in sides["test"].tolist() for item in targets.right[row].items} - known)
        message = f"{len(new)} items were taken in the test only: no arm knows them, they count as missed"
        return [Finding("unlearned", message, tuple(new))] if new else []

    def certain(self, right: NDArray[Any]) -> FloatArray:
        """(n, K + 1, 4) lists of what is right, made of the history."""
        found = np.full((len(right), LENGTH + 1, 4), -1.0)
        for row, one in zip(found, right, strict=True):
            items = one.numbers[one.numbers >= 0][:LENGTH]
            row[0] = TARGET, 0, 0, 0
            row[1 : len(items) + 1, 0], row[1 : len(items) + 1, 1] = items, 1.0
        return found

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """Nothing: a recommender says its answer itself."""
        return nn.Identity()

    def as_state(self, head: nn.Module, solved: LinearHead) -> dict[str, Tensor]:
        """Nothing."""
        return {}

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: Any) -> FloatArray:
        """(n, K + 1, 4) as `bases/networks/recommenders.py` has it."""
        return np.asarray(model(inputs).numpy())

    def whole(
        self, model: nn.Module, inputs: Tensor, preprocess: Any, sources: Sequence[Source]
    ) -> FloatArray:
        """(n, K + 1, 4 + R): beside each item those of the user's for which it is there, where that is asked.

        They are places in what the history holds, of target and source, and -1 where there is none.
        """
        outputs = self.answers(model, inputs, preprocess)
        found = np.full((*outputs.shape[:2], outputs.shape[2] + REASONS), -1.0)
        found[..., : outputs.shape[2]] = outputs
        network = next((part for part in model.modules() if isinstance(part, Recommender)), None)
        number = {item: place for place, item in enumerate(preprocess.items, 1)}
        for row, source in enumerate(sources):
            told = decoded(source)
            if network is None or not isinstance(told, History) or not told.why:
                continue
            places = {number[item]: place for place, item in enumerate(told.all) if item in number}
            found[row, 1:, -REASONS:] = reasons(network, inputs[row], outputs[row, 1:, 0], places)
        return found

    def decode(
        self, outputs: FloatArray, categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """For each user the items, the best first, their scores, and what the list is made of.

        `new` are the best of those that nobody took yet: among all they seldom come to the front.

        Where reasons are asked for, `known` counts the user's items, and `because` has for each item of the
        list those of the user's that speak for it most.
        """
        told = [_told(row, categories) for row in np.asarray(outputs)]
        for one, row, source in zip(told, np.asarray(outputs), sources, strict=False):
            known = decoded(source)
            if isinstance(known, History) and known.why:
                one |= {"known": len(known.all), "because": _because(row[1:], known.all)}
        return told

    def as_text(self, answer: Any) -> str:
        """The items of a right answer; of a given one their numbers."""
        if isinstance(answer, Next):
            return ", ".join(answer.items[:TOP]) + (" …" if len(answer.items) > TOP else "")
        return ", ".join(str(int(item)) for item in np.asarray(answer)[1 : TOP + 1, 0] if item >= 0)

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, str]:
        """What was known, what was taken next, and what was recommended."""
        (told,) = self.decode(np.asarray(judged.given)[None], judged.categories)
        items = told["items"]
        assert isinstance(items, list)
        return {
            **modality.shown(judged.source, side),
            "label": self.as_text(judged.right),
            "predicted": f"{', '.join(items[:TOP])} (by {told['basis']})",
        }

    def evidence(self, right: NDArray[Any], given: NDArray[Any]) -> dict[str, object]:
        """How popular what is recommended is, beside what was taken before and next."""
        among = right[0].among if len(right) else Among()
        if among.counts is None or not among.counts.any():
            return {}
        listed = np.asarray(given)[:, 1 : TOP + 1, 0].astype(np.int64).ravel()
        taken = np.concatenate([one.numbers for one in right])
        times = {
            "before": among.counts,
            "next": np.bincount(taken[taken >= 0], minlength=among.size),
            "recommended": np.bincount(listed[listed >= 0], minlength=among.size),
        }
        order = np.argsort(-among.counts, kind="stable")
        shares = {name: np.cumsum(own[order]) / max(1, own.sum()) for name, own in times.items()}
        sizes = np.unique(np.geomspace(1, among.size, POINTS).round().astype(np.int64))
        rows = [
            {
                "of": name,
                "shares": own[sizes - 1].round(4).tolist(),
                "half": 1 + int(np.searchsorted(own, 0.5)),
            }
            for name, own in shares.items()
            if times[name].any()
        ]
        return {"popularity": {"items": sizes.tolist(), "rows": rows}}


def _told(row: FloatArray, categories: Sequence[str]) -> dict[str, object]:
    listed, new = row[1:][row[1:, 0] >= 0], row[1:, NEW][row[1:, NEW] >= 0]
    return {
        "items": [categories[int(item)] for item in listed[:, 0]],
        "scores": [float(f"{score:.4g}") for score in listed[:, 1]],
        "basis": BASIS[int(row[0, 0])],
        "new": [categories[int(item)] for item in new[:TOP]],
    }


def _because(rows: FloatArray, known: Sequence[str]) -> list[list[str]]:
    """Of each item that is there, the user's items for which it is."""
    return [
        [known[int(place)].removeprefix(MARK) for place in row[-REASONS:] if place >= 0]
        for row in rows
        if row[0] >= 0
    ]


def _array(records: Sequence[Next]) -> NDArray[Any]:
    found = np.empty(len(records), dtype=object)
    found[:] = records
    return found


def _numbered(targets: Targets, rows: IntArray) -> Targets:
    some = [targets.right[row] for row in rows.tolist()]
    names = sorted({item for one in some for item in one.items})
    taken = Counter(item for one in some if not one.described for item in one.items)
    counts = np.array([taken[name] for name in names], dtype=np.int64)
    return replace(targets, right=_with_numbers(targets.right, names, counts), categories=tuple(names))


def _with_numbers(right: NDArray[Any], categories: Sequence[str], counts: IntArray | None) -> NDArray[Any]:
    """What is right with numbers of items, and (m,) how often each was taken, where that is known."""
    number = {item: place for place, item in enumerate(categories)}
    each = [np.array([number.get(item, -1) for item in one.items], dtype=np.int64) for one in right]
    among = Among(len(categories), counts)
    return _array([replace(one, numbers=own, among=among) for one, own in zip(right, each, strict=True)])
