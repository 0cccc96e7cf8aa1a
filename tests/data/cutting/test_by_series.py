"""Whole series are held out, by what they hold."""

from collections import Counter

import pytest

from headstart.data.cutting.by_series import sides
from headstart.errors import DataError


def test_shares_are_those_of_other_cuts_and_depend_on_content_alone():
    contents = [f"{7919 * number % 1000:03}" for number in range(40)]
    found = dict(zip(contents, sides(contents), strict=True))
    assert Counter(found.values()) == {"train": 28, "validation": 6, "test": 6}
    assert dict(zip(contents[::-1], sides(contents[::-1]), strict=True)) == found


def test_the_same_series_twice_is_on_one_side():
    assert sides([*"abcd", *"abcd"]) == [*sides([*"abcd"]), *sides([*"abcd"])]
    assert Counter(sides([*"abcd"])) == {"train": 2, "validation": 1, "test": 1}


def test_too_few_are_refused():
    with pytest.raises(DataError, match="3 different series are too few") as caught:
        sides([*"abca"])
    assert "cutting=series" in caught.value.hint
