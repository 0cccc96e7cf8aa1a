"""The dull baselines of places in pictures: what is mostly there, and what the most similar picture has.

mean_box        one box a class, the mean of those in training, with the share of pictures that have one
majority_mask   at each place the class that is there most often
nearest         the answer of the most similar picture in training, by the frozen features of the base

Notation: n pictures, c features, k classes.
"""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...bench import Bench
from ...data.answers import boxes, masks
from ...types import IntArray
from .base import Shippable

SIDE = 64
"""Of the mask of a majority, in places."""
Answers = NDArray[Any]
"""(n,) texts."""


class _Unshippable:
    ships = False

    def shippable(self) -> Shippable:
        raise AssertionError("a baseline of places is no bundle")


class MeanBox(_Unshippable):
    """Of boxes: the mean of each class."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        corners, pictures = defaultdict[str, list[Any]](list), defaultdict[str, set[int]](set)
        for number, answer in enumerate(bench.examples.answers[train].tolist()):
            for box in boxes.boxes_of(answer):
                corners[box.name].append(box[1:5])
                pictures[box.name].add(number)
        self.said = boxes.as_answer(
            (name, *np.mean(found, axis=0).tolist(), len(pictures[name]) / len(train))
            for name, found in corners.items()
        )

    def outputs(self, rows: IntArray) -> Answers:
        return _same(self.said, rows)


class MajorityMask(_Unshippable):
    """Of masks: the commonest class at each place."""

    def __init__(self, bench: Bench, train: IntArray) -> None:
        labels = bench.examples.vocabulary
        places = np.arange(SIDE)
        counts = np.zeros((SIDE, SIDE, len(labels)), dtype=np.int64)
        for answer in bench.examples.answers[train].tolist():
            mask = masks.indexed(answer, labels)
            small = mask[(places * mask.shape[0] // SIDE)[:, None], places * mask.shape[1] // SIDE]
            counts += small[..., None] == np.arange(len(labels))
        self.said = masks.as_answer(counts.argmax(-1).astype(np.uint8), labels)

    def outputs(self, rows: IntArray) -> Answers:
        return _same(self.said, rows)


class Nearest(_Unshippable):
    """The answer of the nearest training picture."""

    def __init__(self, bench: Bench, train: IntArray, sure: bool) -> None:
        """`sure` gives every box of an answer the score 1."""
        self.features = np.asarray(bench.summaries(), dtype=np.float64)
        known = self.features[train]
        self.features = (self.features - known.mean(0)) / (known.std(0) + 1e-9)
        self.train = train
        answers = bench.examples.answers[train]
        self.answers = np.array([_surely(one) for one in answers], dtype=object) if sure else answers

    def outputs(self, rows: IntArray) -> Answers:
        unit = self.features / np.maximum(np.linalg.norm(self.features, axis=1, keepdims=True), 1e-12)
        return np.asarray(self.answers[(unit[rows] @ unit[self.train].T).argmax(1)])


def _same(said: str, rows: IntArray) -> Answers:
    """One answer, whatever the picture."""
    return np.array([said] * len(rows), dtype=object)


def _surely(answer: str) -> str:
    return boxes.as_answer((*box[:5], 1.0) for box in boxes.boxes_of(answer))
