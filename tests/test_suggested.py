"""What is suggested shows itself, and a run's labels in doubt are read."""

from __future__ import annotations

import json

import pytest

from headstart.errors import RunError
from headstart.records import LeftOut
from headstart.suggested import Doubts, Suggested, ToLabel, doubts_of, require_doubts

DOUBTS = {
    "examples": 9,
    "count": 1,
    "items": [
        {
            "file": "a.png",
            "label": "cat",
            "probability": 0.1,
            "likely": "dog",
            "likely_probability": 0.9,
            "picture": "data:,",
        }
    ],
}


def test_it_is_short_and_becomes_tables():
    one = ToLabel("a<b>.png", ("cat",), 0.5, 0.9)
    told = Suggested("s", "1", "runs/a", 7, 0, 0, (one,), None, LeftOut(()), ())
    assert repr(told) == "Suggested(1 of 7 to label, run='runs/a')"
    assert told.to_frame().to_dict("records")[0]["likely"] == "cat"
    assert "a&lt;b&gt;.png" in told._repr_html_()


def test_labels_in_doubt_are_read_from_a_run(tmp_path):
    assert doubts_of(tmp_path) is None
    (tmp_path / "evidence.json").write_text(json.dumps({"doubts": DOUBTS}), "utf-8")
    found = require_doubts(tmp_path)
    assert isinstance(found, Doubts)
    assert (found.count, found.items[0].likely) == (1, "dog")
    assert repr(found) == "Doubts(1 of 9 labels)"
    assert list(found.to_frame().columns)[:2] == ["file_name", "label"]


@pytest.mark.parametrize("text", ["{", "[]", "{}", '{"doubts": {"count": "many"}}'])
def test_what_keeps_none_is_refused(tmp_path, text):
    (tmp_path / "evidence.json").write_text(text, "utf-8")
    with pytest.raises(RunError, match="keeps no labels in doubt"):
        require_doubts(tmp_path)
