"""Transcripts as they are said, or as they are written: a choice, and told."""

import pytest

from headstart.data.listing import Listing
from headstart.data.sound.spoken import SPOKEN, WORDS, WRITTEN, spoken, with_words, written
from headstart.types import Row


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("  Yes,  it's  RAINING! ", "yes it's raining"),
        ("“Well-known” — said he…", "well-known said he"),
        ("Cafe\u0301", "café"),
        ("don’t 'quote'", "don't quote"),
        ("ДА, хорошо.", "да хорошо"),
        ("नमस्ते!", "नमस्ते"),
        ("?!", ""),
    ],
)
def test_what_is_said(text, said):
    assert spoken(text) == said
    assert spoken(said) == said


def test_what_is_written_keeps_all_but_spaces():
    assert written(" Yes,\tit  is! ") == "Yes, it is!"
    assert written("Cafe\u0301") == "Café"


def listing(*texts):
    return Listing(tuple(Row(f"{number}.wav", b"", text) for number, text in enumerate(texts)))


def test_what_changed_is_told_and_what_has_no_word_is_left_out():
    found = with_words(listing("Yes!", "no", "..."), SPOKEN)
    assert [row.label for row in found.rows] == ["yes", "no"]
    assert [(item.file, item.reason) for item in found.dropped] == [
        ("2.wav", "no words in its transcript '...'")
    ]
    (told,) = found.findings
    assert "Yes! → yes" in told.message
    assert f"--set words={WRITTEN}" in told.message
    kept = with_words(listing("Yes!", "no", "..."), WRITTEN)
    assert [row.label for row in kept.rows] == ["Yes!", "no", "..."]
    assert not kept.findings


def test_numbers_written_both_ways_are_a_finding():
    assert [one.kind for one in with_words(listing("50 cars", "fifty"), SPOKEN).findings] == ["digits"]
    assert with_words(listing("50", "7"), SPOKEN).findings == ()


def test_it_is_an_option():
    assert WORDS.of({}) == SPOKEN
    assert WORDS.of({"words": "written"}) == WRITTEN
