"""What a network is shown of a history: right numbers, and nothing of what comes later."""

import numpy as np
import pytest

import serial
from headstart.data.series.lags import changes, filled, folded, framed, picked, repeated
from headstart.preprocessing.series import DRIFT, NAIVE, NUMBERS, SEASONAL


def test_the_dull_forecasts_are_among_the_numbers():
    history = serial.values(48)
    frame = framed(history, 12, 15)
    assert frame.inputs.shape == (NUMBERS, 15)
    told = frame.reference + frame.scale * frame.inputs
    np.testing.assert_allclose(told[NAIVE], history[-1])
    np.testing.assert_allclose(told[SEASONAL], np.append(history[-12:], history[-12:-9]))
    slope = (history[-1] - history[0]) / 47
    np.testing.assert_allclose(frame.inputs[DRIFT] * frame.scale, slope * np.arange(1, 16))


def test_values_are_folded_into_rows_and_the_last_one_is_last():
    history = serial.values(48)
    history[[20, 40]] = np.nan, np.inf
    frame = framed(history, 12, 5)
    found = folded(history, frame, 32)
    assert found.shape == (1 + 7, 5)
    middle = np.nanmean(np.where(np.isfinite(history), history, np.nan)[-32:])
    np.testing.assert_allclose(found[0] * frame.scale + middle, frame.reference)
    values = found[1:].ravel() * frame.scale + middle
    assert np.isnan(values[:3]).all()
    assert np.isnan(values[3:]).nonzero()[0].tolist() == [20 - 16, 40 - 16]
    known = np.isfinite(history[-32:])
    np.testing.assert_allclose(values[3:][known], history[-32:][known])


def test_a_history_that_is_shorter_begins_late_and_one_of_gaps_has_no_value():
    history = serial.values(48)
    short = folded(history[-3:], framed(history[-3:], 12, 5), 32)
    assert np.isfinite(short[1:]).sum() == 3
    gaps = np.append(history, np.full(32, np.nan))
    found = folded(gaps, framed(history, 12, 5), 32)
    assert np.isnan(found[1:]).all()
    assert np.isfinite(found[0]).all()


def test_the_unit_is_the_mean_change_over_a_season():
    history = serial.values(48)
    apart = history[12:] - history[:-12]
    assert changes(history, 12) == pytest.approx((np.abs(apart).mean(), np.sqrt((apart**2).mean())))
    assert framed(history, 12, 3).scale == pytest.approx(np.abs(apart).mean())
    # too short for a season: the change from one value to the next
    assert changes(history[:9], 12)[0] == pytest.approx(np.abs(np.diff(history[:9])).mean())
    assert changes(np.full(30, 7.0), 12) == (1.0, 1.0)
    huge = changes(1e300 * history, 12)
    assert huge == pytest.approx((1e300 * np.abs(apart).mean(), 1e300 * np.sqrt((apart**2).mean())))


def test_numbers_do_not_depend_on_level_or_size():
    history = serial.values(48)
    one, other = framed(history, 12, 6), framed(1000 * history - 3, 12, 6)
    np.testing.assert_allclose(one.inputs, other.inputs, atol=1e-9)
    assert (one.floor, other.floor) == (0.0, 0.0)
    assert framed(history - 100, 12, 6).floor == -np.inf


def test_a_season_is_taken_where_it_would_have_told_the_last_values_better():
    place = np.arange(60)
    assert picked(np.sin(2 * np.pi * place / 12), 12, 12) == 12
    assert picked(np.cumsum(np.random.default_rng(0).normal(size=60)), 12, 6) == 1
    assert picked(serial.values(10), 12, 6) == 1


def test_gaps_are_looked_through_and_not_counted():
    history = serial.values(48)
    holed = history.copy()
    holed[[5, 30, 46]] = np.nan
    assert filled(holed, 12)[[30, 46]].tolist() == history[[18, 34]].tolist()
    assert filled(holed, 12)[5] == history[4]
    apart = holed[12:] - holed[:-12]
    assert changes(holed, 12)[0] == pytest.approx(np.nanmean(np.abs(apart)))
    assert np.isfinite(framed(holed, 12, 6).inputs).all()
    begins = np.append([np.nan, np.nan], history)
    assert filled(begins, 12)[:2].tolist() == [history[0]] * 2


@pytest.mark.parametrize("length", [1, 2, 3, 11, 13, 25])
@pytest.mark.parametrize("season", [1, 12, 24])
def test_short_histories_are_no_trouble(length, season):
    frame = framed(serial.values(length), season, 30)
    assert np.isfinite(frame.inputs).all()
    assert np.isfinite(frame.reference).all()
    assert repeated(serial.values(length), season, 30).shape == (30,)
