"""What a task of series does with one of them."""

import numpy as np

import serial
from headstart import registry
from headstart.data.reading import PLAIN
from headstart.preprocessing.series import SeriesPreprocess

MODALITY = registry.get("tasks", "forecasting").modality


def test_windows_are_examined_shown_and_asked_about():
    window = serial.window().encoded()
    assert MODALITY.name == "series"
    assert MODALITY.examine(window) is None
    assert MODALITY.examine(b"ds,y") == "these bytes are no window of a series"
    assert MODALITY.shown(window, 64)["picture"].startswith("data:image/svg+xml")
    inputs = MODALITY.asked([serial.long_table(2, 30)], PLAIN, ("unique_id", "ds", "y")).inputs
    assert [one.name for one in inputs] == ["s0", "s1"]


def test_a_store_has_as_many_steps_as_are_asked_for():
    store = MODALITY.store([serial.window().encoded()], SeriesPreprocess(7))
    assert store.encoded(np.array([0])).shape[-1] == 7


def test_a_page_draws_its_last_values():
    told = MODALITY.charted(serial.window(length=200).encoded())
    assert len(told["values"]) == len(told["stamps"]) == 120
    assert told["stamps"] == sorted(told["stamps"])
    assert all(value is None or isinstance(value, float) for value in told["values"])
