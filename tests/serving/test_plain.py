"""JSON that every client can read."""

from __future__ import annotations

import json

from headstart.errors import DataError
from headstart.serving.plain import Plain, failure
from headstart.serving.refusals import BUSY, Refused


def test_numbers_that_are_none_are_null_and_letters_stay():
    body = Plain({"a": [1.5, float("nan")], "b": {"c": float("inf")}, "größer": (1,)}).body
    assert json.loads(body) == {"a": [1.5, None], "b": {"c": None}, "größer": [1]}
    assert "größer".encode() in body


def test_failures():
    assert failure(DataError("a", "b")).status_code == 422
    busy = failure(Refused(BUSY, "a", "b", wait=1))
    assert (busy.status_code, busy.headers["retry-after"]) == (503, "1")
    assert json.loads(busy.body) == {"error": "a", "hint": "b"}
