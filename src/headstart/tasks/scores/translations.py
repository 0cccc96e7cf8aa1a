"""How good translations are, by sacrebleu: as fractions.

chrF: Popović, "chrF: character n-gram F-score for automatic MT evaluation", WMT 2015. BLEU: Papineni et al.,
ACL 2002, as Post (WMT 2018) has made it comparable; `signatures` say how it was computed.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from ...errors import MissingExtra
from ...types import FloatArray
from .base import Score, Scores, Titles


def sentence_chrf(found: Sequence[str], right: Sequence[str]) -> FloatArray:
    """(n,) chrF of each sentence, 0..1."""
    metric = _sacrebleu().CHRF()
    pairs = zip(found, right, strict=True)
    return np.array([metric.sentence_score(one, [other]).score / 100 for one, other in pairs])


def of_corpus(found: Sequence[str], right: Sequence[str]) -> dict[str, float]:
    """ChrF and BLEU of all sentences together."""
    metrics = {"corpus_chrf": _sacrebleu().CHRF(), "bleu": _sacrebleu().BLEU()}
    return {
        name: metric.corpus_score(list(found), [list(right)]).score / 100 for name, metric in metrics.items()
    }


def signatures() -> dict[str, str]:
    """What sacrebleu says of how each is computed, with one right translation for each sentence."""
    metrics = {"chrf": _sacrebleu().CHRF(), "bleu": _sacrebleu().BLEU()}
    for metric in metrics.values():
        metric.corpus_score(["a"], [["a"]])
    return {name: str(metric.get_signature()) for name, metric in metrics.items()}


def _sacrebleu() -> Any:
    try:
        from sacrebleu import metrics
    except ImportError as error:
        raise MissingExtra.of("translation is measured with sacrebleu", "text") from error
    return metrics


CHRF = Score("chrf", lambda outputs, right: sentence_chrf(outputs.tolist(), right.tolist()), title="chrF")
TRANSLATIONS = Scores(
    (CHRF,),
    more=lambda outputs, right: of_corpus(outputs.tolist(), right.tolist()),
    further=Titles({"corpus_chrf": "corpus chrF", "bleu": "BLEU"}),
)
