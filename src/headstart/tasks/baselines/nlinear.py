"""NLinear in closed form: the last value, and a ridge regression on how the values before it differ from it.

A. Zeng et al., "Are Transformers effective for time series forecasting?", AAAI 2023. They train it by steps;
here it is solved exactly, with the penalty that tells parts best which were left out of the training windows.
It stays the last value where these do not gain clearly: of exchange rates nobody learns more from their past.
Series are in units of how much they change over a season, so that all share one set of weights.

Notation: n windows, H steps, L last values, Q quantiles.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn

from ...bases import build
from ...bench import Bench
from ...data.series.histories import decoded
from ...data.series.lags import LONG_CYCLE, recent
from ...preprocessing.series import NAIVE, NUMBERS, RECENT, SeriesPreprocess
from ...types import Architecture, FloatArray, IntArray
from ..scores.forecasts import LEVELS
from ..solvers.steps import StepHead, each_step, spread_out
from ._straight import on_numbers
from .base import Baseline, Dull, Shippable

SEASONS, SHARE, MOST = 2, 8, 336
"""Last seasons that it reads, where there is no longer cycle; of long histories so small a part; at most."""
WINDOWS = 5_000
"""That it is solved on, at most: more would not change it."""


class Solved(Dull):
    """A regression for each step."""

    ships = True
    bench: Bench
    preprocess: SeriesPreprocess
    architecture: Architecture
    network: nn.Module
    head: StepHead

    def __init__(self, bench: Bench, train: IntArray) -> None:
        on = on_numbers(bench)
        some = train[:: -(-len(train) // WINDOWS)]
        horizon, past = len(bench.examples.categories), _past(bench, some)
        how = on.base.preprocess
        assert isinstance(how, SeriesPreprocess)
        self.bench, self.preprocess = on, replace(how, past=past, known=())
        self.architecture = Architecture("seriesnet", "nlinear", {"horizon": horizon, "past": past})
        shown, right = self._shown(some).double().numpy(), bench.examples.answers[some]
        values = shown[:, NUMBERS:].reshape(len(some), -1)[:, :past]
        solved = each_step(values, right["values"] - shown[:, NAIVE], right)
        self.network = build(self.architecture)
        state = {"weight": solved.weight, "bias": solved.bias}
        self.network.load_state_dict({name: torch.from_numpy(part) for name, part in state.items()})
        self.head = StepHead(np.zeros((len(LEVELS), len(LEVELS))), *spread_out(solved.errors))

    @torch.no_grad()
    def outputs(self, rows: IntArray) -> FloatArray:
        return self.head.outputs(self.network(self._shown(rows)).numpy())

    def shippable(self) -> Shippable:
        return Shippable(self.architecture, self.preprocess, self.network, self.head)

    def _shown(self, rows: IntArray) -> Tensor:
        """What its preprocessing gives: the numbers that a base is shown anyway, and the last values."""
        examples, how = self.bench.examples, self.preprocess
        numbers = self.bench.subject(how.size).inputs.batch(rows)[:, :NUMBERS]
        last = np.zeros((len(rows), how.rows - NUMBERS, how.size), np.float32)
        for place, row in enumerate(rows.tolist()):
            history, scale = decoded(examples.sources[row]), examples.answers["scale"][row]
            last[place] = recent(history.values, history.season, how.past, scale, how.size)
        return torch.cat([numbers, torch.from_numpy(last)], 1)


def _past(bench: Bench, rows: IntArray) -> int:
    """How many values it reads: as many as a base, at least."""
    histories = [decoded(bench.examples.sources[row]) for row in rows.tolist()]
    cycles = {LONG_CYCLE.get(season, SEASONS * season) for season in {one.season for one in histories}}
    share = int(np.median([len(one.values) for one in histories])) // SHARE
    return min(MOST, max(RECENT, share, *cycles))


plugin = Baseline("a regression on the last values less the very last one, for each step (NLinear)", Solved)
