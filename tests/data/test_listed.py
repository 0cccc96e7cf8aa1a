"""One way in for all verbs: objects become tables, and labels have one spelling."""

import headstart as hs
from headstart import registry
from headstart.data.listed import listed, missing
from headstart.data.listing import Listing

TASK = registry.get("tasks", "text_classification")


def test_labels_are_put_right_for_any_data():
    rows = [
        {"text": "one", "label": "ok "},
        {"text": "two", "label": "ok"},
        {"text": "three", "label": "CAT"},
    ]
    assert [row.label for row in listed(rows, TASK).rows] == ["ok", "ok", "CAT"]
    assert [row.label for row in listed(rows, TASK, known=["ok", "cat"]).rows] == ["ok", "ok", "cat"]


def test_a_class_that_is_gone_is_said_where_answers_are_names():
    gone = Listing(lost=("a",))
    assert missing(gone, ["b"], TASK)[0].kind == "vanished"
    assert missing(gone, ["b"], registry.get("tasks", "translation")) == []


def test_files_of_windows_letters_are_read_and_told(tmp_path):
    for number in range(12):
        for label, text in (("fr", f"un café noir, naïve {number}"), ("en", f"a black coffee {number}")):
            (tmp_path / label).mkdir(exist_ok=True)
            (tmp_path / label / f"{number}.txt").write_bytes(text.encode("cp1252"))
    splits = hs.check(tmp_path)
    assert splits.examples.categories == ("en", "fr")
    assert [one.message for one in splits.findings if one.kind == "letters"] == [
        "12 files are not UTF-8 and were read as Windows-1252"
    ]
    pictures = registry.get("tasks", "image_classification").modality
    assert pictures.remarks(splits.examples.sources) == []


def test_a_class_whose_rows_are_all_left_out_is_told(tmp_path):
    rows = [f"{'' if n % 3 == 2 else f'text {n}'},{'abc'[n % 3]}" for n in range(30)]
    (tmp_path / "a.csv").write_text("\n".join(["text,label", *rows]))
    splits = hs.check(tmp_path / "a.csv")
    assert [one.message for one in splits.findings if one.kind == "vanished"] == [
        "no example of 1 class can be used, all were left out: c: 10"
    ]
