"""What every task of texts does alike."""

from pathlib import Path

import pytest

from headstart import registry
from headstart.errors import DataError

TASKS = ["text_classification", "translation"]


@pytest.mark.parametrize("name", TASKS)
def test_texts_are_examined_folded_and_asked_about(name):
    task = registry.get("tasks", name)
    assert task.modality.examine(b"plain") is None
    assert task.modality.examine(b" ") == "empty"
    assert (
        task.modality.folded(b"One, two!")
        == task.modality.folded(b"one two")
        != task.modality.folded(b"one three")
    )
    with pytest.raises(DataError):
        task.asked([Path("missing.csv")])


@pytest.mark.parametrize("name", TASKS)
def test_a_long_text_is_shown_by_its_beginning_also_without_spaces(name):
    task = registry.get("tasks", name)
    assert task.modality.shown(b"short", 10) == {"text": "short"}
    for text in (b"word " * 100, b"x" * 500):
        shown = task.modality.shown(text, 10)["text"]
        assert 10 < len(shown) <= 32
        assert shown[0] == text.decode()[0]
