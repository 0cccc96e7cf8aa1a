"""What the folder holds, and a card that says where the base comes from, whatever things are called."""

from __future__ import annotations

import numpy as np
import pytest
import torch
import yaml

from benches import same_tensors
from headstart.bases import load_base
from headstart.bases.base import Classes
from headstart.bases.formats import fingerprints
from headstart.pretraining._folder import Made, card, write
from makings import loaded


def parts(text):
    """The YAML head and the rest of a card."""
    _, head, body = text.split("---\n", 2)
    return yaml.safe_load(head), body


def table(body):
    """The cells of the table's rows, head and rule left out."""
    lines = [line for line in body.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_the_folder_holds_what_it_says(made):
    assert {path.name for path in made.folder.iterdir()} == {
        *("config.json", "model.safetensors", "trained_on.safetensors", "README.md", "result.json"),
        *("settings.json", "log.jsonl"),
    }
    assert made.read("result.json") == made.record


def test_the_card_says_sources_licence_and_numbers(made, photos):
    record, splits = made.record, loaded(photos)
    head, body = parts((made.folder / "README.md").read_text("utf-8"))
    assert (head["license"], head["library_name"]) == ("cc0-1.0", "timm")
    assert "supervised" in head["tags"]
    assert "base_model" not in head
    value = record["sources"][0]["value"]
    assert table(body) == [
        [
            "photos",
            str(len(splits.train)),
            "3",
            f"accuracy {value:.3f}",
            f"`sha256:{splits.fingerprint[:16]}`",
        ]
    ]
    assert "`test_resnet`, 32 px" in body
    assert "from random weights" in body
    assert f"Fingerprints of {record['trained_on']} examples" in body
    assert f"{record['epochs']} epochs, {record['steps']} steps" in body
    assert f"{record['dimensions']:.0f} effective dimensions" in body
    assert f"accuracy on the probe: {record['knn']:.3f}" in body
    assert record["sha256"] in body


def test_the_bases_own_card_says_it_too(made):
    facts = load_base(str(made.folder)).card
    assert (facts.source_data, facts.licence, facts.sha256) == (
        "photos (supervised)",
        "CC0-1.0",
        made.record["sha256"],
    )


@pytest.mark.parametrize("name", ["a|b", "a`b`", "two\nlines", "<script>", "\r\n|---|", "ä \udcff", "# a"])
def test_no_name_breaks_the_card(made, name):
    one = {**made.record["sources"][0], "name": name}
    record = {**made.record, "sources": [one, made.record["sources"][0]], "base": f"bases/{name}"}
    text = card(name, record)
    head, body = parts(text.encode("utf-8", "backslashreplace").decode())
    rows = table(body)
    assert [len(row) for row in rows] == [5, 5]
    assert rows[1][0] == "photos"
    assert "<script" not in body
    plain, other = parts(
        card("plain", {**record, "base": "bases/plain", "sources": [made.record["sources"][0]] * 2})
    )
    assert len(body.splitlines()) == len(other.splitlines())
    assert body.count("`") == other.count("`")
    assert head.keys() == plain.keys()


def test_a_self_taught_base_has_no_classes_and_no_value(made):
    one = {**made.record["sources"][0], "classes": None, "value": None}
    (row,) = table(parts(card("x", {**made.record, "sources": [one], "knn": None, "licence": None}))[1])
    assert row[2:4] == ["", ""]
    text = card("x", {**made.record, "knn": None, "licence": None})
    assert parts(text)[0]["license"] == "unknown"
    assert "probe" not in text


@pytest.fixture
def glyphs():
    """The built-in base as if it had just been made, with an output layer."""
    base = load_base("builtin/glyphs")
    return Made(
        architecture=base.architecture,
        preprocess=base.preprocess,
        state=base.state,
        classes=Classes(("a", "b"), torch.ones(2, base.card.width), torch.zeros(2)),
        seen=fingerprints.shortened(["00" * 32, "ff" * 32]),
        licence=None,
        source_data="dots (supervised)",
    )


def test_written_parts_are_found_again(glyphs, tmp_path):
    write(tmp_path, glyphs)
    base = load_base(str(tmp_path))
    assert (base.architecture, base.preprocess) == (glyphs.architecture, glyphs.preprocess)
    assert same_tensors(base.state, glyphs.state)
    assert (base.card.source_data, base.card.licence) == ("dots (supervised)", None)
    np.testing.assert_array_equal(base.seen, glyphs.seen)
    assert "license" not in (tmp_path / "config.json").read_text()
    assert not [path.name for path in tmp_path.iterdir() if path.name.startswith(".")]
