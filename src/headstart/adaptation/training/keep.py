"""Which weights of a training are kept: the best on validation of four candidates.

start          where training began (the solved head)
trained        the weights after some epoch
ema            their running average after some epoch
interpolated   half-way between the start and the best of the others (after WiSE-FT: Wortsman et al.,
"Robust fine-tuning of zero-shot models", CVPR 2022, with one fixed weight)
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import torch
from torch import Tensor, nn

Tensors = dict[str, Tensor]
EMA_SHARE = 0.1
"""The running average looks back over this share of all steps."""
NOW = "average now"
"""The name under which the running average itself is stored."""


class Keeper:
    """Candidates of one training, as tensors by name, and their validation losses."""

    def __init__(self, whole: nn.Module, total_steps: int) -> None:
        self.whole = whole
        self.horizon = max(1.0, EMA_SHARE * total_steps)
        self.best: dict[str, tuple[float, int]] = {}
        """Candidate -> (validation loss, epoch); the start's epoch is -1."""
        self.tensors: dict[str, Tensors] = {}
        self.live: Tensors = {}
        """The model's own tensors that training may change; they are changed in place."""

    def begin(self, names: set[str]) -> None:
        """Remember the start of every tensor that training may change."""
        self.live = {name: tensor for name, tensor in self.whole.state_dict().items() if name in names}
        start = {name: tensor.clone() for name, tensor in self.live.items()}
        self.tensors = {"start": start, NOW: {name: tensor.clone() for name, tensor in start.items()}}

    def now(self) -> Tensors:
        """The tensors that training may change, as they are."""
        if not self.live:  # after a resume
            state = self.whole.state_dict()
            self.live = {name: state[name] for name in self.tensors["start"]}
        return self.live

    @torch.no_grad()
    def average(self, steps: int) -> None:
        """Take the weights after step number `steps` into the running average."""
        decay = min(1 - 1 / self.horizon, (1 + steps) / (10 + steps))
        average, now = self.tensors[NOW], self.now()
        numbers = [name for name, tensor in now.items() if tensor.is_floating_point()]
        torch._foreach_lerp_([average[name] for name in numbers], [now[name] for name in numbers], 1 - decay)
        for name in now.keys() - set(numbers):  # counters
            average[name].copy_(now[name])

    def look(self, loss: Callable[[], float], epoch: int) -> float:
        """Validation loss of the weights, and of their average; keeps either where it is the best yet."""
        now = loss()
        self._keep("trained", now, epoch, self.now())
        with self._swapped(self.tensors[NOW]):
            self._keep("ema", loss(), epoch, self.tensors[NOW])
        return now

    def leader(self) -> str:
        """The candidate of least validation loss."""
        finite = {name: value for name, (value, _) in self.best.items() if math.isfinite(value)}
        return min(finite, key=finite.__getitem__, default="start")

    def choose(self, loss: Callable[[], float]) -> tuple[str, int]:
        """The best candidate, half-way to the start included, and its epoch."""
        leader = self.leader()
        epoch = self.best.get(leader, (math.inf, -1))[1]
        if leader == "start" or "start" not in self.best:  # half-way to random weights leads nowhere
            return leader, epoch
        self.tensors["interpolated"] = self._half_way(leader)
        with self._swapped(self.tensors["interpolated"]):
            better = loss() < self.best[leader][0]
        return ("interpolated" if better else leader), epoch

    def last(self, candidate: str) -> Tensors:
        """A candidate by name as it is at the end, where there is no validation to choose on."""
        ends = {"start": self.tensors["start"], "trained": self.now(), "ema": self.tensors[NOW]}
        self.tensors.update(ends)
        return self._half_way("ema") if candidate == "interpolated" else ends[candidate]

    def _half_way(self, candidate: str) -> Tensors:
        start = self.tensors["start"]
        return {
            name: torch.lerp(start[name], tensor, 0.5) if tensor.is_floating_point() else tensor
            for name, tensor in self.tensors[candidate].items()
        }

    def _keep(self, candidate: str, loss: float, epoch: int, tensors: Tensors) -> None:
        if loss < self.best.get(candidate, (math.inf, -1))[0]:
            self.best[candidate] = (loss, epoch)
            self.tensors[candidate] = {name: tensor.clone() for name, tensor in tensors.items()}

    @contextmanager
    def _swapped(self, tensors: Tensors) -> Iterator[None]:
        """Other tensors in the model for the length of a block."""
        before = {name: tensor.clone() for name, tensor in self.now().items()}
        self.whole.load_state_dict(tensors, strict=False)
        try:
            yield
        finally:
            self.whole.load_state_dict(before, strict=False)
