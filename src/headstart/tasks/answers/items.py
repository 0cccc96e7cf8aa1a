"""The items that a user takes next.

Notation: n users, m items that can be recommended, K items in an answer.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ...bases.networks.recommenders import LENGTH, POPULAR, SOURCE, TARGET
from ...data.ratings.histories import KINDS, kind_of
from ...errors import DataError
from ...targets import Targets
from ...types import NO_MAPS, Finding, FloatArray, IntArray, Maps, Source
from ..scores.rankings import TOP, Next
from ..solvers.base import LinearHead
from .base import Answer, Judged

if TYPE_CHECKING:
    from ..modalities.base import Modality

BASIS = {POPULAR: "popularity", TARGET: "history", SOURCE: "source"}
"""What a list is made of, as a record calls it."""


class Items(Answer):
    """The answer of `tasks/answers/base.py` for recommendations."""

    headed = "none"

    def targets(self, labels: Sequence[str]) -> Targets:
        """Records of `scores.rankings.Next`; strata are kinds of users, categories all items.

        Raises:
            DataError: a label is none.
        """
        try:
            read = [json.loads(label) for label in labels]
            parts = [(tuple(one["items"]), int(one["known"])) for one in read]
        except (ValueError, KeyError, TypeError) as error:
            raise DataError(
                f"a label is no list of items: {error}", "give a table of users and items"
            ) from None
        strata = np.array([kind_of(known) for _, known in parts], dtype=np.int64)
        nothing = np.zeros(0, dtype=np.int64)
        right = _array([Next(items, known, nothing) for items, known in parts])
        return _numbered(Targets(right, strata, KINDS), np.arange(len(right)))

    def learned(self, targets: Targets, rows: IntArray) -> Targets:
        """Only items of these rows can be recommended."""
        return _numbered(targets, rows)

    def known(self, labels: Sequence[str], categories: Sequence[str]) -> NDArray[Any]:
        """(n,) what is right for a model that can recommend these items."""
        return _with_numbers(self.targets(labels).right, categories)

    def unlearned(self, targets: Targets, sides: Mapping[str, IntArray]) -> list[Finding]:
        """Items that are asked for, but nobody took before."""
        known = set(targets.categories)
        new = sorted({item for row in sides["test"].tolist() for item in targets.right[row].items} - known)
        message = f"{len(new)} items were taken in the test only: no arm knows them, they count as missed"
        return [Finding("unlearned", message, tuple(new))] if new else []

    def certain(self, right: NDArray[Any]) -> FloatArray:
        """(n, K + 1, 2) lists of what is right, made of the history."""
        found = np.full((len(right), LENGTH + 1, 2), -1.0)
        for row, one in zip(found, right, strict=True):
            items = one.numbers[one.numbers >= 0][:LENGTH]
            row[0] = TARGET, 0
            row[1 : len(items) + 1, 0], row[1 : len(items) + 1, 1] = items, 1.0
        return found

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """Nothing: a recommender says its answer itself."""
        return nn.Identity()

    def as_state(self, head: nn.Module, solved: LinearHead) -> dict[str, Tensor]:
        """Nothing."""
        return {}

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: Any) -> FloatArray:
        """(n, K + 1, 2) as `bases/networks/recommenders.py` has it."""
        return np.asarray(model(inputs).numpy())

    def decode(
        self, outputs: FloatArray, categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """For each user the items, the best first, their scores, and what the list is made of."""
        return [
            {
                "items": [categories[int(item)] for item in row[1:, 0] if item >= 0],
                "scores": [float(f"{score:.4g}") for item, score in row[1:] if item >= 0],
                "basis": BASIS[int(row[0, 0])],
            }
            for row in np.asarray(outputs)
        ]

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


def _array(records: Sequence[Next]) -> NDArray[Any]:
    found = np.empty(len(records), dtype=object)
    found[:] = records
    return found


def _numbered(targets: Targets, rows: IntArray) -> Targets:
    names = sorted({item for row in rows.tolist() for item in targets.right[row].items})
    return replace(targets, right=_with_numbers(targets.right, names), categories=tuple(names))


def _with_numbers(right: NDArray[Any], categories: Sequence[str]) -> NDArray[Any]:
    number, of = {item: place for place, item in enumerate(categories)}, len(categories)
    return _array(
        [
            replace(
                one, numbers=np.array([number.get(item, -1) for item in one.items], dtype=np.int64), of=of
            )
            for one in right
        ]
    )
