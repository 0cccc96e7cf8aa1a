"""What is known of items."""

import json

import pandas as pd
import pytest

from headstart.data.ratings.histories import decoded
from headstart.data.ratings.items import catalogue, known_of
from headstart.data.reading import Reading
from headstart.errors import DataError


def test_words_that_items_share_are_kept():
    rows = [(f"i{n}", f"Film {n} (197{n})", "Drama|Comedy" if n % 2 else "Drama; War") for n in range(8)]
    rows += [(f"j{n}", f"Other {n}", None) for n in range(8)]
    found, told = catalogue(pd.DataFrame(rows, columns=["item_id", "title", "genres"]))
    assert set(found.words["i1"]) == {"title=1970s", "genres=drama", "genres=comedy"}, "1971 is one film's"
    assert found.words["j1"] == ()
    assert any("8 of them share no word" in one.message for one in told)


def test_items_need_ids():
    with pytest.raises(DataError, match="no column `item_id`"):
        catalogue(pd.DataFrame({"name": ["a"]}))


def test_a_year_that_items_share_is_a_word():
    table = pd.DataFrame(
        {
            "item_id": list("abcdef"),
            "title": [f"{name} (1979)" for name in "ABC"] + [f"{name} (1981)" for name in "DEF"],
        }
    )
    found, _ = catalogue(table)
    assert set(found.words["a"]) == {"title=1979", "title=1970s"}


def test_rows_that_repeat_an_item_are_joined_and_counted():
    rows = [("a", "x"), ("b", "x"), ("c", "x"), ("a", "y"), ("d", "y"), ("e", "y"), (None, "y"), ("f", "")]
    found, told = catalogue(pd.DataFrame(rows, columns=["item_id", "genres"]))
    assert set(found.words["a"]) == {"genres=x", "genres=y"}
    assert found.words["f"] == ()
    messages = " ".join(one.message for one in told)
    assert "1 rows repeat an item" in messages
    assert "1 rows name no item" in messages
    assert "1 of them share no word" in messages


def written(folder):
    """Twelve items with titles, all but one with a description, and a shelf that several share."""
    rows = [
        (f"i{n}", f"The {n}. book of them", f"It tells\nof {n} towers" if n else None, f"shelf {n % 3} left")
        for n in range(12)
    ]
    table = pd.DataFrame([*rows, ("bare", None, " ", "shelf 0 left")])
    table.columns = ["item_id", "title", "description", "shelf"]
    table.to_csv(folder / "items.csv", index=False)
    return Reading(options={"items": str(folder / "items.csv")})


def test_columns_of_many_words_that_differ_are_texts(tmp_path):
    found, told = known_of(written(tmp_path), ["i0", "i1", "other"])
    assert found.base == "auto"
    assert found.texts["i0"] == "The 0. book of them"
    assert found.texts["i1"] == "The 1. book of them\nIt tells\nof 1 towers"
    assert "bare" not in found.texts
    assert found.words["bare"] == ("shelf=shelf 0 left",)
    (about,) = [one for one in told if one.kind == "texts"]
    assert "title, description" in about.message
    assert "1 of 13 items have none" in about.message
    assert about.items == ("bare",)
    assert any("1 of 3 items that users took are not described" in one.message for one in told)


def test_texts_are_left_out_where_that_is_said(tmp_path):
    reading = written(tmp_path)
    found, told = known_of(Reading(options={**reading.options, "describe": "none"}), ["i1"])
    assert (found.texts, found.base) == ({}, "")
    assert not [one for one in told if one.kind == "texts"]
    named, _ = known_of(Reading(options={**reading.options, "describe": "some/base"}), ["i1"])
    assert named.base == "some/base"
    assert len(named.texts) == 12


def test_what_is_known_of_items_is_of_those_that_users_took(tmp_path):
    with pytest.raises(DataError, match="describes none of the 1 items"):
        known_of(written(tmp_path), ["other"])


def test_halves_of_letters_are_replaced(tmp_path):
    rows = [
        {
            "item_id": f"i{n}",
            "title": f"a \ud800 book of {n}",
            "tags": ["odd \udc00", "all"],
            "name": "\ud800|x",
        }
        for n in range(9)
    ]
    (tmp_path / "items.jsonl").write_text("\n".join(map(json.dumps, rows)), "utf-8")
    rest = [json.dumps({"item_id": f"j{n}", "title": f"the plain book of {n}"}) for n in range(9)]
    with (tmp_path / "items.jsonl").open("a") as table:
        table.write("\n" + "\n".join(rest))
    found, _ = known_of(Reading(options={"items": str(tmp_path / "items.jsonl")}), ["i1"])
    assert found.texts["i1"] == "a ? book of 1"
    assert "tags=odd ?" in found.words["i1"]
    assert decoded(found.encoded()) == found
