"""Whom a person wants recommendations for."""

import pandas as pd
import pytest

import tastes
from headstart.data.ratings.asked import users_asked
from headstart.data.ratings.histories import MARK, decoded
from headstart.data.reading import Reading
from headstart.errors import DataError


def test_users_of_a_table_with_what_they_took_in_the_source(tmp_path):
    _, source = tastes.write(tmp_path)
    table = pd.DataFrame({"user_id": ["u1", "x", "u1"], "item_id": ["a1", "a2", "a3"]})
    reading = Reading(options={"source_data": str(source)})
    one, other = users_asked([table], reading, marked=True).inputs
    assert (one.name, other.name) == ("u1", "x")
    assert decoded(one.source).items == ("a1", "a3")
    assert all(item.startswith(f"{MARK}b") for item in decoded(one.source).source)
    assert decoded(other.source).source == ()
    assert (
        not decoded(next(users_asked([table], reading, marked=False).inputs).source)
        .source[0]
        .startswith(MARK)
    )


def test_users_whom_only_the_source_knows(tmp_path):
    _, source = tastes.write(tmp_path)
    asked = users_asked([], Reading(options={"source_data": str(source)}), marked=True)
    assert len(list(asked.inputs)) == 120


def test_nobody_is_told():
    with pytest.raises(DataError, match="nobody"):
        users_asked([], Reading(), marked=True)
    with pytest.raises(DataError, match="no file of this name"):
        list(users_asked(["gone.csv"], Reading(), marked=True).inputs)
