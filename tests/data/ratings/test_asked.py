"""Whom a person wants recommendations for."""

import pandas as pd
import pytest

import tastes
from headstart.data.ratings.asked import users_asked
from headstart.data.ratings.histories import MARK, decoded
from headstart.data.reading import Reading
from headstart.errors import DataError, SettingsError
from headstart.preprocessing.ratings import RatingsPreprocess


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


LEARNED = RatingsPreprocess(
    ("a", "b", f"{MARK}x"), 2, True, tastes.kept({"007": {0: None, 2: None}, "Doe, J": {1: None}})
)


def named(users, tables=(), learned=LEARNED):
    asked = users_asked(tables, Reading(options={"user": users}), True, learned)
    return [(one.name, decoded(one.source)) for one in asked.inputs]


def test_users_by_name_took_what_the_bundle_knows():
    (one, known), (other, more), (nobody, none) = named('007,"Doe, J",7')
    assert (one, other, nobody) == ("007", "Doe, J", "7")
    assert (known.items, known.source, known.why) == (("a",), (f"{MARK}x",), True)
    assert more.items == ("b",)
    assert (none.items, none.source) == ((), ())
    ((_, gone),) = named("007", learned=None)
    assert gone.items == ()


def test_what_a_table_says_of_a_user_goes_before_what_the_bundle_knows():
    table = pd.DataFrame({"user_id": ["007", "other", "007"], "item_id": ["b", "b", "c"]})
    ((_, told), (_, kept)) = named('007, "Doe, J"', [table])
    assert (told.items, told.source) == (("b", "c"), (f"{MARK}x",))
    assert kept.items == ("b",)


@pytest.mark.parametrize("users", ["", ",", "a,,b", " , a"])
def test_an_empty_name_is_told(users):
    with pytest.raises(SettingsError, match="an empty one"):
        named(users)


def test_rows_that_name_nobody_or_nothing_are_told():
    table = pd.DataFrame({"user_id": ["u1", "", "u2"], "item_id": ["a1", "a2", None]})
    one, *others = users_asked([table], Reading(), marked=True).inputs
    assert one.name == "u1"
    assert [other.reason for other in others] == ["it names no user", "it names no item"]
