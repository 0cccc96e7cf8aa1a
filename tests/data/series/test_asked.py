"""What is asked to be forecast."""

import numpy as np
import pandas as pd
import pytest

import serial
from headstart.data.reading import PLAIN, Reading
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


def test_a_model_tells_as_many_steps_as_it_does():
    table = serial.long_table(1, 20)
    for options in ({"horizon": "6"}, {}):
        assert list(series_asked([table], Reading(options=options), steps=6).inputs)
    with pytest.raises(DataError, match="tells 6 steps"):
        series_asked([table], Reading(options={"horizon": "9"}), steps=6)


def test_a_model_that_has_learned_from_months_tells_no_days():
    months = serial.long_table(2, 20)
    days = months.assign(ds=[*pd.date_range("2020-01-01", periods=20, freq="D").astype(str)] * 2)
    for one in series_asked([days], PLAIN, learned=("monthly",)).inputs:
        assert one.reason == (
            "it is daily, and this model has learned from monthly series "
            "(--set freq=… where that was found wrongly)"
        )
    for table, learned in ((months, ("monthly",)), (days, ()), (days, ("monthly", "daily"))):
        assert all(one.reason is None for one in series_asked([table], PLAIN, learned=learned).inputs)


def test_dates_in_the_index_are_stamps():
    table = serial.long_table(1, 20)
    (expected,) = series_asked([table[["ds", "y"]]], PLAIN).inputs
    days = pd.DatetimeIndex(table["ds"])
    for index in (days, days.to_period("M"), days.rename("month")):
        (one,) = series_asked([table[["y"]].set_index(index)], PLAIN).inputs
        assert one.source == expected.source


def test_what_cannot_be_forecast_has_its_reason():
    table = serial.long_table(1, 20).assign(y=None)
    (one,) = series_asked([table], PLAIN).inputs
    assert one.reason == "it has no value"
    for nothing in ([], ["nowhere.csv"]):
        with pytest.raises(DataError):
            series_asked(nothing, PLAIN)
