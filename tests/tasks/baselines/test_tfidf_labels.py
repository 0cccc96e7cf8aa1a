"""A logistic regression for each label: scikit-learn's one against the rest."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression

import languages
from headstart.data.answers.label_sets import as_answer, set_of
from headstart.tasks.answers.label_sets import LabelSets
from headstart.tasks.baselines.majority_labels import Majority
from headstart.tasks.baselines.tfidf import STRENGTH
from headstart.tasks.baselines.tfidf_labels import LabelTfIdf
from headstart.tasks.scores.label_sets import matched, table
from texts import examples


def bench(rows):
    """Texts with sets of labels, as a baseline knows them."""
    texts, sets = zip(*rows, strict=True)
    answer = LabelSets()
    targets = answer.learned(answer.targets([as_answer(one) for one in sets]), np.arange(len(sets)))
    return SimpleNamespace(examples=replace(examples(texts), targets=targets))


MANY = bench(languages.label_sets(90))
TRAIN, REST = np.arange(60), np.arange(60, 90)


def test_tfidf_is_scikit_learns_for_each_label():
    text = [source.decode() for source in MANY.examples.sources]
    vectorizer = TfidfVectorizer(lowercase=True, token_pattern=r"\S+").fit(text[:60])
    right = table(MANY.examples.answers.tolist(), MANY.examples.categories)
    found = [set_of(one).probabilities for one in LabelTfIdf(MANY, TRAIN).outputs(REST)]
    for number, name in enumerate(MANY.examples.categories):
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


def test_it_does_not_ship():
    dull = LabelTfIdf(MANY, TRAIN)
    assert not dull.ships
    with pytest.raises(AssertionError):
        dull.shippable()
