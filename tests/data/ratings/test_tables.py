"""Tables of interactions: whose they are, and what of them is used."""

import pandas as pd
import pytest

from headstart.data.ratings.tables import claimed, id_of, interactions
from headstart.data.reading import Reading
from headstart.errors import DataError

PLAIN = Reading()


def frame(*rows, columns=("user_id", "item_id")):
    return pd.DataFrame(list(rows), columns=list(columns))


def test_usual_names_are_known_and_others_are_mapped():
    assert claimed(frame(("u", "i"), columns=("userId", "movieId")), PLAIN)
    assert claimed(frame(("u", "i"), columns=("user_id:token", "item_id:token")), PLAIN)
    assert not claimed(frame(("u", "i"), columns=("who", "what")), PLAIN)
    reading = Reading(columns={"user_id": "who", "item_id": "what"})
    found = interactions(frame(("u", "i"), columns=("who", "what")), reading)
    assert (found.users, found.items) == (("u",), ("i",))


def test_ids_stay_what_they_are():
    ids = ["007", "7", "2020-01-01", "1e5", "🍕", "a b", "0x1F", "nan-cy"]
    found = interactions(frame(*[(one, "i") for one in ids]), PLAIN)
    assert found.users == tuple(ids)
    assert id_of(7.0) == "7"
    assert id_of(7) == "7"
    assert id_of(float("nan")) is None
    assert id_of("  ") is None


def test_a_pair_counts_once_and_that_is_said():
    found = interactions(frame(("u", "i"), ("u", "i"), ("u", "j")), PLAIN)
    assert len(found.user) == 2
    assert any("1 rows repeat" in one.message for one in found.findings)


def test_of_repeated_pairs_the_first_in_time_counts():
    table = frame(("u", "i", 90), ("u", "i", 10), columns=("user_id", "item_id", "timestamp"))
    assert interactions(table, PLAIN).when.tolist() == [10]


def test_rows_that_cannot_be_used_are_counted_and_named():
    table = frame(
        *[("", "i", 1.0, 5), (None, "i", 1.0, 5), ("u", None, 1.0, 5), ("u", "i", "good", 5)],
        *[("u", "i", 1.0, "soon"), ("u", "k", 1.0, 5), ("v", "k", 1.0, 6), ("v", "m", 1.0, 7)],
        columns=("user_id", "item_id", "rating", "timestamp"),
    )
    found = interactions(table, PLAIN)
    reasons = [one.reason for one in found.dropped]
    assert reasons == [
        *("it names no user", "it names no user", "it names no item"),
        *("its rating is no number", "its stamp is no time"),
    ]
    assert len(found.user) == 3


def test_many_rows_of_one_reason_are_told_together():
    found = interactions(frame(("u", "i"), *[("", "i")] * 20), PLAIN)
    assert found.dropped[-1].file == "the DataFrame, 15 more rows"


def test_a_threshold_keeps_what_is_liked_and_is_told():
    table = frame(("u", "i", 2), ("u", "j", 8), columns=("user_id", "item_id", "rating"))
    found = interactions(table, PLAIN, 6.0)
    assert [found.items[item] for item in found.item] == ["j"]
    assert any("below 6" in one.message for one in found.findings)
    every = interactions(table, PLAIN)
    assert any("ratings from 2 to 8 count as events" in one.message for one in every.findings)


@pytest.mark.parametrize(
    ("table", "told"),
    [
        (frame(("u", 1), columns=("user_id", "x")), "no column `item_id`"),
        (frame(("", "")), "no interaction"),
        (frame(), "no interaction"),
    ],
)
def test_what_is_no_table_of_interactions_is_refused(table, told):
    with pytest.raises(DataError, match=told):
        interactions(table, PLAIN)


def test_a_threshold_needs_ratings_and_columns_that_are_named_must_exist():
    with pytest.raises(DataError, match="no column `rating`"):
        interactions(frame(("u", "i")), PLAIN, 3.0)
    with pytest.raises(DataError, match="no column `when`"):
        interactions(frame(("u", "i")), Reading(columns={"timestamp": "when"}))
    with pytest.raises(DataError, match="two things"):
        interactions(frame(("u", "i")), Reading(columns={"item_id": "user_id"}))


def test_ratings_may_have_a_decimal_comma():
    table = pd.DataFrame({"user_id": ["a", "b"], "item_id": ["x", "y"], "rating": ["4,5", "1,0"]})
    assert len(interactions(table, PLAIN, threshold=4.0).user) == 1


def test_a_comma_that_may_stand_between_thousands_is_no_rating():
    table = pd.DataFrame({"user_id": ["a", "b"], "item_id": ["x", "y"], "rating": ["1,234", "4,5"]})
    found = interactions(table, PLAIN)
    assert len(found.user) == 1
    assert found.dropped[0].reason == "its rating is no number"


def test_ids_in_several_cases_and_columns_that_are_not_read_are_told():
    table = pd.DataFrame({"user_id": ["a", "A", "b"], "item_id": ["x", "y", "z"], "event": ["view"] * 3})
    told = {one.kind: one.message for one in interactions(table, PLAIN).findings}
    assert "1 users of the DataFrame differ in case or spaces only" in told["similar_names"]
    assert "not read is event" in told["unused_columns"]
    plain = interactions(table[["user_id", "item_id"]].iloc[1:], PLAIN).findings
    assert not {"similar_names", "unused_columns"} & {one.kind for one in plain}
