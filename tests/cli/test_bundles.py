"""The commands that use a bundle print their result on stdout and everything else on stderr."""

from __future__ import annotations

import csv
import io
import json
import shutil
import sys
import threading
from pathlib import Path

import pytest

import dense
from headstart.shipping.bundles import export
from stories import Said, refused, said
from texts import write_bundle


@pytest.fixture(scope="module")
def pictures(finished) -> list[Path]:
    """Those of the test split."""
    return [finished.data / row["file"] for row in finished.read("evidence.json")["predictions"]]


def test_predict_prints_a_line_for_each_file(finished, pictures):
    rows = finished.read("evidence.json")["predictions"]
    done = said("predict", finished.bundle, *pictures)
    assert (done.code, done.err) == (0, "")
    lines = [line.split("\t") for line in done.out.splitlines()]
    for path, row, (name, label, probability, *unsure) in zip(pictures, rows, lines, strict=True):
        assert (name, label) == (str(path), row["predicted"])
        assert 0 < float(probability) <= 1
        assert unsure in ([], ["unsure"])


def test_predict_goes_on_after_a_broken_file_and_says_so(finished, pictures, tmp_path):
    broken = tmp_path / "broken.jpg"
    broken.write_bytes(b"")
    mixed = (pictures[0], broken, pictures[1])
    asked, plain = (
        said("predict", finished.bundle, *mixed, "--json"),
        said("predict", finished.bundle, *mixed),
    )
    records = [json.loads(line) for line in asked.out.splitlines()]
    assert (asked.code, asked.err) == (1, "")
    assert [record["input"] for record in records] == [path.as_posix() for path in mixed]
    assert records[1] == {"input": broken.as_posix(), "error": "empty file"}
    assert plain.code == 1
    assert len(plain.out.splitlines()) == 2
    assert plain.err == f"{broken}: empty file\n"


def test_predict_writes_a_table(finished, pictures, tmp_path):
    table = tmp_path / "predictions.csv"
    (tmp_path / "broken.jpg").write_text("no picture")
    done = said("predict", finished.bundle, pictures[0], tmp_path / "broken.jpg", "--out", table)
    assert (done.code, done.out) == (1, f"{table}\n")
    first, second = csv.DictReader(table.read_text("utf-8").splitlines())
    assert first["input"] == str(pictures[0])
    assert float(first[f"probability of {first['label']}"]) == float(first["probability"])
    assert (second["error"], second["label"], second["probability"]) == ("not an image", "", "")


@pytest.fixture(scope="module")
def segmenter(tmp_path_factory, tiny_base) -> Path:
    """A bundle that finds regions."""
    return dense.write_bundle(tmp_path_factory.mktemp("masks") / "bundle", "segmentation", tiny_base)


def test_predict_draws_into_a_new_folder(segmenter, tmp_path):
    dense.picture(tmp_path / "in" / "a.png")
    out, table = tmp_path / "out", tmp_path / "t.csv"
    done = said("predict", segmenter, tmp_path / "in", "--draw", out, "--json")
    assert (done.code, done.err) == (0, "")
    assert done.json["mask"] == (out / "a.mask.png").as_posix()
    assert sorted(path.name for path in out.iterdir()) == ["a.mask.png", "a.png", "classes.txt"]
    refused(again := said("predict", segmenter, tmp_path / "in", "--draw", out))
    assert "not empty" in again.err
    done = said("predict", segmenter, tmp_path / "in", "--out", table)
    (row,) = csv.DictReader(table.read_text("utf-8").splitlines())
    assert sum(float(row[f"share of {label}"]) for label in dense.LABELS["segmentation"]) == pytest.approx(1)
    assert "mask" not in row


def test_predict_refuses_to_draw_what_is_no_place(finished, pictures, reader, tmp_path):
    refused(said("predict", finished.bundle, pictures[0], "--draw", tmp_path / "out"))
    refused(said("predict", reader, "so dull", "--draw", tmp_path / "out"))
    assert not (tmp_path / "out").exists()


def test_predict_answers_films_frame_by_frame_until_they_break(finished, tmp_path):
    whole = dense.film(tmp_path / "film.avi", frames=40).read_bytes()
    (tmp_path / "cut.avi").write_bytes(whole[: int(0.8 * len(whole))])
    done = said("predict", finished.bundle, tmp_path / "film.avi", "--json")
    names = [json.loads(line)["input"] for line in done.out.splitlines()]
    assert (done.code, names[11]) == (0, f"{tmp_path / 'film.avi'} frame 12")
    assert len(names) == 40
    done = said("predict", finished.bundle, tmp_path / "cut.avi")
    assert done.code == 1
    assert len(done.out.splitlines()) > 3
    assert done.err.startswith(f"{tmp_path / 'cut.avi'}: truncated")


def test_an_interrupt_ends_a_film(finished, tmp_path, monkeypatch):
    dense.film(tmp_path / "film.avi", frames=40)

    def interrupted(record):
        raise KeyboardInterrupt

    monkeypatch.setattr("headstart.cli.tables.answer_line", interrupted)
    before = threading.active_count()
    done = said("predict", finished.bundle, tmp_path / "film.avi")
    assert (done.code, done.out) == (130, "")
    assert threading.active_count() <= before


@pytest.fixture(scope="module")
def reader(tmp_path_factory) -> Path:
    """A bundle that takes texts."""
    return write_bundle(tmp_path_factory.mktemp("reader") / "bundle")


def lines(monkeypatch, content: bytes) -> None:
    """Standard input holds these bytes."""
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))


@pytest.mark.parametrize("given", [(), ("-",)], ids=["nothing", "dash"])
def test_predict_reads_lines_of_standard_input(reader, monkeypatch, given):
    content = b"lovely\tsongs\n\nso dull\n" + b"\xff\n" + "nul\0\n犬".encode()
    lines(monkeypatch, content)
    asked = said("predict", reader, *given, "--json")
    records = [json.loads(line) for line in asked.out.splitlines()]
    assert (asked.code, asked.err) == (1, "")
    assert [(one["input"], one.get("label"), one.get("error")) for one in records[:5]] == [
        ("lovely\tsongs", "good", None),
        ("line 2", None, "empty"),
        ("so dull", "bad", None),
        ("line 4", None, "not UTF-8 (byte 0xff at 0)"),
        ("line 5", None, "holds NUL bytes"),
    ]
    assert records[5]["abstain"] is True
    lines(monkeypatch, content)
    plain = said("predict", reader, *given)
    assert plain.code == 1
    assert [line.split("\t")[:2] for line in plain.out.splitlines()][:2] == [
        ["lovely songs", "good"],
        ["so dull", "bad"],
    ]
    assert plain.out.splitlines()[2].endswith("\tunsure")
    assert "line 2: empty\n" in plain.err


def test_predict_takes_texts_and_tables(reader, tmp_path):
    (tmp_path / "t.csv").write_text("said,heard\nlovely songs,x\nawful,y\n")
    done = said("predict", reader, "so dull", tmp_path / "t.csv", "--columns", "text=said", "--json")
    assert done.code == 0, done.err
    assert [json.loads(line)["label"] for line in done.out.splitlines()] == ["bad", "good", "bad"]
    refused(said("predict", reader, tmp_path / "t.csv"))
    table = tmp_path / "out.csv"
    done = said("predict", reader, "so dull", "", "--out", table)
    first, second = csv.DictReader(table.read_text("utf-8").splitlines())
    assert (done.code, first["label"], second["error"]) == (1, "bad", "empty")


def test_nothing_on_standard_input_is_nothing_and_pictures_take_none(reader, finished, monkeypatch):
    lines(monkeypatch, b"")
    assert said("predict", reader) == Said(0, "", "")
    refused(said("predict", finished.bundle))


def test_evaluate_prints_the_metric_and_its_interval(finished):
    asked, plain = (
        said("evaluate", finished.bundle, finished.data, "--json"),
        said("evaluate", finished.bundle, finished.data),
    )
    metric = asked.json["metric"]
    assert (asked.code, metric["name"], metric["n"]) == (0, "accuracy", 36)
    assert asked.err == plain.err
    assert asked.err.startswith("note: the bundle was trained on 31 of the 36 examples")
    low, high = metric["interval"]
    assert f"accuracy 95 % interval {low:.3f} to {high:.3f}, n = 36" in plain.out
    assert set(asked.json["metrics"]) <= set(plain.out.split())


@pytest.fixture
def bundle(finished, tmp_path) -> Path:
    """One that may be changed."""
    return shutil.copytree(finished.bundle, tmp_path / "bundle")


def test_export_prints_both_engines_and_what_to_do_next(bundle, finished, tmp_path):
    copy = tmp_path / "mine.onnx"
    done = said("export", bundle, "--to", "onnx", "--data", finished.data, "--out", copy)
    assert (done.code, done.err) == (0, ""), done.err
    record = json.loads((bundle / "export.json").read_text("utf-8"))
    header, plain, exported = (line.split("  ") for line in done.out.splitlines()[:3])
    assert [header[0], plain[0], exported[0]] == ["engine", "PyTorch", "ONNX Runtime"]
    assert header[-1] == "accuracy"
    assert float(plain[-1]) == pytest.approx(record["metric"]["pytorch"], abs=1e-4)
    assert f"compared on 36 examples: {record['difference']:.1e} of the largest output apart" in done.out
    assert f"\nexport   {copy}\nnext     headstart predict {bundle} INPUT\n" in done.out
    assert copy.read_bytes() == (bundle / "model.onnx").read_bytes()


def test_export_with_json_prints_what_is_written(bundle, finished):
    done = said("export", bundle, "--data", finished.data, "--json")
    assert done.json == json.loads((bundle / "export.json").read_text("utf-8"))


def test_predict_answers_the_same_after_an_export(bundle, finished, pictures):
    before = said("predict", bundle, *pictures)
    assert said("export", bundle, "--data", finished.data).code == 0
    assert said("predict", bundle, *pictures) == before


def test_a_run_folder_stands_for_its_bundle(bundle, finished, pictures):
    assert said("predict", bundle.parent, *pictures) == said("predict", bundle, *pictures)
    done = said("export", bundle.parent, "--data", finished.data)
    assert f"export   {bundle / 'model.onnx'}" in done.out
    assert (bundle / "model.onnx").is_file()


def test_export_refuses_with_one_error_and_one_hint(bundle, finished, tmp_path, monkeypatch):
    before = sorted(bundle.iterdir())
    refused(said("export", bundle, "--to", "onnx"))
    refused(said("export", bundle, "--to", "tflite", "--data", finished.data))
    refused(said("export", bundle, "--data", tmp_path / "nothing"))
    refused(said("export", finished.data, "--data", finished.data))
    monkeypatch.setattr(export, "LARGEST", -1.0)
    refused(done := said("export", bundle, "--data", finished.data))
    assert "does not answer as the bundle does" in done.err
    assert sorted(bundle.iterdir()) == before


def test_export_takes_what_the_data_call_their_columns(reader, tmp_path):
    shutil.copytree(reader, tmp_path / "bundle")
    (tmp_path / "t.csv").write_text("said,found\nlovely songs,good\nso dull,bad\n")
    command = ("export", tmp_path / "bundle", "--data", tmp_path / "t.csv")
    refused(said(*command))
    done = said(*command, "--columns", "text=said,label=found", "--json")
    assert (done.code, done.json["n"], done.json["metric"]["onnxruntime"]) == (0, 2, 1.0), done.err
