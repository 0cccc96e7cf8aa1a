"""One model that is served: what clients ask of it, whatever they speak."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from ..data.asked import Input
from ..data.sent import Sending
from ..models import Model
from ..shipping.bundles.predict import BATCH
from .batching import Batcher
from .limits import Limits
from .nearest import Nearest
from .opening import opened
from .sent import Request

SIDE = 640
"""Pixels of what a page shows of an example."""
DESKS = 2
"""Requests whose examples are opened or drawn at a time: one picture may take a quarter of a gigabyte."""
Record = dict[str, object]


@dataclass
class Service:
    """A model, loaded once, and the one thread that asks it."""

    model: Model
    limits: Limits = field(default_factory=Limits)
    nearest: Nearest | None = None
    """Training examples to show beside those that are asked about."""
    answered: int = 0
    """Examples, since it was started."""

    def __post_init__(self) -> None:
        predictor = self.model.predictor
        self._desks = threading.BoundedSemaphore(DESKS)
        self.batcher = Batcher[Input, Record](predictor.answered, BATCH, self.limits.waiting)

    @property
    def sending(self) -> Sending:
        """How examples are sent."""
        return self.model.predictor.task.modality.sent

    @property
    def threshold(self) -> float | None:
        """The probability below which the model abstains, where it does."""
        return (self.model.predictor.parts.facts.get("abstain") or {}).get("threshold")

    def opened(self, request: Request) -> list[Input]:
        """The inputs of a request (`opening.py`)."""
        with self._desks:
            return opened(request, self.model.predictor.task, self.limits.examples)

    async def records(self, inputs: Sequence[Input]) -> list[Record]:
        """What `predict --json` prints for these, one for each.

        Raises:
            Refused: too many wait already.
        """
        records = await self.batcher.ask(inputs)
        self.answered += len(records)
        return records

    def shown(self, inputs: Sequence[Input], records: Sequence[Record]) -> list[Record]:
        """The same records, each with `shown`: what a page draws of the example itself."""
        with self._desks:
            return [
                record if "error" in record else {**record, "shown": self._shown(one)}
                for one, record in zip(inputs, records, strict=True)
            ]

    def close(self) -> None:
        """Answer what waits, and end."""
        self.batcher.close()

    def _shown(self, one: Input) -> Record:
        modality = self.model.predictor.task.modality
        near = {"nearest": self.nearest.to(one.source)} if self.nearest else {}
        return {**modality.shown(one.source, SIDE), **modality.charted(one.source), **near}
