"""What can be asked of a pre-training."""

from __future__ import annotations

import pytest

import languages
from headstart.errors import SettingsError, UnknownName
from headstart.pretraining._asked import usual
from makings import ARCHITECTURE, asked


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"data": []}, "nothing to pre-train on"),
        ({"architecture": None}, "a base to continue from or an architecture"),
        ({"base": "builtin/glyphs", "architecture": ARCHITECTURE}, "not both"),
        ({"size": 15}, "--size must be from 16 to 1024"),
        ({"size": 1025}, "--size must be from 16 to 1024"),
        ({"epochs": 0}, "--epochs must be at least 1"),
        ({"minutes": 0.0}, "--minutes must be above 0"),
        ({"minutes": -1.0}, "--minutes must be above 0"),
        ({"minutes": float("nan")}, "--minutes must be above 0"),
        ({"minutes": float("inf")}, "--minutes must be above 0"),
        ({"devices": 0}, "--devices must be at least 1"),
        ({"seed": -1}, "--seed must be from 0"),
        ({"seed": 2**31}, "--seed must be from 0"),
        ({"task": "multilabel_text_classification", "size": None}, "needs one class for each example"),
        ({"data": ["a", "b"], "method": "vicreg"}, "`vicreg` takes one folder of files, got 2"),
    ],
)
def test_settings_that_cannot_be_are_refused(tmp_path, changes, message):
    with pytest.raises(SettingsError, match=message) as caught:
        asked(changes.pop("data", "photos"), tmp_path, **changes)
    assert len(caught.value.hint) > 5
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_method_is_refused_with_the_known_ones(tmp_path):
    with pytest.raises(UnknownName, match="vicregg") as caught:
        asked("photos", tmp_path, "vicregg")
    assert "vicreg" in caught.value.hint


def test_settings_at_their_bounds_are_taken(tmp_path):
    for changes in ({"size": 16}, {"size": 1024}, {"seed": 2**31 - 1}, {"minutes": 0.001}, {"epochs": 1}):
        asked("photos", tmp_path, **changes)
    assert asked(["a", "b"], tmp_path).data == ("a", "b")


@pytest.mark.parametrize(
    ("task", "labelled", "base", "method"),
    [
        ("text_classification", True, "bert", "supervised"),
        ("text_classification", False, "bert", "masked"),
        ("multilabel_text_classification", True, "bert", "masked"),
        ("multilabel_text_classification", True, "gpt2", "causal"),
        ("translation", True, "t5", "supervised"),
    ],
)
def test_without_a_method_labels_are_learned_where_each_example_has_one(
    tmp_path, task, labelled, base, method
):
    assert usual(task, labelled, str(languages.write(tmp_path / base, base)[0])) == method
