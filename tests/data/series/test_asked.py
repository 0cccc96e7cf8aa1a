"""What is asked to be forecast."""

import numpy as np
import pytest

import serial
from headstart.data.reading import PLAIN
from headstart.data.series.asked import series_asked
from headstart.data.series.histories import decoded
from headstart.errors import DataError


def test_each_series_of_a_table_is_an_input_with_all_its_values(tmp_path):
    path = serial.write_table(tmp_path / "data", 3, 20)
    found = list(series_asked([path], PLAIN).inputs)
    assert [one.name for one in found] == ["s0", "s1", "s2"]
    np.testing.assert_array_equal(decoded(found[1].source).values, serial.values(20, seed=1))
    again = list(series_asked([serial.long_table(3, 20)], PLAIN).inputs)
    assert [one.source for one in again] == [one.source for one in found]
    assert next(series_asked([found[0].source], PLAIN).inputs).source == found[0].source


def test_what_cannot_be_forecast_has_its_reason():
    table = serial.long_table(1, 20).assign(y=None)
    (one,) = series_asked([table], PLAIN).inputs
    assert one.reason == "it has no value"
    for nothing in ([], ["nowhere.csv"]):
        with pytest.raises(DataError):
            series_asked(nothing, PLAIN)
