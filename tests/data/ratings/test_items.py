"""What is known of items."""

import pandas as pd
import pytest

from headstart.data.ratings.items import catalogue
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
