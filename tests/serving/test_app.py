"""A service as programs meet it: the same answers as `predict`, and failures that say what to do."""

from __future__ import annotations

import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

import serial
import sounds
from headstart.models import load
from served import served
from stories import said


@pytest.fixture(scope="module")
def files(finished):
    """The first pictures of the finished run."""
    return sorted(finished.data.rglob("*.png"))[:6]


def same(found, wanted):
    """The same labels, and probabilities but for the last digits: batches differ."""
    assert [one["label"] for one in found] == [one["label"] for one in wanted]
    for one, other in zip(found, wanted, strict=True):
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-6)
        assert one.get("abstain") == other.get("abstain")


def test_it_answers_what_the_command_prints(pictures, finished, files):
    lines = said("predict", finished.bundle, *files, "--json").out.splitlines()
    wanted = [json.loads(line) for line in lines]
    told = pictures.files("/predict", *((file.name, file.read_bytes()) for file in files))
    assert told.status == 200
    same(told.records, wanted)
    assert [one["input"] for one in told.records] == [file.name for file in files]
    assert [set(one) for one in told.records] == [set(one) for one in wanted]


def test_a_body_is_one_picture(pictures, files):
    told = pictures.ask("/predict", files[0].read_bytes(), "image/png")
    same(told.records, [load(pictures.service.model.folder).predict(files[0])])


def test_texts_rows_and_tables(texts):
    given = ["lovely songs", "so dull"]
    wanted = load(texts.service.model.folder).predict(given)
    assert texts.json("/predict", {"texts": given}).records == wanted
    same(texts.json("/predict", {"rows": [{"text": one} for one in given]}).records, wanted)
    table = b"body\nlovely songs\nso dull\n"
    same(texts.ask("/predict?text=body", table, "text/csv").records, wanted)
    same(texts.files("/predict", ("t.csv", table), columns='{"text": "body"}').records, wanted)
    same(texts.ask("/predict", b"so dull", "text/plain").records, wanted[1:])


def test_twenty_ask_at_once_and_each_gets_its_own(texts):
    words = ["lovely", "dull"]
    asked = [f"{words[number % 2]} {number}" for number in range(100)]

    def ask(one):
        return texts.json("/predict", {"texts": [one]}).records

    with ThreadPoolExecutor(20) as threads:
        found = [*threads.map(ask, asked)]
    assert [one["input"] for (one,) in found] == asked
    assert [one["label"] for (one,) in found] == ["good", "bad"] * 50


def test_one_that_cannot_be_used_is_an_error_in_its_place(pictures, files):
    told = pictures.files("/predict", ("a.png", files[0].read_bytes()), ("b.png", b"no picture"))
    assert told.status == 200
    assert "label" in told.records[0]
    assert told.records[1] == {"input": "b.png", "error": "not an image"}
    alone = pictures.ask("/predict", b"no picture", "image/png")
    assert (alone.status, alone.json["error"]) == (422, "not an image")


def test_a_picture_of_too_many_pixels_is_not_decoded(pictures):
    stream = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(stream, "PNG")
    told = pictures.ask("/predict", stream.getvalue(), "image/png")
    assert told.status == 422
    assert "pixels" in told.json["error"]


def test_what_a_page_draws(pictures, texts, files):
    (one,) = pictures.ask("/predict?shown=true", files[0].read_bytes(), "image/png").records
    assert one["shown"]["picture"].startswith("data:image/jpeg;base64,")
    with Image.open(files[0]) as picture:
        assert (one["shown"]["width"], one["shown"]["height"]) == picture.size
    (one,) = texts.ask("/predict?shown=1", b"so dull", "text/plain").records
    assert one["shown"] == {"text": "so dull"}


def test_series_and_sounds(series, recordings):
    table = serial.long_table(2, 40)
    wanted = load(series.service.model.folder).predict(table)
    told = series.ask("/predict?shown=true", table.to_csv(index=False).encode(), "text/csv")
    assert [{k: v for k, v in one.items() if k != "shown"} for one in told.records] == wanted
    assert len(told.records[0]["shown"]["values"]) == 40
    assert series.ask("/model").json["labels"] == [], "steps are no labels"
    assert series.ask("/predict", b"text", "text/plain").status == 415
    told = recordings.ask("/predict", sounds.wav(sounds.tone()), "audio/wav")
    assert told.records[0]["label"] in ("0", "1")
    assert recordings.ask("/predict", b"#EXTM3U\n/etc/passwd", "audio/mpegurl").status == 422


def test_about_the_model(pictures, texts):
    assert texts.ask("/health").json["status"] == "ok"
    about = pictures.ask("/model").json
    assert (about["entry"], about["correction"], about["labels"]) == (
        "picture",
        "class",
        ["circle", "square", "triangle"],
    )
    assert "/" not in about["made"]["base"], "where a base lies is nobody's business"
    schema = texts.ask("/openapi.json").json
    assert {"/predict", "/health", "/model", "/corrections", "/examples"} <= set(schema["paths"])
    assert "text/csv" in schema["paths"]["/predict"]["post"]["requestBody"]["content"]


@pytest.mark.parametrize(
    ("path", "method", "status"),
    [
        ("/nothing", "GET", 404),
        ("/predict", "GET", 405),
        ("/predict", "PUT", 405),
        ("/page/../app.py", "GET", 404),
        ("/page/%2e%2e%2fapp.py", "GET", 404),
        ("/page/", "GET", 404),
        ("/examples/-1", "GET", 404),
        ("/examples/x", "GET", 422),
        ("/docs", "GET", 404),
    ],
)
def test_other_addresses(texts, path, method, status):
    told = texts.ask(path, method=method)
    assert told.status == status
    assert set(told.json) == {"error", "hint"}


@pytest.mark.parametrize(
    ("body", "kind", "status"),
    [
        (b"", "text/plain", 422),
        (b"\xff\xfe\xff", "text/plain", 422),
        (b"a", None, 415),
        (b"a", "image/png", 415),
        (b"a", "multipart/form-data", 400),
        (b"a", "multipart/form-data; boundary=b", 400),
        (b'{"texts": ["a"], "draw": "/tmp/x"}', "application/json", 422),
        (b'{"rows": [{"qqq": "a"}]}', "application/json", 422),
        (b"text\n", "text/csv", 422),
        (json.dumps({"texts": ["a"] * 9}).encode(), "application/json", 413),
        (b"x" * 300_000, "text/plain", 413),
    ],
)
def test_bodies_that_are_refused(texts, body, kind, status):
    told = texts.ask("/predict", body, kind)
    assert told.status == status, told.body
    assert {"error", "hint"} <= set(told.json)


def test_forms_that_are_refused(texts):
    assert texts.files("/predict").status == 422
    assert texts.files("/predict", ("a.txt", b"a"), file="/etc/passwd").status == 422
    assert texts.files("/predict", ("a.csv", b"text\na"), columns="[]").status == 422
    assert texts.files("/predict", *(("a.txt", b"a") for _ in range(9))).status in (400, 413)


def test_a_fault_of_ours_is_told_and_the_service_goes_on(texts, monkeypatch):
    monkeypatch.setattr(texts.service, "opened", lambda asked: 1 / 0)
    told = texts.json("/predict", {"texts": ["a"]})
    assert (told.status, "ZeroDivisionError" in told.json["error"]) == (500, True)
    monkeypatch.undo()
    assert texts.json("/predict", {"texts": ["a"]}).status == 200


def test_nothing_is_told_to_anybody_else(texts, monkeypatch):
    monkeypatch.setenv("FASTAPI_OTEL_AUTO_CONFIGURE", "true")
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:9")
    with served(texts.service.model.folder) as service:
        assert service.json("/predict", {"texts": ["lovely"]}).status == 200
        kept = service.server.config.app.app._telemetry
    assert not any(kept[name] for name in ("tracing", "metrics", "logs", "auto_configure"))
