"""The next values of a series, with intervals.

A network tells quantiles around the season before, in units of how much the series changes over a season.

Notation: n windows, H steps, Q quantiles, d width of a step's features.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from ...bases.networks.example import example
from ...data.series.histories import History, decoded
from ...data.series.shown import picture, short
from ...errors import BaseError, DataError
from ...targets import Targets
from ...types import NO_MAPS, Examples, FloatArray, IntArray, Maps, Source
from ..scores.forecasts import LEVELS, MEDIAN, future, quantiles
from ..solvers import steps, widths
from ..solvers.base import LinearHead
from .base import Answer, Judged

if TYPE_CHECKING:
    from ...bases.base import Base
    from ..modalities.base import Modality

RUN, DIFFERENT, DIGITS = 7, 5, 6
"""Values in a row by which a series is recognised, how many of them differ, and their digits."""


class StepsOut(nn.Module):
    """(n, H d) features to (n, H Q) quantiles: the base's own, and what this head adds; at first nothing."""

    def __init__(self, width: int, horizon: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(len(LEVELS), width))
        self.bias = nn.Parameter(torch.zeros(horizon, len(LEVELS)))

    def forward(self, features: Tensor) -> Tensor:
        step = features.reshape(features.shape[0], self.bias.shape[0], -1)
        found = F.linear(step, self.weight) + step[..., -len(LEVELS) :] + self.bias
        out: Tensor = found.flatten(1)
        return out

    def stretch(self, by: float) -> None:
        """Quantiles lie so many times as far from the median: the base's own are moved by weights on them."""
        for part in (self.weight, self.bias.T):
            middle = part[MEDIAN].clone()
            part.copy_(middle + by * (part - middle))
        own = self.weight[:, -len(LEVELS) :]
        own += (by - 1) * torch.eye(len(LEVELS))
        own[:, MEDIAN] -= by - 1


class Horizon(Answer):
    """The answer of `tasks/answers/base.py` for forecasts."""

    headed = "solved"
    fewest = 4
    solver = steps

    def targets(self, labels: Sequence[str]) -> Targets:
        """Records of `scores.forecasts.future`; the categories are the steps.

        Raises:
            DataError: a label is none, or they are of different lengths.
        """
        try:
            read = [json.loads(label) for label in labels]
            horizon = len(read[0]["values"])
            right = np.zeros(len(read), future(horizon))
            for row, about in zip(right, read, strict=True):
                row["values"] = [np.nan if one is None else one for one in about["values"]]
                row["reference"], row["scale"] = about["reference"], about["scale"]
                row["squares"], row["series"], row["origin"] = (
                    about[name] for name in ("squares", "series", "origin")
                )
                floor = -np.inf if about["floor"] is None else about["floor"]
                row["floor"] = (floor - row["reference"]) / row["scale"]
        except (ValueError, KeyError, TypeError, IndexError) as error:
            raise DataError(f"a label is no forecast: {error}", "give a table of series") from None
        strata = np.zeros(len(right), dtype=np.int64)
        return Targets(right, strata, ("windows",), tuple(f"+{step}" for step in range(1, horizon + 1)))

    def known(self, labels: Sequence[str], categories: Sequence[str]) -> NDArray[Any]:
        """(n,) what is right for a model of so many steps.

        Raises:
            DataError: the labels are of more steps, or fewer.
        """
        found = self.targets(labels)
        if len(found.categories) != len(categories):
            raise DataError(
                f"this model tells {len(categories)} steps, the data were cut for {len(found.categories)}",
                f"say so: --set horizon={len(categories)}",
            )
        return found.right

    def certain(self, right: NDArray[Any]) -> NDArray[Any]:
        """(n, H Q) quantiles that are all what is right, 0 where nobody knows."""
        known = np.nan_to_num(right["values"])
        return np.repeat(known, len(LEVELS), 1)

    def remembered(self, examples: Examples, row: int) -> list[str]:
        """Of each run of `RUN` values that ends in the answer: another collection may hold the same series.

        Values count to `DIGITS` digits. A run of fewer than `DIFFERENT` values says nothing: counts and zeros
        come like that in series that have nothing to do with each other.
        """
        right = examples.answers[row]
        after = right["reference"] + right["values"] * right["scale"]
        before = decoded(examples.sources[row]).values[1 - RUN :]
        values = np.concatenate([before, after])
        written = [f"{value:.{DIGITS}g}" for value in values[np.isfinite(values)].tolist()]
        runs = (written[start : start + RUN] for start in range(len(written) - RUN + 1))
        told = (" ".join(run) for run in runs if len({*run}) >= DIFFERENT)
        return [sha256(run.encode()).hexdigest() for run in told]

    def wanted(self, targets: Targets, train: IntArray) -> Tensor:
        """(n, H) in units of the scale, NaN where nobody knows."""
        return torch.from_numpy(np.ascontiguousarray(targets.right["values"])).float()

    def read_by(self, base: Base) -> Base:
        """As wide as the features of one step are.

        Raises:
            BaseError: the base does not tell as many steps as are asked for.
        """
        network, how = base.network(), base.preprocess
        with torch.no_grad():
            try:
                whole, one = network(example(how)), network(example(how.at(1)))
                assert whole.shape[1] == how.size * one.shape[1]
            except (RuntimeError, AssertionError):
                raise BaseError(
                    f"`{base.name}` does not tell {how.size} steps",
                    "take another base, or ask for fewer steps",
                ) from None
        return replace(base, card=replace(base.card, width=one.shape[1]))

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """(n, H d) -> (n, H Q); it starts with what the base tells itself."""
        return StepsOut(width, len(categories))

    def as_state(self, head: nn.Module, solved: LinearHead) -> dict[str, Tensor]:
        """A solved head as the state of a new one."""
        return {
            "weight": torch.from_numpy(solved.weight).float(),
            "bias": torch.from_numpy(solved.bias).float(),
        }

    def widen(
        self, head: nn.Module, looks: Sequence[tuple[Any, IntArray]], right: NDArray[Any]
    ) -> dict[str, float]:
        """Quantiles move away from the median by one factor, or towards it, where that clearly helps."""
        assert isinstance(head, StepsOut)
        if not looks:
            return {}
        outputs = np.concatenate([np.asarray(out) for out, _ in looks])
        by = widths.factor(outputs, right[np.concatenate([rows for _, rows in looks])])
        with torch.no_grad():
            head.stretch(by)
        return {"width": by} if by != 1 else {}

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) twice the mean pinball loss over the steps that are known: of the median it is MASE."""
        levels = torch.tensor(LEVELS, dtype=outputs.dtype, device=outputs.device)
        error = targets.unsqueeze(-1) - outputs.reshape(len(outputs), targets.shape[1], -1)
        known = torch.isfinite(error)
        error = torch.where(known, error, 0.0)
        lost = 2 * torch.maximum(levels * error, (levels - 1) * error)
        return lost.sum((1, 2)) / known.sum((1, 2)).clamp(min=1)

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: Any) -> FloatArray:
        """(n, H Q)."""
        return np.asarray(model(inputs).double().cpu().numpy())

    def decode(
        self, outputs: FloatArray, categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """For each series the stamps that follow, the forecast and the ends of its 80 % interval.

        Without the sources in units of the scale, and without stamps.
        """
        found = np.sort(np.asarray(outputs, np.float64).reshape(len(outputs), -1, len(LEVELS)), -1)
        if not sources:
            return [_said(row) for row in found]
        return [_dated(row, decoded(source)) for row, source in zip(found, sources, strict=True)]

    def as_text(self, answer: Any) -> str:
        """The steps in a few digits: of a right one in its own unit, of a given one in that of the scale."""
        if getattr(answer, "dtype", None) is not None and answer.dtype.names:
            found = answer["reference"] + answer["values"] * answer["scale"]
        else:
            found = np.asarray(answer).reshape(-1, len(LEVELS))[:, MEDIAN]
        return ", ".join(map(short, found))

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, str]:
        """A picture of the history, the forecast with its interval, and what happened."""
        right = np.asarray(judged.right)[None]
        told = (
            quantiles(np.asarray(judged.given)[None], right)[0] * right["scale"]
            + right["reference"][0][:, None]
        )
        happened = (right["reference"] + right["values"] * right["scale"])[0]
        band = told[:, [0, MEDIAN, len(LEVELS) - 1]]
        known = np.isfinite(happened)
        error = float(np.abs(told[:, MEDIAN] - happened)[known].mean() / right["scale"][0])
        return {
            "picture": picture(decoded(judged.source).values, happened, band),
            "label": f"{short(happened[known].mean())} (mean of {known.sum()} steps)",
            "predicted": f"{short(told[known, MEDIAN].mean())} (MASE {error:.2f})",
        }


def _dated(row: FloatArray, history: History) -> dict[str, object]:
    """(H, Q) of a history, in its own unit."""
    frame = history.scaled(len(row))
    told = np.maximum(row * frame.scale + frame.reference[:, None], frame.floor)
    known = history.values[np.isfinite(history.values)]
    if np.ptp(known) == 0:  # nothing tells how far apart forecasts may be
        told = np.full_like(told, known[0])
    return {"stamps": history.stamps(len(told)), **_said(told, frame.scale)}


def _said(told: FloatArray, scale: float = 1.0) -> dict[str, object]:
    parts = {"forecast": told[:, MEDIAN], "low": told[:, 0], "high": told[:, -1]}
    # a network knows no more than seven digits of how much a series changes
    digits = DIGITS - int(np.floor(np.log10(scale)))
    return {name: [round(float(value), digits) for value in part] for name, part in parts.items()}
