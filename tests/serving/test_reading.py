"""Bodies of every kind are read whole; what they are is in test_sent.py, what they become in test_app.py."""

from __future__ import annotations

import json


def test_parameters_of_a_media_type_and_its_case_do_not_matter(texts):
    body = json.dumps({"texts": ["lovely"]}).encode()
    for kind in ("application/json; charset=utf-8", "Application/JSON", " application/json ;x"):
        assert texts.ask("/predict", body, kind).status == 200


def test_columns_are_named_in_the_address_or_in_the_form(texts):
    table = b"qqq\nlovely\n"
    assert texts.ask("/predict", table, "text/csv").status == 422
    assert texts.ask("/predict?text=qqq&shown=true", table, "text/csv").status == 200
    assert texts.files("/predict", ("a.csv", table), columns='{"text": "qqq"}').status == 200
    assert texts.files("/predict", ("a.csv", table), columns="").status == 422


def test_a_correction_is_json_with_two_keys(pictures):
    assert pictures.ask("/corrections", b"{}", "text/csv").status == 415
    for wrong in (
        [],
        {},
        {"file": {}, "right": "circle"},
        {"file": {"base64": "AAAA"}, "right": "circle", "x": 1},
    ):
        assert pictures.json("/corrections", wrong).status == 422
