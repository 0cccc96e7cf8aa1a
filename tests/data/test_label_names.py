"""Labels that are one to a person are one here, or are told to look like it."""

import unicodedata
from pathlib import Path

import pandas as pd
import pytest

import headstart as hs
from headstart.data.answers.label_sets import SPOKEN
from headstart.data.label_names import (
    MERGE_LABELS,
    NAMES,
    cleaned,
    in_several_cases,
    likeness,
    spaced,
    unified,
    vanished,
)
from headstart.data.listing import Listing
from headstart.errors import DataError, SettingsError
from headstart.types import Row


def listing(*labels: str) -> Listing:
    return Listing(tuple(Row(f"row {number}", Path("x"), label) for number, label in enumerate(labels)))


def labels(found: Listing) -> list[str]:
    return [row.label for row in found.rows]


def texts(names, column="label"):
    """Twelve texts of each name."""
    return pd.DataFrame(
        [
            {"text": f"text {number} of {place}", column: name}
            for place, name in enumerate(names)
            for number in range(12)
        ]
    )


@pytest.mark.parametrize(
    "name",
    ["ok", "ok ", " ok", "\tok\n", "ok\u00a0", "\u200bok", "ok\ufeff", "o\u00adk", "\u200dok", "\u200eok"],
)
def test_spaces_and_unseen_marks_are_no_part_of_a_name(name):
    assert cleaned(name) == "ok"


def test_a_name_has_one_unicode_form_and_single_spaces():
    assert cleaned(unicodedata.normalize("NFD", "n\u00e4h")) == "n\u00e4h"
    assert cleaned("not\u00a0 spam") == "not spam"
    family = "\U0001f469\u200d\U0001f467"
    assert cleaned(family) == family  # a joiner between is a part of it
    assert cleaned("\u200b ") == ""


@pytest.mark.parametrize(
    ("one", "other"),
    [("Cat", "cat"), ("0", "0.0"), ("1", "01"), ("true", "TRUE"), ("True", '"true"'), ("ok.", "ok"),
     ("not_spam", "not spam"),
     ("not-spam", "Not Spam"), ("\uff21", "a"), ("STRASSE", "stra\u00dfe"), ("'ok'", "ok"), ("ok_", "ok"),
     ("a\u2013b", "a-b"), ("don\u2019t", "don't"), ("\u0421at", "Cat"), ("\u22121", "-1"), ("-0", "0"),
     ("R&amp;D", "R & D"), ("a / b", "a/b"), ("\u0130zmir", "izmir")],
)  # fmt: skip
def test_names_that_look_like_one_class_are_alike(one, other):
    assert likeness(one) == likeness(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("C", "C++"),
        ("C#", "C"),
        ("1", "-1"),
        ("0", "1"),
        ("a", "b"),
        ("1.5", "15"),
        ("?", "!"),
        ("a b", "ab"),
    ],
)
def test_names_that_differ_are_not(one, other):
    assert likeness(one) != likeness(other)


def test_labels_with_blanks_are_one_class_and_said_with_counts():
    found = unified(listing("ok", "ok ", " ok", "no"), {})
    assert labels(found) == ["ok", "ok", "ok", "no"]
    (finding,) = found.findings
    assert finding.kind == "label_spelling"
    assert finding.items == ("' ok' as 'ok': 1", "'ok ' as 'ok': 1")
    assert unified(listing("ok", "no"), {}) == listing("ok", "no")


def test_a_label_of_nothing_visible_is_none():
    found = unified(listing("a", "\u200b"), {})
    assert labels(found) == ["a"]
    assert [(item.file, item.reason) for item in found.dropped] == [("row 1", "no label")]


def test_cat_and_cat_are_told_and_merged_on_request():
    rows = listing("cat", "Cat", "Cat", "dog", "0", "0.0")
    told = unified(rows, {})
    assert labels(told) == labels(rows)
    (finding,) = told.findings
    assert finding.kind == "similar_labels"
    assert "'Cat' (2) and 'cat' (1)" in finding.message
    assert "'0' (1) and '0.0' (1)" in finding.message
    assert "--set merge_labels=yes" in finding.message
    merged = unified(rows, {MERGE_LABELS.name: "yes"})
    assert labels(merged) == ["Cat", "Cat", "Cat", "dog", "0", "0"]
    assert merged.findings[0].items == ("'0' (1) and '0.0' (1) as '0'", "'Cat' (2) and 'cat' (1) as 'Cat'")


def test_a_name_that_looks_like_one_of_a_model_is_that():
    assert labels(unified(listing("CAT", "cow"), {}, known=["cat", "dog"])) == ["cat", "cow"]
    assert labels(unified(listing("CAT"), {}, known=["cat", "Cat"])) == ["CAT"]


def test_numbers_are_called_by_the_names_that_were_given():
    given = {NAMES.name: "neg, pos"}
    assert labels(unified(listing("0", "1.0", "pos"), given)) == ["neg", "pos", "pos"]
    with pytest.raises(DataError, match="the label '2' is none of the numbers from 0 to 1") as caught:
        unified(listing("0", "2"), given)
    assert "--set names=neg,pos" in caught.value.hint
    for wrong in ("a", "a,", "a,a"):
        with pytest.raises(SettingsError, match="two different names"):
            NAMES.of({NAMES.name: wrong})


def test_sets_have_their_names_put_right():
    found = unified(listing("a\u0308|b", "\u00e4", ""), {}, SPOKEN)
    assert labels(found) == ["b|\u00e4", "\u00e4", ""]


def test_a_class_of_which_all_is_left_out_is_told():
    rows = Listing(listing("a", "b").rows, lost=("c", "c", "b"))
    (finding,) = vanished(rows, ["a", "b"])
    assert finding.kind == "vanished"
    assert finding.message == "no example of 1 class can be used, all were left out: c: 2"
    assert vanished(rows, ["a", "b", "c"]) == []


def test_check_reads_folders_and_tables_alike(tmp_path):
    for name in ("ok", "ok ", "Bad"):
        for number in range(4):
            file = tmp_path / name / f"{name.strip()}{number}{len(name)}.txt"
            file.parent.mkdir(exist_ok=True)
            file.write_text(f"text {number} of {name!r}")
    splits = hs.check(tmp_path)
    assert splits.examples.categories == ("Bad", "ok")
    assert "label_spelling" in {finding.kind for finding in splits.findings}
    table = texts(["ok", "ok\u00a0", "Bad", "bad"])
    assert hs.check(table).examples.categories == ("Bad", "bad", "ok")
    assert hs.check(table, merge_labels="yes").examples.categories == ("Bad", "ok")
    sets = texts(["a|b", "a |b\u200b", "c"], "labels")
    assert hs.check(sets).examples.categories == ("a", "b", "c")


def test_cells_after_a_comma_and_a_blank_are_the_same(tmp_path):
    rows = [f"text number {number}, {'good' if number % 2 else 'bad'}" for number in range(12)]
    (tmp_path / "a.csv").write_text("\n".join(["text, label", *rows, "the last one,good"]))
    assert hs.check(tmp_path / "a.csv").examples.categories == ("bad", "good")


def test_true_and_1_look_alike_only_where_nothing_else_is_there():
    (finding,) = unified(listing("True", "1", "0", "False"), {}).findings
    assert finding.kind == "similar_labels"
    assert "'1' (1) and 'True' (1)" in finding.message
    assert unified(listing("True", "1", "0", "2"), {}).findings == ()


@pytest.mark.parametrize(("mark", "word"), [(",", "comma"), (";", "semicolon"), ("|", "bar")])
def test_labels_that_are_several_in_one_are_told(mark, word):
    (finding,) = unified(listing("a", f"a{mark} b", f"b{mark}c", f"c{mark}a"), {}).findings
    assert finding.kind == "joined_labels"
    assert f"a {word} between" in finding.message
    assert finding.items == (f"a{mark} b", f"b{mark}c", f"c{mark}a")
    assert "label_separator" not in finding.message  # the task knows no sets


@pytest.mark.parametrize("names", [("red, white", "blue"), ("a,b", "c,d"), ("x, y", "x", "b")])
def test_a_mark_in_a_name_alone_is_no_sign_of_several(names):
    assert unified(listing(*names), {}).findings == ()


def test_sets_that_are_joined_by_another_mark_say_the_option():
    rows = {"text": [f"text {n}" for n in range(24)], "labels": ["a,b", "b", "a", "b,a"] * 6}
    told = hs.check(rows)
    assert told.examples.categories == ("a", "a,b", "b", "b,a")
    (finding,) = [one for one in told.findings if one.kind == "joined_labels"]
    assert "--set label_separator=comma" in finding.message
    apart = hs.check(rows, label_separator="comma")
    assert apart.examples.categories == ("a", "b")
    assert "joined_labels" not in {one.kind for one in apart.findings}


@pytest.mark.parametrize("answers", [("a,b", "b"), ("a;b", "b;c")])
def test_of_sets_one_label_that_is_found_again_is_enough(answers):
    (finding,) = unified(listing(*answers), {}, SPOKEN).findings
    assert finding.kind == "joined_labels"
    assert unified(listing("red, white", "blue"), {}, SPOKEN).findings == ()


def test_labels_that_look_like_none_are_told():
    def told(*names):
        return [one.items for one in unified(listing(*names), {}).findings if one.kind == "missing_labels"]

    assert told("a", "nan", "nan", "N/A", "b", "null") == [("'N/A' (1)", "'nan' (2)", "'null' (1)")]
    assert told("yes", "no", "-", "?") == [("'-' (1)", "'?' (1)")]
    assert told("0", "1", "?") == [("'?' (1)",)]
    assert told("+", "-") == told("!", "?", ".") == told(*"abcdefghijkl-?") == []
    assert told("none", "other", "nana", "n") == []


def test_several_labels_with_spaces_between_are_told():
    tags = ["clear primary", "haze primary water", "clear primary water", "cloudy"]
    (told,) = spaced(tags, "tags")
    assert told.items == ("clear primary", "clear primary water")
    assert spaced(["New York", "Los Angeles", "Boston"], "tags") == []
    rows = [{"text": f"text {n} of it", "tags": tags[n % 4]} for n in range(48)]
    columns = {"text": "text", "label": "tags"}
    found = hs.check(pd.DataFrame(rows), columns=columns).findings
    assert [one.kind for one in found] == ["joined_labels"]
    plain = hs.check(pd.DataFrame(rows).rename(columns={"tags": "label"})).findings
    assert "joined_labels" not in {one.kind for one in plain}


def test_names_in_several_cases_are_told_and_stay():
    (finding,) = in_several_cases(["Shop 1", "shop  1", "shop 2"], "series")
    assert finding.message.startswith("1 series differ in case or spaces only")
    assert "'Shop 1' and 'shop  1'" in finding.message
    assert not in_several_cases(["a", "b"], "series")
