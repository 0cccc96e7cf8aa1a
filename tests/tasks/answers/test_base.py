"""What an answer is where it says nothing else."""

from types import SimpleNamespace

import numpy as np
import pytest

from headstart.errors import DataError, SettingsError
from headstart.tasks.answers.base import Answer, Judged, words_of
from headstart.types import Architecture


def test_what_is_usual():
    answer, targets = Answer(), object()
    assert answer.learned(targets, np.arange(2)) is targets
    assert answer.unlearned(targets, {}) == []
    assert answer.certain(right := np.arange(3)) is right
    assert answer.framed("preprocess") == "preprocess"
    assert answer.read_by("base") == "base"
    assert answer.evidence(right, right) == {}
    assert not answer.takes(Architecture("heads", "unet"))
    assert answer.begun(None, right) is None


def test_an_answer_of_one_output_layer_has_no_other_head():
    with pytest.raises(SettingsError, match="places in pictures"):
        Answer().with_head(Architecture("heads", "unet"))


def test_a_report_shows_the_example_with_what_is_right_and_what_was_said():
    modality = SimpleNamespace(shown=lambda source, side: {"text": source.decode()[:side]})
    assert Answer().compared(modality, Judged(b"some text", 3.5, 4), 4) == {
        "text": "some",
        "label": "3.5",
        "predicted": "4",
    }


def test_what_is_usual_is_not_corrected_and_has_no_colours():
    assert Answer().correction is None
    assert Answer().colours(("a",)) == {}
    with pytest.raises(SettingsError):
        Answer().cell("a", ("a",))


def test_words_are_one_line():
    assert words_of(" two\n words ") == "two words"
    for wrong in ("", "  ", None, 3, "a\0b", "a" * 20_001):
        with pytest.raises(DataError):
            words_of(wrong)
