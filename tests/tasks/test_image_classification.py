"""Metrics agree with scikit-learn, and the wrong kind of data is refused with a hint."""

import numpy as np
import pandas as pd
import pytest
import torch
from sklearn import metrics

from headstart.errors import DataError
from headstart.preprocessing.image import ImagePreprocess
from headstart.tasks.image_classification import plugin


@pytest.fixture
def answers():
    """(50, 4) outputs and their targets; no example has class 3, which is sometimes guessed."""
    draw = np.random.default_rng(0)
    return draw.normal(size=(50, 4)) * 2, draw.integers(0, 3, 50)


def test_metrics_are_those_of_scikit_learn(answers):
    outputs, targets = answers
    guesses = outputs.argmax(1)
    odds = np.exp(outputs) / np.exp(outputs).sum(1, keepdims=True)
    ours = plugin.metrics(outputs, targets)
    assert list(ours)[0] == plugin.score.name
    assert ours["accuracy"] == pytest.approx(metrics.accuracy_score(targets, guesses))
    recalls = metrics.recall_score(targets, guesses, labels=[0, 1, 2], average="macro")
    assert ours["balanced_accuracy"] == pytest.approx(recalls)
    assert ours["macro_f1"] == pytest.approx(metrics.f1_score(targets, guesses, average="macro"))
    assert ours["log_loss"] == pytest.approx(metrics.log_loss(targets, odds, labels=range(4)))


def test_huge_outputs_give_finite_losses_and_odds():
    outputs = np.array([[1e4, -1e4], [-1e4, 1e4]])
    assert plugin.metrics(outputs, np.array([0, 0]))["log_loss"] == pytest.approx(1e4)
    assert plugin.answer.decode(outputs, ["a", "b"])[0] == {
        "label": "a",
        "probability": 1.0,
        "probabilities": {"a": 1.0, "b": 0.0},
    }


def test_the_metric_is_the_mean_of_the_scores(answers):
    assert plugin.score.of(*answers).mean() == plugin.metrics(*answers)["accuracy"]
    assert set(plugin.score.of(*answers)) == {0.0, 1.0}


def test_decode_names_the_likeliest_label():
    (answer,) = plugin.answer.decode(np.log([[0.2, 0.5, 0.3]]), ["x", "y", "z"])
    assert answer["label"] == "y"
    assert answer["probability"] == pytest.approx(0.5)
    assert answer["probabilities"] == pytest.approx({"x": 0.2, "y": 0.5, "z": 0.3})


def test_a_new_head_gives_even_odds_and_a_loss_for_each_example():
    outputs = plugin.answer.head(5, ["a", "b", "c", "d"])(torch.ones(3, 5))
    loss = plugin.answer.loss(outputs, torch.tensor([0, 1, 3]))
    assert loss.tolist() == pytest.approx([np.log(4)] * 3)


def test_inputs_and_impressions_take_files_and_bytes(image_folder):
    files = sorted(image_folder(per_class=1).rglob("*.png"))
    sources = [files[0], files[1].read_bytes()]
    inputs = plugin.unanswered(sources, ImagePreprocess(16, (0, 0, 0), (1, 1, 1)))
    assert inputs.batch(np.arange(2)).shape == (2, 3, 16, 16)
    small = plugin.modality.impressions(inputs, np.arange(2))
    assert small.shape == (2, 256)
    assert 0 <= small.min() < small.max() <= 1


def test_the_wrong_modality_is_refused_with_what_was_found(tmp_path):
    for label in "ab":
        (tmp_path / label).mkdir()
        (tmp_path / label / "1.txt").write_text("words")
    assert not plugin.reader.claims(tmp_path)
    with pytest.raises(DataError, match=r"expected images, but .* only \.txt") as caught:
        plugin.reader.read(tmp_path)
    assert "--task" in caught.value.hint


def test_what_it_fits(image_folder, tmp_path):
    assert plugin.reader.claims(image_folder())
    assert plugin.reader.claims(str(image_folder()))
    assert plugin.reader.claims(pd.DataFrame({"file_name": [], "label": []}))
    assert not plugin.reader.claims(pd.DataFrame({"text": [], "label": []}))


def test_an_empty_folder_is_called_empty(tmp_path):
    with pytest.raises(DataError, match="is empty"):
        plugin.reader.read(tmp_path)
