"""Columns are called what the user calls them, and a name that means nothing is refused."""

import pytest

from headstart.data.reading import PLAIN, Reading, named
from headstart.errors import DataError


def test_a_column_has_its_own_name_unless_it_is_mapped():
    assert Reading(columns={"text": "body"}).column("text") == "body"
    assert PLAIN.column("text") == "text"


def test_names_of_columns_are_texts():
    assert named() == {}
    assert named({"text": "body", "label": 1}) == {"text": "body", "label": "1"}


def test_an_unknown_column_is_refused_with_the_known_ones():
    Reading(columns={"text": "body"}).require_known(("text", "label"))
    with pytest.raises(DataError, match="no column `txet` to map: this task reads text, label") as caught:
        Reading(columns={"txet": "body"}).require_known(("text", "label"))
    assert "--columns text=NAME,label=NAME" in caught.value.hint


def test_columns_may_be_numbers():
    assert named({"text": 1, "label": 0}) == {"text": "1", "label": "0"}
