"""The base as it is: it tells its answer itself, and nothing is learned from the examples.

Only of bases that were trained on the very question. Where the answer is the base's own, a head that begins
at nothing leaves it alone; where a decoder came beside the base, that is the head.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

from torch import Tensor

from ..bases.base import FEATURES, Base
from ..bases.networks.windowed import Windowed
from ..bench import Bench
from ..cache import key_of
from ..errors import BaseError
from ..preprocessing.base import Lengthy
from ..preprocessing.sound import STEP
from ..tasks.answers.base import Answer
from ..types import Architecture
from .base import Job, Start, Strategy
from .training.feed import KeptFeed, LiveFeed
from .training.loop import Feed


class ZeroShot(Strategy):
    """Nothing is trained, and nothing is drawn."""

    def require(self, base: Base) -> None:
        """What hears has to write words, too."""
        if base.card.modality == "sound" and base.decoder is None:
            raise BaseError(
                f"`{base.name}` has no decoder that writes words",
                "take a Whisper, as builtin/whisper-tiny-en, or another strategy",
            )

    def shape(self, base: Base) -> tuple[Architecture, int]:
        """A decoder reads a whole window."""
        plain = base.architecture
        return plain if base.decoder is None else _windowed(base), base.card.width

    def answer(self, bench: Bench) -> Answer:
        """With the decoder for a head, where there is one."""
        decoder, plain = bench.base.decoder, bench.task.answer
        return plain if decoder is None else plain.with_head(decoder.architecture)

    def passes(self, base: Base) -> float:
        """A whole window, however long the recordings are."""
        return 0.0 if base.decoder is None else _window(base) / base.preprocess.size

    def begin(self, start: Start, job: Job, bench: Bench) -> Start:
        """The base with its decoder, which is told how the transcripts are written."""
        decoder, device, base = bench.base.decoder, bench.runtime.device, bench.base
        if decoder is None:
            return start
        answer, (weights, tokenizer) = self.answer(bench), decoder.load()
        head: Any = answer.head(base.card.width, bench.examples.categories)
        head.load(weights, tokenizer)
        answer.begun(head, bench.examples.answers[job.train])
        network = Windowed(**_windowed(base).args)
        network.base.load_state_dict(start.network.state_dict())
        network, head = network.to(device).eval(), head.to(device).eval()
        live = LiveFeed(bench.subject(job.recipe.size).inputs, job.seed, device)
        feeds = _feeds(start.feeds, KeptFeed(live, network, _kept(bench)))
        return replace(start, network=network, head=head, feeds=feeds, trained=head)

    def finish(self, kept: dict[str, Tensor], start: Start, job: Job, bench: Bench) -> dict[str, Tensor]:
        """Of a decoder nothing: it comes with the base."""
        return kept if bench.base.decoder is None else {}


def _windowed(base: Base) -> Architecture:
    return Architecture("builtin", "windowed", {"of": asdict(base.architecture), "window": _window(base)})


def _window(base: Base) -> int:
    assert isinstance(base.preprocess, Lengthy)
    return base.preprocess.window


def _feeds(others: Callable[[str], Feed], states: Feed) -> Callable[[str], Feed]:
    return lambda boundary: states if boundary == FEATURES else others(boundary)


def _kept(bench: Bench) -> Any:
    """Where the states of whole windows are kept; None where there is no room."""
    base = bench.base
    key = key_of(
        kind="windows",
        weights=base.identity,
        preprocess=base.preprocess.identity,
        examples=list(bench.examples.digests),
    )
    shape = (len(bench.examples), _window(base) // STEP, base.card.width)
    return bench.passes.cache.rows(key, shape, "float16")


plugin = ZeroShot(
    "the base as it is: it learns nothing from your examples", solved_head=False, only_listed=True
)
