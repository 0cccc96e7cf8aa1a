"""Windows as a network takes them."""

import numpy as np
import pytest

import serial
from headstart.data.series.store import SeriesStore
from headstart.preprocessing.series import NUMBERS, HistoryPreprocess, SeriesPreprocess


def test_each_window_is_shown_by_itself():
    windows = [serial.window(seed=seed).encoded() for seed in range(3)]
    store = SeriesStore(windows, SeriesPreprocess(5))
    assert store.encoded(np.array([2, 0])).shape == (2, NUMBERS, 5)
    alone = SeriesStore(windows[2:], SeriesPreprocess(5))
    np.testing.assert_array_equal(store.encoded(np.array([2])), alone.encoded(np.array([0])))
    assert store.batch(np.array([1])).dtype.is_floating_point
    assert store.ordered(np.array([1, 0])).tolist() == [1, 0]


def test_values_themselves_are_shown_where_a_base_takes_them():
    some = serial.window(length=40)
    store = SeriesStore([some.encoded()], HistoryPreprocess(size=5, context=64))
    row, frame = store.encoded(np.array([0]))[0].astype(np.float64), some.framed(5)
    assert np.isnan(row[1:].ravel()[:25]).all()
    np.testing.assert_allclose(np.diff(row[1:].ravel()[25:]) * frame.scale, np.diff(some.values), atol=1e-4)


@pytest.mark.parametrize("preprocess", [SeriesPreprocess(5), HistoryPreprocess(size=5, context=64)])
def test_a_distorted_window_ends_earlier(preprocess):
    windows = [serial.window(seed=seed).encoded() for seed in range(3)]
    store = SeriesStore(windows, preprocess)
    everyone, distorted = np.arange(3), store.distorted()
    np.testing.assert_array_equal(distorted.encoded(everyone), store.encoded(everyone))
    np.testing.assert_array_equal(store.encoded(everyone, 1), store.encoded(everyone))
    one, same = distorted.encoded(everyone, 1), distorted.encoded(everyone, 1)
    np.testing.assert_array_equal(one, same)
    assert any(not np.array_equal(distorted.encoded(everyone, view), one) for view in range(2, 8))
    np.testing.assert_array_equal(distorted.encoded(everyone[1:2], 1)[0], one[1])


def test_last_values_stand_in_rows_after_the_numbers():
    window = serial.window(length=20)
    store = SeriesStore([window.encoded()], SeriesPreprocess(5, past=12))
    rows = store.encoded(np.array([0]))[0]
    assert rows.shape == (NUMBERS + 3, 5)
    shown = rows[NUMBERS:].ravel()
    scale = window.framed(5).scale
    np.testing.assert_allclose(shown[:12], (window.values[:-13:-1] - window.values[-1]) / scale, rtol=1e-5)
    assert not shown[12:].any()
