"""Tables and Label Studio's tasks hold what was suggested, in order."""

from __future__ import annotations

import csv
import io
import json
from dataclasses import replace

import pytest

from headstart.errors import RunError
from headstart.labelling import files
from headstart.records import LeftOut
from headstart.suggested import SCHEMA, Doubt, Doubts, Suggested, ToLabel
from headstart.tasks.image_classification import plugin as pictures
from headstart.tasks.text_classification import plugin as texts

SUGGESTED = Suggested(
    schema=SCHEMA,
    headstart="1",
    run="runs/a",
    examples=9,
    known=0,
    twice=0,
    to_label=(ToLabel("a/one, two.png", ("cat",), 0.51, 0.98), ToLabel("b.png", (), 0.7, 0.5)),
    doubts=None,
    dropped=LeftOut(()),
    notes=(),
)


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


def test_the_table_is_in_order():
    first, second = rows(files.to_label_table(SUGGESTED))
    assert (first["place"], first["file_name"], first["likely"]) == ("1", "a/one, two.png", "cat")
    assert (second["place"], second["likely"]) == ("2", "")


def test_doubts_are_told_with_both_labels():
    doubt = Doubt("c.png", "cat", 0.01, "dog", 0.9)
    (row,) = rows(files.doubts_table(Doubts(30, 1, (doubt,))))
    assert (row["file_name"], row["label"], row["likely"]) == ("c.png", "cat", "dog")


def test_label_studio_is_told_what_to_show_and_what_the_model_says(tmp_path):
    from pictures import write_folder

    one, two = sorted(write_folder(tmp_path, ["x"], per_class=2).rglob("*.png"))
    first, second = json.loads(files.tasks(SUGGESTED, [one, two], pictures.modality))
    assert first["data"]["image"] == "/data/local-files/?d=a/one, two.png"
    (prediction,) = first["predictions"]
    assert prediction["score"] == 0.51
    (choice,) = prediction["result"]
    assert (choice["type"], choice["to_name"], choice["value"]) == ("choices", "image", {"choices": ["cat"]})
    assert second["predictions"][0]["result"] == []
    elsewhere = json.loads(files.tasks(SUGGESTED, [one, two], pictures.modality, "s3://bucket/"))
    assert elsewhere[1]["data"]["image"] == "s3://bucket/b.png"


def test_of_texts_it_is_told_the_whole_text():
    long = "word " * 500 + "end"
    told = replace(SUGGESTED, to_label=SUGGESTED.to_label[:1])
    (task,) = json.loads(files.tasks(told, [long.encode()], texts.modality))
    assert task["data"]["text"] == long


def test_a_folder_that_cannot_be_written_is_refused(tmp_path):
    (tmp_path / "file").write_text("mine", "utf-8")
    with pytest.raises(RunError, match="cannot be written"):
        files.write(tmp_path / "file", {"a.csv": "x"})
    files.write(tmp_path / "new" / "deep", {"a.csv": "x"})
    assert (tmp_path / "new" / "deep" / "a.csv").read_text("utf-8") == "x"
