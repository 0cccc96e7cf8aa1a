"""Predictions as a table that any program reads."""

from __future__ import annotations

import csv
import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from headstart.cli.tables import answer_line, bases, ranking, read_as, show_export, show_run, write_csv
from headstart.errors import RunError
from headstart.measured import Costed
from headstart.plain import read
from headstart.records import Counts, Data, LeftOut, Outcome
from headstart.types import BaseCard, Dropped, Finding, Interval, Offered

RECORDS = [
    {
        "input": "a, b.png",
        "label": 'the "red" fox',
        "probability": 0.75,
        "probabilities": {"ñ": 0.75, "x": 0.25},
    },
    {"input": "line\nbreak.png", "error": "not an image"},
]


def rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def test_each_label_gets_its_column_and_a_gap_is_empty(tmp_path):
    write_csv(tmp_path / "t.csv", RECORDS)
    assert rows(tmp_path / "t.csv") == [
        {
            "input": "a, b.png",
            "label": 'the "red" fox',
            "probability": "0.75",
            "probability of ñ": "0.75",
            "probability of x": "0.25",
            "error": "",
        },
        {
            "input": "line\nbreak.png",
            "label": "",
            "probability": "",
            "probability of ñ": "",
            "probability of x": "",
            "error": "not an image",
        },
    ]


def test_a_list_of_labels_is_one_cell_as_tables_of_labels_have_it(tmp_path):
    record = {"input": "a", "labels": ["x", "y z"], "probabilities": {"x": 0.9}}
    write_csv(tmp_path / "t.csv", [record, {"input": "b", "labels": [], "probabilities": {"x": 0.1}}])
    assert [row["labels"] for row in rows(tmp_path / "t.csv")] == ["x|y z", ""]
    assert answer_line(record) == "a\tx|y z"


def test_a_run_is_its_arms_its_verdict_and_what_ships(capsys, finished):
    run = read(Outcome, finished.read("result.json"))
    arm = replace(run.arms[0], name="frozen", value=0.5, interval=Interval(0.4, 0.6), seconds=1.25)
    dropped = LeftOut((Dropped("a", "odd"), Dropped("b", "odd")))
    findings = (Finding("imbalance", "99 against 1"),)
    show_run(
        replace(
            run,
            arms=(arm,),
            metric=replace(run.metric, value=0.75, interval=Interval(0.7, 0.8)),
            verdict=replace(run.verdict, sentence="It helped."),
            chosen=replace(run.chosen, arm="frozen"),
            notes=("odd",),
            data=replace(run.data, findings=findings, dropped=dropped),
        ),
        Path("runs/x"),
    )
    out = capsys.readouterr().out.splitlines()
    assert [line.split() for line in out[:2]] == [
        ["arm", "accuracy", "95", "%", "interval", "seconds"],
        ["frozen", "0.500", "0.400", "to", "0.600", "1.2"],
    ]
    assert out[2:] == [
        "",
        "It helped.",
        "shipped: frozen, accuracy 0.750 (0.700 to 0.800) on the test split",
        "imbalance: 99 against 1",
        "left out: 2 examples; `headstart check` names each",
        "note: odd",
        "",
        "report   runs/x/report.html",
        "bundle   runs/x/bundle",
        "next     headstart predict runs/x/bundle INPUT",
    ]


def test_nothing_is_an_empty_table(tmp_path):
    write_csv(tmp_path / "t.csv", [])
    assert rows(tmp_path / "t.csv") == []


def test_a_name_that_is_no_text_keeps_its_bytes(tmp_path):
    write_csv(tmp_path / "t.csv", [{"input": b"caf\xe9".decode("utf-8", "surrogateescape")}])
    assert b"caf\xe9" in (tmp_path / "t.csv").read_bytes()


def test_a_table_that_cannot_be_written_leaves_the_old_one(tmp_path, monkeypatch):
    write_csv(tmp_path / "t.csv", RECORDS)
    before = (tmp_path / "t.csv").read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(RunError, match="No space left") as caught:
        write_csv(tmp_path / "t.csv", RECORDS[:1])
    assert "--out" in caught.value.hint
    assert [(path.name, path.read_bytes()) for path in tmp_path.iterdir()] == [("t.csv", before)]


def test_a_prediction_is_one_line_whatever_it_holds():
    one = {"input": "a\tb\nc", "label": "x", "probability": 0.5, "probabilities": {"x": 0.5}, "abstain": True}
    assert answer_line(one) == "a b c\tx\t0.500\tunsure"
    assert answer_line({**one, "abstain": False}) == "a b c\tx\t0.500"
    assert answer_line({"input": "Hi", "translation": "Sal\u2028ut"}) == "Hi\tSal ut"


BOXES = [
    {"label": "a\tcat", "score": 0.914, "box": [1.4, 2.0, 30.6, 40.0]},
    {"label": "dog", "score": 0.5, "box": [0.0, 0.0, 5.0, 5.0]},
]
EMBEDDED = '{"classes":["cell"],"png":"iVBORw0KGgo="}'


def test_places_are_read_on_a_line_and_masks_only_named():
    assert answer_line({"input": "x.png", "boxes": BOXES}) == (
        "x.png\ta cat 0.91 (1, 2, 31, 40); dog 0.50 (0, 0, 5, 5)"
    )
    assert answer_line({"input": "x.png", "boxes": [], "picture": "out/x.png"}) == (
        "x.png\tnothing found\tout/x.png"
    )
    shares = {"background": 0.877, "cell": 0.123}
    line = answer_line({"input": "x.png", "shares": shares, "mask": EMBEDDED})
    assert line == "x.png\tbackground 87.7 %, cell 12.3 %"
    assert answer_line({"input": "x.png", "mask": "out/x.mask.png"}) == "x.png\tout/x.mask.png"
    assert answer_line({"input": "x", "labels": ["a", "b"]}) == "x\ta|b"


def test_places_in_a_table_have_columns_of_shares_and_json_of_boxes(tmp_path):
    shares = {"background": 0.75, "cell": 0.25}
    records = [
        {"input": "a", "boxes": BOXES},
        {"input": "b", "shares": shares, "mask": EMBEDDED},
        {"input": "c", "mask": "out/c.mask.png"},
    ]
    write_csv(tmp_path / "t.csv", records)
    first, second, third = rows(tmp_path / "t.csv")
    assert json.loads(first["boxes"]) == BOXES
    assert (second["share of background"], second["share of cell"], second["mask"]) == ("0.75", "0.25", "")
    assert third["mask"] == "out/c.mask.png"


def test_a_table_is_written_from_a_stream_and_not_at_all_where_that_breaks(tmp_path):
    def broken():
        yield {"input": "a"}
        raise RunError("it broke", "mend it")

    with pytest.raises(RunError):
        write_csv(tmp_path / "t.csv", broken())
    assert list(tmp_path.iterdir()) == []
    write_csv(tmp_path / "t.csv", iter([{"input": "a"}, {"input": "b", "error": "empty"}]))
    assert rows(tmp_path / "t.csv") == [{"input": "a", "error": ""}, {"input": "b", "error": "empty"}]


EXPORT = {
    "n": 12,
    "split": "validation",
    "difference": 1.2e-6,
    "metric": {"name": "accuracy", "pytorch": 0.75, "onnxruntime": 0.75, "difference": 0.0},
    "seconds": {"pytorch": 0.02, "onnxruntime": 0.0025},
}


def test_an_export_is_shown_by_engine(capsys):
    show_export(EXPORT)
    assert capsys.readouterr().out.splitlines() == [
        "engine        ms an example  examples a second  accuracy",
        "PyTorch       20.00          50                 0.7500",
        "ONNX Runtime  2.50           400                0.7500",
        "",
        "compared on 12 examples of the validation split: 1.2e-06 of the largest output apart",
    ]
    show_export(EXPORT | {"metric": None, "split": None})
    out = capsys.readouterr().out
    assert "accuracy" not in out
    assert "compared on 12 examples: 1.2e-06" in out


def data(labels, kinds=None):
    """Six examples."""
    per_class = dict.fromkeys(labels if kinds is None else kinds, Counts(3, 1, 2))
    return Data(3, 1, 2, tuple(labels), per_class, LeftOut(()), (), "sha256:ab")


def test_what_was_read_as_what_is_one_line():
    assert read_as("a task, class folders", data("abcdefghij")) == (
        "read as a task, class folders: 3 training, 1 validation, 2 test;"
        " 10 classes: a, b, c, d, e, f, g, h, …\n"
    )
    assert read_as("a task", data("ab", ())) == "read as a task: 3 training, 1 validation, 2 test\n"
    assert "1 class: a b" in read_as("a task", data(["a\nb"]))


def test_ranges_of_values_are_no_classes():
    assert "; 2 kinds: 0 to 1, 2 to 5\n" in read_as("a task", data(["value"], ("0 to 1", "2 to 5")))


def test_a_base_that_is_not_there_has_the_names_of_one_that_is():
    here = BaseCard("builtin/a", "image", "drawings", "MIT", "ab", 2_500_000, 8, 4, 32, ("stem", "top"))
    there = Offered("builtin/b", "image", "photographs", "Apache-2.0", 18.8, "pip install 'headstart[some]'")
    own, offered = bases([here, there])
    assert own.keys() == offered.keys()
    assert (own["megabytes"], own["stages"], own["install"]) == (10.0, 2, None)
    assert (offered["megabytes"], offered["licence"], offered["parameters"]) == (18.8, "Apache-2.0", None)
    assert offered["install"] == "pip install 'headstart[some]'"


def test_a_ranking_shows_each_score_with_its_rank_and_what_is_not_known():
    row = Costed(
        *("tiny", 0.5, 0.25, 1, True, {"logme": 0.75}, {"logme": 1.5}, 0.0, 0, 2.0, 3.0),
        *("whole", 1.25, None, 1_500_000, 1, None),
        latency_ms=12.34,
        memory_mb=None,
    )
    assert ranking([row]) == [
        {
            "place": "1=",
            "base": "tiny",
            "score": "+0.50 ± 0.25",
            "logme": "0.750 (1.5)",
            "prior": "unknown",
            "by size": "2",
            "by list": "3",
            "parameters": "1.5M",
            "latency": "12.3 ms",
            "licence": None,
            "seconds": "1.2",
        }
    ]
    assert ranking([replace(row, memory_mb=512.3)])[0]["memory"] == "512 MB"
