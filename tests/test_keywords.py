"""What a verb is given by name becomes what `--set` and `--columns` would have typed."""

from __future__ import annotations

import pytest

from headstart.errors import UnknownName
from headstart.keywords import read_as


def verb(data, *, margin=0.5, columns=None, **options):
    """One with a keyword of its own."""


def test_columns_are_joined_and_options_are_texts():
    options = {"follow_links": True, "bands": (4, 3, 2), "names": ["a", "b"], "window": "0:1"}
    found = read_as(verb, options, {"text": "body", "source": 1})
    assert found["columns"] == {"text": "body", "source": "1"}
    assert found["options"] == {"follow_links": "True", "bands": "4,3,2", "names": "a,b", "window": "0:1"}
    assert read_as(verb, {}) == {"columns": {}, "options": {}}


@pytest.mark.parametrize(
    ("typed", "meant"), [("margn", "margin"), ("colums", "columns"), ("bnads", "bands"), ("dta", "data")]
)
def test_the_hint_knows_the_options_and_what_the_signature_has(typed, meant):
    with pytest.raises(UnknownName, match=f"`{typed}`") as caught:
        read_as(verb, {"bands": "1", typed: 1})
    assert caught.value.hint == f"did you mean `{meant}`?"


def test_what_takes_the_rest_is_nothing_to_type():
    with pytest.raises(UnknownName) as caught:
        read_as(verb, {"optionz": 1})
    assert caught.value.hint != "did you mean `options`?"


def test_what_holds_a_comma_is_quoted_in_a_list():
    assert read_as(verb, {"user": ["Doe, J", 'a "b"', 7]})["options"] == {"user": '"Doe, J","a ""b""",7'}
