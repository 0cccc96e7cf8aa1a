"""What is known of items."""

import pandas as pd
import pytest

from headstart.data.ratings.items import catalogue
from headstart.errors import DataError


def test_words_that_items_share_are_kept():
    rows = [(f"i{n}", f"Film {n} (197{n})", "Drama|Comedy" if n % 2 else "Drama; War") for n in range(8)]
    rows += [(f"j{n}", f"Other {n}", None) for n in range(8)]
    found, told = catalogue(pd.DataFrame(rows, columns=["item_id", "title", "genres"]))
    assert set(found.words["i1"]) == {"title=1970s", "genres=drama", "genres=comedy"}
    assert found.words["j1"] == ()
    assert any("8 of them share no word" in one.message for one in told)


def test_items_need_ids():
    with pytest.raises(DataError, match="no column `item_id`"):
        catalogue(pd.DataFrame({"name": ["a"]}))
