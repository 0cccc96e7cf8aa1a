"""The dull baselines of sets of labels: the best constant, and scikit-learn's one against the rest."""

from dataclasses import replace
from itertools import combinations
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

import languages
from headstart.data.answers.label_sets import as_answer, set_of
from headstart.tasks.baselines.label_sets import LabelTfIdf, Majority
from headstart.tasks.baselines.tfidf import STRENGTH
from headstart.tasks.scores.label_sets import matched, table
from texts import examples


def bench(rows):
    """Texts with sets of labels, as a baseline knows them."""
    texts, sets = zip(*rows, strict=True)
    answers = [as_answer(one) for one in sets]
    labels = sorted(set(answers))
    plain = examples(texts, labels=tuple(labels))
    targets = np.array([labels.index(answer) for answer in answers])
    vocabulary = tuple(sorted({name for one in sets for name in one}))
    return SimpleNamespace(examples=replace(plain, targets=targets, open_ended=True, vocabulary=vocabulary))


MANY = bench(languages.label_sets(90))
TRAIN, REST = np.arange(60), np.arange(60, 90)


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
    train, names = np.arange(len(sets)), one.examples.vocabulary
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


def test_tfidf_is_scikit_learns_for_each_label():
    text = [source.decode() for source in MANY.examples.sources]
    vectorizer = TfidfVectorizer(lowercase=True, token_pattern=r"\S+").fit(text[:60])
    right = table(MANY.examples.answers.tolist(), MANY.examples.vocabulary)
    found = [set_of(one).probabilities for one in LabelTfIdf(MANY, TRAIN).outputs(REST)]
    for number, name in enumerate(MANY.examples.vocabulary):
        model = LogisticRegression(C=STRENGTH, max_iter=1000)
        model.fit(vectorizer.transform(text[:60]), right[:60, number])
        expected = model.predict_proba(vectorizer.transform(text[60:]))[:, 1]
        np.testing.assert_allclose([one[name] for one in found], expected, atol=2e-3)


def test_tfidf_learns_what_the_texts_are_about():
    outputs = LabelTfIdf(MANY, TRAIN).outputs(REST)
    right = MANY.examples.answers[REST].tolist()
    found, dull = (matched(some.tolist(), right) for some in (outputs, Majority(MANY, TRAIN).outputs(REST)))
    assert found.metrics()["micro_f1"] > 0.9 > dull.metrics()["micro_f1"] + 0.1


def test_a_label_that_all_texts_of_training_have_or_none_is_no_error():
    one = bench([("rain", ["a", "b"]), ("snow", ["a"]), ("hail", ["a", "c"])])
    (said,) = LabelTfIdf(one, np.arange(2)).outputs(np.array([2]))
    assert set_of(said).probabilities["a"] > 0.8
    assert set_of(said).probabilities["c"] < 0.2


def test_neither_ships():
    for dull in (Majority(MANY, TRAIN), LabelTfIdf(MANY, TRAIN)):
        assert not dull.ships
        with pytest.raises(AssertionError):
            dull.shippable()
