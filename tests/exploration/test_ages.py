"""Files as spans of days."""

import os
from pathlib import Path

import pytest

from headstart.exploration.ages import DAY, ages


@pytest.fixture
def files(tmp_path):
    """Thirty files, each a day older than the one before."""
    found = [tmp_path / f"{number}.txt" for number in range(30)]
    for number, file in enumerate(found):
        file.write_text("")
        os.utime(file, (0, DAY * (20_000 - number) + 5))
    return found


def test_spans_go_from_the_oldest_to_the_newest_and_hold_about_as_many_each(files):
    told = ages(files)
    assert told.members.tolist() == sorted(told.members.tolist(), reverse=True)
    assert [told.members.tolist().count(one) for one in range(6)] == [5] * 6
    assert told.names[0] == "2024-09-05 to 2024-09-09"
    assert told.names[-1] == "2024-09-30 to 2024-10-04"


def test_two_days_are_two_spans(files):
    for file in files:
        os.utime(file, (0, DAY * (10 if file.stem > "2" else 9)))
    assert ages(files).names == ("1970-01-10", "1970-01-11")


def test_of_one_day_texts_and_what_is_gone_nothing_is_told(files):
    assert ages([b"a text", *files]) is None
    assert ages([*files, Path("gone.png")]) is None
    for file in files:
        os.utime(file, (0, 7))
    assert ages(files) is None
