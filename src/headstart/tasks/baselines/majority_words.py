"""What is said most often in training, whatever is heard."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from ...bench import Bench
from ...types import IntArray
from .base import Baseline, Dull


class MajorityWords(Dull):
    """Of transcripts: the most frequent one, of those the first in the alphabet."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        counts = Counter(sorted(bench.examples.answers[train].tolist()))
        self.said = counts.most_common(1)[0][0]

    def outputs(self, rows: IntArray) -> NDArray[np.object_]:
        return np.array([self.said] * len(rows), dtype=object)


plugin = Baseline("always the transcript that is most frequent in training", MajorityWords, deaf=True)
"""Where each is said once, any is as frequent: then it is nearly always wrong."""
