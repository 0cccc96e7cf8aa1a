"""A window as bytes, and back."""

import numpy as np
import pytest

import serial
from headstart.data.series.histories import LONGEST, History, decoded, examined
from headstart.errors import DataError


def test_what_was_written_is_read(tmp_path):
    history = serial.window()
    history.values[3] = np.nan
    again = decoded(history.encoded())
    np.testing.assert_array_equal(again.values, history.values)
    assert (again.series, again.season, again.last) == (history.series, 12, history.last)
    (tmp_path / "one").write_bytes(history.encoded())
    assert decoded(tmp_path / "one").encoded() == history.encoded()
    long = History("long", np.arange(LONGEST + 10.0), 1, "numbered", 9)
    assert decoded(long.encoded()).values[0] == 10


def test_the_steps_that_follow_have_stamps():
    assert serial.window().stamps(3) == ["2020-01-01", "2020-02-01", "2020-03-01"]
    assert serial.window().stamp(-11) == "2019-01-01"
    assert History("a", np.ones(3), 1, "numbered", 9).stamps(2) == ["10", "11"]


def test_other_bytes_are_no_window():
    assert examined(serial.window().encoded()) is None
    assert examined(b"unique_id,ds,y") == "these bytes are no window of a series"
    assert (
        examined(History("a", np.full(3, np.nan), 1, "numbered", 9).encoded())
        == "it has no value that is known"
    )
    with pytest.raises(DataError, match="no window"):
        decoded(serial.window().encoded().replace(b"monthly", b"fortnightly"))
