"""Translation: a sentence in another language for each sentence.

Notation: n sentences.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor, nn

from ..data.links import FOLLOW_LINKS
from ..data.reading import PLAIN, Reading
from ..data.texts import store
from ..data.texts.evidence import text_lengths
from ..data.texts.layouts import read_text_heap
from ..data.texts.pair_store import PairStore
from ..data.texts.pairs import looks_like_pairs, read_pairs
from ..options import Option
from ..types import NO_MAPS, Architecture, Maps, PairPreprocess, Source
from .baselines.memory import Copy, Memory
from .modalities.texts import OfTexts
from .scores import translations
from .scores.base import Score

if TYPE_CHECKING:
    from ..bench import Bench
    from ..cache import Cache
    from ..data.listing import Listing
    from ..types import IntArray, Splits
    from .baselines.base import Dull

Answers = NDArray[Any]
"""(n,) texts."""
CHRF = Score("chrf", lambda outputs, right: translations.sentence_chrf(outputs.tolist(), right.tolist()))


class Translation(OfTexts):
    """The task of `tasks/base.py` for pairs of sentences."""

    modality = "translation"
    score: Score = CHRF
    measures: tuple[Score, ...] = (CHRF,)
    uneven: str | None = None
    open_ended = True
    trained_head = False
    head_architecture: Architecture | None = None
    finest: int | None = None
    baselines = ("copy", "memory")
    references = ("scratch",)
    strategies = ("frozen", "finetune", "warm_init")
    together = 32
    columns = ("source", "target")
    options: tuple[Option[Any], ...] = (FOLLOW_LINKS,)

    def fits(self, data: Any, reading: Reading = PLAIN) -> bool:
        """A table of pairs, or files of one sentence a line in two languages."""
        return looks_like_pairs(data, reading)

    def read(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Pairs of any layout in `data/texts/pairs.py`."""
        return read_pairs(data, reading)

    def read_heap(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Sentences without a translation."""
        return read_text_heap(data, reading)

    def inputs(
        self,
        sources: Sequence[Source],
        preprocess: PairPreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
    ) -> PairStore:
        """The pairs as a base of this preprocessing takes them."""
        return PairStore(sources, preprocess, cache, digests, answers)

    def fitted(self, preprocess: PairPreprocess, sources: Sequence[Source]) -> PairPreprocess:
        """As many tokens as the longest sentence has, with some room: translations may be longer."""
        longest = store.fitted(preprocess, sources).size
        return preprocess.at(min(preprocess.window, 2 * longest))

    def dull(self, name: str, bench: Bench, train: IntArray) -> Dull:
        """The source as it is, or the translation of the most similar sentence in training."""
        return Copy(bench) if name == "copy" else Memory(bench, train)

    def thumbnails(self, inputs: Any, indices: IntArray) -> None:
        """None: short sentences that differ in one word mean something else."""

    def head(self, width: int, labels: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """None is needed: the base says words."""
        return nn.Identity()

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: PairPreprocess) -> Answers:
        """(n,) translations."""
        network: Any = next(model.children())
        numbers = network.translated(inputs).cpu().numpy()
        return np.array(store.texts(numbers, preprocess), dtype=object)

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) nats over the mean number of words, so that every word counts alike."""
        return outputs[:, 0] / outputs[:, 1].mean().clamp(min=1)

    def metrics(self, outputs: Answers, targets: Answers) -> dict[str, float]:
        """The mean over sentences, then chrF and BLEU of the whole."""
        return {
            "chrf": CHRF.value(outputs, targets),
            **translations.of_corpus(outputs.tolist(), targets.tolist()),
        }

    def decode(
        self, outputs: Answers, labels: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, Any]]:
        """The translation of each sentence."""
        return [{"translation": str(text)} for text in outputs]

    def compared(
        self, source: Source, right: str, given: str, side: int, labels: Sequence[str] = ()
    ) -> dict[str, str]:
        """The sentence, its translation and the one that was given."""
        return {**self.shown(source, side), "label": right, "predicted": given}

    def evidence(self, bench: Bench, splits: Splits) -> dict[str, Any]:
        """How the metrics are computed, and how long the sentences are."""
        return {
            "signatures": translations.signatures(),
            "lengths": text_lengths(splits.examples, bench.pool, bench.base.preprocess),
        }


plugin = Translation()
