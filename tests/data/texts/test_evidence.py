"""What a report shows of texts comes from training, and counts what it says it counts."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.data.texts import evidence as module
from headstart.data.texts import store
from headstart.data.texts.evidence import telling_words, text_lengths, words_of
from headstart.preprocessing.text import TextPreprocess
from headstart.tasks.answers.label_sets import LabelSets
from headstart.tasks.baselines.tfidf import _vocabulary
from texts import examples

BAD = tuple(f"the dull film number{row}" for row in range(10))
GOOD = tuple(f"the lovely film number{row}" for row in range(10, 20))
SETS = LabelSets()


def preprocess(texts: tuple[str, ...], window: int, size: int) -> TextPreprocess:
    return TextPreprocess(_vocabulary(texts)[0], window, size)


def test_telling_words_are_those_of_one_class_only():
    assert telling_words(examples(BAD, GOOD), np.arange(20)) == [
        {"label": "bad", "words": [{"word": "dull", "share": 1.0, "elsewhere": 0.0}]},
        {"label": "good", "words": [{"word": "lovely", "share": 1.0, "elsewhere": 0.0}]},
    ]


def test_rows_that_are_not_asked_for_are_not_read():
    rows = np.concatenate([np.arange(5), np.arange(10, 14)])
    some = examples((*BAD[:5], *("secret",) * 5), GOOD)
    found = telling_words(some, rows)
    assert "secret" not in str(found)
    assert telling_words(examples(BAD, GOOD), np.arange(10))[0]["label"] == "bad"


def test_a_text_of_several_labels_tells_words_of_each_and_is_counted_once():
    texts = tuple(f"{words} number{row}" for row in range(10) for words in ("red sea", "red", "sea", "plain"))
    sets = [[*["colour"] * ("red" in text), *["water"] * ("sea" in text)] for text in texts]
    targets = SETS.learned(SETS.targets(["|".join(labels) for labels in sets] + ["never"]), np.arange(41))
    some = replace(examples((*texts, "unread"), labels=("?",)), targets=targets)
    assert some.categories == ("colour", "never", "water")
    assert telling_words(some, np.arange(40)) == [
        {"label": "colour", "words": [{"word": "red", "share": 1.0, "elsewhere": 0.0}]},
        {"label": "water", "words": [{"word": "sea", "share": 1.0, "elsewhere": 0.0}]},
    ]


def test_of_many_classes_the_largest_are_shown_and_of_many_words_the_surest(monkeypatch):
    monkeypatch.setattr(module, "CLASSES", 2)
    monkeypatch.setattr(module, "WORDS", 1)
    more = examples(BAD[:3], GOOD, tuple(["dull grey grey"] * 12), labels=("a", "b", "c"))
    found = telling_words(more, np.arange(25))
    assert [row["label"] for row in found] == ["b", "c"]
    assert [word["word"] for word in found[1]["words"]] == ["grey"]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't stop, DON'T! 3 times", {"don't", "stop", "3", "times"}),
        ("Straße <b>x</b> 👩‍👩‍👧", {"strasse", "b", "x"}),
        ("東京タワー", {"東京", "京タ", "タワ", "ワー"}),
        ("مرحبا بالعالم", {"مرحبا", "بالعالم"}),
        ("x" * 31, set()),
        ("", set()),
    ],
)
def test_words_are_found_in_any_script(text, words):
    assert words_of(text) == words


def test_lengths_are_counted_and_what_is_cut(monkeypatch):
    some = examples(("a b c", "a b", "a"), ("a b c d e f",))
    found = text_lengths(some, np.arange(4), preprocess(("a b c d e f",), 3, 3))
    assert (found["texts"], found["takes"], found["median"], found["longest"]) == (4, 3, 2.5, 6)
    assert (found["texts_cut"], found["tokens_cut"]) == (0.25, 0.25)
    assert sum(found["counts"]) == 4
    assert len(found["edges"]) == len(found["counts"]) + 1
    assert found["edges"][0] <= 1
    assert found["edges"][-1] > 6
    monkeypatch.setattr(module, "READ", 2)
    assert text_lengths(some, np.arange(4), preprocess(("a",), 3, 3))["texts"] == 2


def test_a_few_long_texts_do_not_hide_the_others():
    lengths = np.array([3] * 50 + [5] * 50 + [4000])
    edges = module._edges(lengths)
    counts, _ = np.histogram(lengths, edges)
    assert counts.sum() == 101
    assert len(edges) > 10
    assert (counts > 0).sum() == 3
    assert list(edges) == sorted(set(edges))


def test_chunks_keep_as_many_tokens_as_all_windows_take():
    lengths = np.array([2, 6, 9])
    assert store.kept(lengths, preprocess(("a b",), 3, 6)).tolist() == [2, 6, 6]
