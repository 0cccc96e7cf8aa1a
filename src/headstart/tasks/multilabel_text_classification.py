"""Multi-label classification of texts: a text may have several labels, or none.

Notation: n texts, k labels, d feature width.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from numpy.typing import NDArray
from torch import Tensor, nn

from ..data.answers.label_sets import SPOKEN, names_in, set_of
from ..data.label_names import MERGE_LABELS, NAMES
from ..data.links import FOLLOW_LINKS
from ..data.reading import PLAIN, Reading
from ..data.tables.label_vectors import LABEL_SEPARATOR
from ..data.texts import store
from ..data.texts.evidence import telling_words_of_sets, text_lengths
from ..data.texts.label_set_layouts import looks_like_label_sets, read_label_sets
from ..data.texts.labelled_store import LabelledTokens
from ..data.texts.layouts import read_text_heap
from ..options import Option
from ..types import NO_MAPS, Architecture, FloatArray, Maps, Source, TextPreprocess
from .answers.head_labels import labels_of_head
from .answers.label_set import LabelHead, label_loss, said_of
from .baselines.label_sets import LabelTfIdf, Majority
from .modalities.texts import OfTexts
from .scores.base import Score
from .scores.label_sets import LABEL_SCORES, MICRO_F1, matched, table

if TYPE_CHECKING:
    from ..bench import Bench
    from ..cache import Cache
    from ..data.listing import Listing
    from ..types import IntArray, Splits
    from .baselines.base import Dull

Answers = NDArray[Any]
"""(n,) sets of labels as texts (`data/answers/label_sets.py`)."""


class MultilabelTextClassification(OfTexts):
    """The task of `tasks/base.py` for texts with sets of labels."""

    modality = "text"
    score: Score = MICRO_F1
    measures = LABEL_SCORES
    uneven: str | None = None
    open_ended = True
    trained_head = True
    head_architecture: Architecture | None = None
    finest: int | None = None
    baselines = ("majority", "tfidf")
    references = ("scratch",)
    strategies = ("frozen", "finetune")
    together = 32
    columns = ("text", "labels")
    spoken = SPOKEN
    options: tuple[Option[Any], ...] = (FOLLOW_LINKS, LABEL_SEPARATOR, MERGE_LABELS, NAMES)

    def fits(self, data: Any, reading: Reading = PLAIN) -> bool:
        """A table of texts with `labels`, or a folder of such tables."""
        return looks_like_label_sets(data, reading)

    def read(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Rows of any layout in `data/texts/label_set_layouts.py`."""
        return read_label_sets(data, reading)

    def read_heap(self, data: Any, reading: Reading = PLAIN) -> Listing:
        """Every text, without its labels."""
        return read_text_heap(data, reading)

    def vocabulary(self, answers: Sequence[str]) -> tuple[str, ...]:
        """(k,) all labels."""
        return names_in(answers)

    def inputs(
        self,
        sources: Sequence[Source],
        preprocess: TextPreprocess,
        cache: Cache | None = None,
        digests: Sequence[str] | None = None,
        answers: Sequence[str] | None = None,
        labels: Sequence[str] = (),
    ) -> LabelledTokens:
        """The texts as a base of this preprocessing takes them, and their labels."""
        return LabelledTokens(sources, preprocess, cache, digests, answers, labels)

    def fitted(self, preprocess: TextPreprocess, sources: Sequence[Source]) -> TextPreprocess:
        """As many tokens as texts like these have."""
        return store.fitted(preprocess, sources)

    def dull(self, name: str, bench: Bench, train: IntArray) -> Dull:
        """One set of labels for all texts, or logistic regressions on TF-IDF."""
        return Majority(bench, train) if name == "majority" else LabelTfIdf(bench, train)

    def thumbnails(self, inputs: LabelledTokens, indices: IntArray) -> FloatArray:
        """(n, t) how often grams of characters occur, which tells copies from texts about the same."""
        return inputs.impressions(indices)

    def head(self, width: int, labels: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """(n, d) features to (n, k) log-odds."""
        return LabelHead(width, labels)

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: TextPreprocess) -> Answers:
        """(n,) the labels that are more likely than not, and how likely each is."""
        return said_of(model(inputs).detach().double().sigmoid().cpu().numpy(), labels_of_head(model))

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) binary cross entropy, the mean over labels."""
        return label_loss(outputs, targets)

    def metrics(self, outputs: Answers, targets: Answers) -> dict[str, float]:
        """Micro-F1, macro-F1, the shares of sets that are right and of decisions that are wrong, and F1s."""
        others = matched(outputs.tolist(), targets.tolist()).metrics()
        return {score.name: score.value(outputs, targets) for score in self.measures} | others

    def decode(
        self, outputs: Answers, labels: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, Any]]:
        """The labels of each text, and the probability of every label."""
        sets = map(set_of, outputs)
        return [{"labels": list(one.labels), "probabilities": dict(one.probabilities)} for one in sets]

    def compared(
        self, source: Source, right: str, given: str, side: int, labels: Sequence[str] = ()
    ) -> dict[str, str]:
        """The text, its labels, and those that were given with their probabilities."""
        found = set_of(given)
        said = [f"{name} ({found.probabilities.get(name, 1.0):.0%})" for name in found.labels]
        return {
            **self.shown(source, side),
            "label": ", ".join(set_of(right).labels) or "(no label)",
            "predicted": ", ".join(said) or "(no label)",
        }

    def evidence(self, bench: Bench, splits: Splits) -> dict[str, Any]:
        """Telling words of each label, and how long the texts are."""
        examples = splits.examples
        sets = table(examples.answers.tolist(), examples.vocabulary)
        return {
            "words": telling_words_of_sets(examples, splits.train, sets),
            "lengths": text_lengths(examples, bench.pool, bench.base.preprocess),
        }


plugin = MultilabelTextClassification()
