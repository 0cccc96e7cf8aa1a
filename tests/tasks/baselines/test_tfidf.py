"""TF-IDF against scikit-learn, and as it ships."""

import numpy as np
import pytest
import torch
from scipy.special import softmax
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from torch import nn

import languages
from headstart.cache import Cache
from headstart.data.texts.store import TokenStore
from headstart.shipping.bundles import bundle
from headstart.targets import of_classes
from headstart.tasks.baselines.tfidf import STRENGTH, TfIdf
from headstart.tasks.solvers.base import as_state
from headstart.tasks.text_classification import plugin as texts
from headstart.types import Examples


class Bench:
    """What the baseline for texts knows of one."""

    def __init__(self, sources, targets, labels):
        digests = tuple(f"{row:064x}" for row in range(len(sources)))
        names = tuple(f"row {row}" for row in range(len(sources)))
        encoded = tuple(one.encode() for one in sources)
        self.examples = Examples(names, encoded, digests, of_classes(np.asarray(targets), labels))


def bench(*labels, count=12):
    """So many texts of each of these classes, in turn."""
    found = {label: languages.sentences(label, count) for label in labels}
    sources = [found[label][row] for row in range(count) for label in labels]
    return Bench(sources, [*range(len(labels))] * count, labels)


THREE = bench(*sorted(languages.TOPICS))
TRAIN, REST = np.arange(24), np.arange(24, 36)


def text(one, rows):
    return [one.examples.sources[row].decode() for row in rows]


def reference(one, rows):
    """Words as our tokenizer has them where a text is plain: letters and digits between spaces."""
    return TfidfVectorizer(lowercase=True, token_pattern=r"\S+").fit(text(one, rows))


def dense(network, one, model, rows):
    inputs = TokenStore([one.examples.sources[row] for row in rows], model.preprocess)
    with torch.no_grad():
        return network(inputs.batch(np.arange(len(rows)))).numpy()


def test_it_is_scikit_learns_tfidf_and_logistic_regression():
    model, vectorizer = TfIdf(THREE, TRAIN), reference(THREE, TRAIN)
    other = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
    other.fit(vectorizer.transform(text(THREE, TRAIN)), THREE.examples.answers[TRAIN])
    expected = other.predict_proba(vectorizer.transform(text(THREE, REST)))
    np.testing.assert_allclose(softmax(model.outputs(REST), axis=1), expected, atol=2e-3)
    assert model.architecture.args["words"] == len(vectorizer.vocabulary_) + 1, "one for all other words"


def test_features_are_scikit_learns_but_for_their_order():
    model, vectorizer = TfIdf(THREE, TRAIN), reference(THREE, TRAIN)
    found = dense(model.shippable().backbone, THREE, model, TRAIN)
    expected = vectorizer.transform(text(THREE, TRAIN))
    np.testing.assert_allclose(found @ found.T, (expected @ expected.T).toarray(), atol=1e-6)
    assert sorted(np.round(model.rarity[1:], 6)) == sorted(np.round(vectorizer.idf_, 6))


def test_it_learns_what_the_texts_are_about():
    outputs = TfIdf(THREE, TRAIN).outputs(REST)
    assert (outputs.argmax(1) == THREE.examples.answers[REST]).mean() > 0.8


def test_the_module_gives_what_the_sparse_path_gives():
    model = TfIdf(THREE, TRAIN)
    rows = np.arange(len(THREE.examples))
    outputs = model.head.outputs(dense(model.shippable().backbone, THREE, model, rows))
    np.testing.assert_allclose(outputs, model.outputs(rows), atol=1e-4)


def test_words_that_training_has_not_weigh_nothing():
    one = Bench(
        ["soup bread", "ship sail", "SOUP, soup!", "soup zebra quagga", "soup", "zebra"],
        [0, 1, 0, 0, 0, 0],
        ["cooking", "sailing"],
    )
    model = TfIdf(one, np.array([0, 1, 2]))
    assert model.rarity[0] == 0
    outputs = model.outputs(np.arange(6))
    np.testing.assert_allclose(outputs[3], outputs[4], atol=1e-12)
    np.testing.assert_allclose(outputs[5], model.head.bias, atol=1e-12)


def test_only_training_rows_are_read():
    changed = [*text(THREE, TRAIN), *["nothing of this is known"] * len(REST)]
    other = Bench(changed, THREE.examples.answers, THREE.examples.categories)
    first, second = TfIdf(THREE, TRAIN), TfIdf(other, TRAIN)
    assert first.preprocess.tokenizer == second.preprocess.tokenizer
    np.testing.assert_array_equal(first.outputs(TRAIN), second.outputs(TRAIN))


def test_case_and_punctuation_are_not_words():
    one = Bench(["Soup, bread!", "ship sail", "soup bread"], [0, 1, 0], ["cooking", "sailing"])
    model = TfIdf(one, np.array([0, 1]))
    assert model.outputs(np.array([0])).argmax() == model.outputs(np.array([2])).argmax() == 0


def test_two_classes_have_a_row_each():
    one = bench("cooking", "sailing")
    model, vectorizer = TfIdf(one, np.arange(16)), reference(one, np.arange(16))
    assert model.head.weight.shape[0] == 2
    np.testing.assert_allclose(model.head.weight[0], -model.head.weight[1])
    other = LogisticRegression(C=STRENGTH, class_weight="balanced", max_iter=1000)
    other.fit(vectorizer.transform(text(one, range(16))), one.examples.answers[:16])
    rows = np.arange(16, 24)
    expected = other.predict_proba(vectorizer.transform(text(one, rows)))
    np.testing.assert_allclose(softmax(model.outputs(rows), axis=1), expected, atol=2e-3)


@pytest.mark.parametrize("absent", [0, 1, 2])
def test_a_class_that_training_lacks_is_never_the_answer(absent):
    targets = THREE.examples.answers
    train = TRAIN[targets[TRAIN] != absent]
    outputs = TfIdf(THREE, train).outputs(REST)
    assert outputs.shape == (len(REST), 3)
    assert (outputs.argmax(1) != absent).all()
    assert softmax(outputs, axis=1)[:, absent].max() < 1e-6
    there = targets[REST] != absent
    assert (outputs.argmax(1) == targets[REST])[there].mean() > 0.8


def test_a_bundle_of_it_gives_the_same_outputs(tmp_path):
    model, labels = TfIdf(THREE, TRAIN), THREE.examples.categories
    width = model.head.weight.shape[1]
    head = texts.answer.head(width, labels)
    head.load_state_dict(as_state(model.head))
    facts = {"arm": "tfidf"}
    parts = bundle.Parts("text_classification", model.architecture, model.preprocess, labels, width, facts)
    bundle.write(tmp_path / "bundle", parts, model.shippable().backbone, head)
    again, network = bundle.read(tmp_path / "bundle")
    assert again == parts
    assert isinstance(network, nn.Module)
    inputs = texts.unanswered([THREE.examples.sources[row] for row in REST], again.preprocess)
    with torch.no_grad():
        found = network(inputs.batch(np.arange(len(REST)))).numpy()
    np.testing.assert_allclose(found, model.outputs(REST), atol=1e-4)


def test_a_bundle_without_its_tokenizer_is_damaged(tmp_path):
    from headstart.errors import BundleError

    model, labels = TfIdf(THREE, TRAIN), THREE.examples.categories
    width = model.head.weight.shape[1]
    parts = bundle.Parts("text_classification", model.architecture, model.preprocess, labels, width, {})
    bundle.write(tmp_path / "bundle", parts, model.shippable().backbone, texts.answer.head(width, labels))
    (tmp_path / "bundle" / "tokenizer.json").unlink()
    with pytest.raises(BundleError, match="damaged"):
        bundle.read(tmp_path / "bundle")


def test_a_cache_is_not_needed(tmp_path):
    """Words are counted from the sources: nothing of the baseline is in the cache."""
    TfIdf(THREE, TRAIN).outputs(REST)
    assert Cache(tmp_path).used() == 0
