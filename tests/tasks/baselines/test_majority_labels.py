"""One set of labels for all: the best constant."""

from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest

from headstart.data.answers.label_sets import as_answer, set_of
from headstart.tasks.answers.label_sets import LabelSets
from headstart.tasks.baselines.majority_labels import Majority
from headstart.tasks.scores.label_sets import matched
from texts import examples


def bench(rows):
    """Texts with sets of labels, as a baseline knows them."""
    texts, sets = zip(*rows, strict=True)
    answer = LabelSets()
    targets = answer.learned(answer.targets([as_answer(one) for one in sets]), np.arange(len(sets)))
    return SimpleNamespace(examples=replace(examples(texts), targets=targets))


@pytest.mark.parametrize(
    "sets",
    [
        [["a"], ["a"], ["b"], []],
        [["a", "b"], ["a", "b"], ["b"], ["c"]],
        [[], [], [], ["a"]],
        [["a"], ["b"], ["c"], ["d"]],
        [["a", "b", "c"], ["a", "b", "c"], ["a"]],
    ],
)
def test_the_majority_is_the_best_that_can_be_said_of_all(sets):
    one = bench([(f"text {number}", some) for number, some in enumerate(sets)])
    train, names = np.arange(len(sets)), one.examples.categories
    right = one.examples.answers.tolist()
    found = Majority(one, train).outputs(train)
    best = max(
        matched([as_answer(some)] * len(sets), right).metrics()["micro_f1"]
        for many in range(1, len(names) + 1)
        for some in combinations(names, many)
    )
    assert matched(found.tolist(), right).metrics()["micro_f1"] == pytest.approx(best)
    assert set_of(found[0]).probabilities["a"] == pytest.approx(
        np.mean(["a" in some for some in sets]), abs=1e-6
    )
    assert not Majority(one, train).ships
