"""Columns are found by their usual names where they are clear; what is not clear is said."""

import pandas as pd
import pytest

import headstart as hs
from headstart.data.reading import PLAIN, Reading
from headstart.data.tables.column_names import (
    flag_of,
    found,
    holds_classes,
    holds_texts,
    missing,
    pair_of,
    unused_texts,
)
from headstart.errors import DataError

TEXTS = [f"some words here, number {n}" for n in range(24)]
LABELS = ["good", "bad"] * 12


def table(text="text", label="label", **more):
    return pd.DataFrame({text: TEXTS, label: LABELS, **more})


@pytest.mark.parametrize(
    "text", ["Text", " text ", "review", "Tweet", "comment_text", "reviewText", "Sentence", "body"]
)
@pytest.mark.parametrize("label", ["LABEL", "category", "class", "Sentiment", "gold_label", "y", "topic"])
def test_usual_names_are_read_and_told(text, label):
    said = found(table(text, label), ("text", "label"), PLAIN)
    assert said.columns == said.guessed == {"text": text, "label": label}


def test_review_and_category_are_read_with_a_finding():
    splits = hs.check(table("review", "category"))
    assert splits.examples.categories == ("bad", "good")
    (finding,) = (one for one in splits.findings if one.kind == "columns")
    assert "`review` is read as text, `category` is read as label" in finding.message
    assert "--columns text=review,label=category" in finding.message


def test_an_exact_name_comes_first_and_is_no_guess():
    said = found(table(title="a", category="b"), ("text", "label"), PLAIN)
    assert (said.columns, said.guessed) == ({"text": "text", "label": "label"}, {})


def test_two_usual_names_are_ambiguous_and_named():
    with pytest.raises(
        DataError, match="could be `title` or `body`; its columns are: title, label, body"
    ) as caught:
        hs.check(table("title", body=TEXTS))
    assert "--columns text=title,label=label" in caught.value.hint
    assert len(hs.check(table("title", body=TEXTS), columns={"text": "body"}).examples) == 24


@pytest.mark.parametrize(
    ("columns", "guessed"), [(("foo", "label"), {"text": "foo"}), (("text", "bar"), {"label": "bar"})]
)
def test_the_other_one_of_two_columns_is_meant(columns, guessed):
    assert found(table(*columns), ("text", "label"), PLAIN).guessed == guessed


@pytest.mark.parametrize("name", ["score", "id", "labels", "file_name", "target_id_"])
def test_but_not_what_is_called_otherwise_or_holds_something_else(name):
    numbers = pd.DataFrame({"text": TEXTS, name: range(24)})
    assert "label" not in found(numbers, ("text", "label"), PLAIN).columns
    with pytest.raises(DataError):
        hs.check(numbers, task="text_classification")


def test_unknown_columns_are_named_with_how_to_map_them():
    with pytest.raises(DataError, match="its columns are foo, bar") as caught:
        hs.check(table("foo", "bar"))
    assert "--columns text=NAME,label=NAME" in caught.value.hint
    assert (
        found(table("foo", "bar"), ("text", "label"), Reading(columns={"text": "bar"})).columns["text"]
        == "bar"
    )


@pytest.mark.parametrize(
    "pair",
    [("text", "text_b"), ("sentence1", "sentence2"), ("premise", "hypothesis"), ("question", "answer"),
     ("question1", "question2"), ("text_a", "text_b"), ("Question", "Sentence"), ("query", "passage")],
)  # fmt: skip
def test_pairs_of_texts_are_never_cut_to_one_unsaid(pair):
    pairs = table(pair[0], "label", **{pair[1]: [f"another text of number {n}" for n in range(24)]})
    with pytest.raises(DataError, match=f"pairs of texts, `{pair[0]}` and `{pair[1]}`") as caught:
        hs.check(pairs)
    assert f"--columns text={pair[0]},label=label" in caught.value.hint
    splits = hs.check(pairs, columns={"text": pair[0]})
    assert [one.message for one in splits.findings if one.kind == "unused_columns"] == [
        f"there are texts that are not read, in the column `{pair[1]}`: only `{pair[0]}` is"
    ]
    assert pair_of(list(pairs), "label") is None


def test_texts_that_nobody_reads_are_told():
    assert unused_texts(table(note=TEXTS, author="me"), ["text", "label"]) == ["note"]
    assert "unused_columns" in {one.kind for one in hs.check(table(note=TEXTS)).findings}


def test_a_column_of_yes_and_no_may_be_called_like_a_split():
    assert [flag_of(name) for name in ("is_valid", "IsTest", "is train", "is_training")] == [
        "validation",
        "test",
        "train",
        "train",
    ]
    assert [flag_of(name) for name in ("valid", "is_spam", "island", "is")] == [None] * 4
    flags = pd.DataFrame({"text": TEXTS, "is_test": [True, False] * 12})
    assert "label" not in found(flags, ("text", "label"), PLAIN).columns


def test_what_cells_hold():
    assert holds_texts(TEXTS)
    assert holds_texts(["1 2 3 go", "4 5 6 stop"])
    assert holds_texts(["\u4f60 \u597d \u4e16 \u754c"])
    assert not holds_texts([f"{n} 80 82 {n}" for n in range(9)])  # pixels
    assert not holds_texts(LABELS)
    assert not holds_texts([])
    assert holds_classes(LABELS)
    assert not holds_classes(TEXTS)
    assert not holds_classes([0.5] * 9)


def test_the_error_names_what_is_there():
    error = missing(table("a", "b"), ("text",), "text", found(table("a", "b"), ("text",), PLAIN), "hint")
    assert error.message == "the DataFrame has no column `text`; its columns are: a, b"


def test_records_are_no_classes():
    boxes = ['{"bbox": [[1, 2, 3, 4]], "categories": [0]}'] * 4
    assert not holds_classes(boxes)
    assert not holds_classes(["[1, 2, 3, 4]"] * 4)
    assert holds_classes(["cell"] * 4)
