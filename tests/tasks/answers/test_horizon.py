"""The next values of a series: read, learned, said and shown."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import torch

import serial
from headstart import data, tasks
from headstart.data.series.histories import decoded
from headstart.data.series.layouts import answered
from headstart.errors import DataError
from headstart.tasks.answers.base import Judged
from headstart.tasks.answers.horizon import Horizon, StepsOut
from headstart.tasks.modalities.series import Series
from headstart.tasks.scores.forecasts import LEVELS, MASE, future

ANSWER, STEPS = Horizon(), 4
WINDOW = serial.window(36)
AFTER = serial.values(40)[36:]
LABEL = answered(WINDOW, AFTER, STEPS, 36)


def test_a_label_is_what_followed_around_the_season_before():
    targets = ANSWER.targets([LABEL, answered(WINDOW, AFTER[:2], STEPS, 36)])
    assert targets.categories == ("+1", "+2", "+3", "+4")
    row = targets.right[0]
    np.testing.assert_allclose(row["values"] * row["scale"] + row["reference"], AFTER)
    assert np.isnan(targets.right[1]["values"]).tolist() == [False, False, True, True]
    np.testing.assert_allclose(row["floor"], -row["reference"] / row["scale"])
    for label in ("{}", "12", "words"):
        with pytest.raises(DataError, match="no forecast"):
            ANSWER.targets([label])


def test_a_model_of_other_steps_is_refused_with_the_way_out():
    assert len(ANSWER.known([LABEL], ["+1"] * 4)) == 1
    with pytest.raises(DataError) as caught:
        ANSWER.known([LABEL], ["+1"] * 6)
    assert caught.value.hint == "say so: --set horizon=6"


def test_the_head_begins_with_what_the_base_says():
    head = ANSWER.head(9, ["+1", "+2"])
    features = torch.randn(3, 18)
    torch.testing.assert_close(head(features), features.reshape(3, 2, 9)[..., -5:].flatten(1))
    assert isinstance(head, StepsOut)


def test_the_loss_of_the_median_is_mase_and_unknown_steps_cost_nothing():
    targets = ANSWER.targets([LABEL, answered(WINDOW, AFTER[:2], STEPS, 36)])
    wanted = ANSWER.wanted(targets, np.arange(2))
    outputs = torch.randn(2, STEPS, 1).repeat(1, 1, len(LEVELS)).flatten(1).requires_grad_()
    loss = ANSWER.loss(outputs, wanted)
    # the same number for every quantile: levels below and above the middle make up for each other
    assert loss[0].item() == pytest.approx(MASE.of(outputs.detach().numpy(), targets.right)[0], rel=0.5)
    loss.sum().backward()
    assert torch.isfinite(outputs.grad).all()
    assert not outputs.grad.reshape(2, STEPS, -1)[1, 2:].any()


def test_forecasts_are_said_with_their_stamps_in_order_and_above_zero():
    outputs = np.tile([3.0, -40, 0, 1, 2], (1, STEPS))
    (said,) = ANSWER.decode(outputs, (), [WINDOW.encoded()])
    assert said["stamps"] == ["2020-01-01", "2020-02-01", "2020-03-01", "2020-04-01"]
    frame = WINDOW.framed(STEPS)
    np.testing.assert_allclose(said["forecast"], frame.reference + frame.scale, rtol=1e-6)
    assert said["low"] == [0.0] * STEPS
    assert all(low <= high for low, high in zip(said["low"], said["high"], strict=True))


def test_large_levels_keep_their_digits_and_constants_stay_so():
    outputs = np.tile([-1.0, -0.5, 0, 0.5, 1], (1, STEPS))
    meter = replace(WINDOW, values=987_654_321 + np.arange(len(WINDOW.values), dtype=float))
    (said,) = ANSWER.decode(outputs, (), [meter.encoded()])
    np.testing.assert_allclose(said["forecast"], meter.scaled(STEPS).reference, rtol=0, atol=1e-4)
    still = replace(WINDOW, values=np.full(len(WINDOW.values), 0.001))
    (said,) = ANSWER.decode(outputs, (), [still.encoded()])
    assert said["low"] == said["forecast"] == said["high"] == [0.001] * STEPS


def test_an_answer_is_shown_as_a_picture():
    right = ANSWER.targets([LABEL]).right[0]
    shown = ANSWER.compared(Series(), Judged(WINDOW.encoded(), right, np.zeros(STEPS * 5)), 128)
    assert shown["picture"].startswith("data:image/svg")
    assert shown["label"] == f"{AFTER.mean():.4g} (mean of 4 steps)"
    assert ANSWER.as_text(right) == ", ".join(f"{value:.4g}" for value in AFTER)
    assert "MASE" in shown["predicted"]
    assert ANSWER.as_text(np.zeros(STEPS * 5)) == "0, 0, 0, 0"
    assert len(decoded(WINDOW.encoded()).values) == 36


def loaded(seed=0, renamed="", later=0):
    """Two series cut for four steps, under other names and stamps where asked for."""
    table = serial.long_table(2, 40, seed=seed)
    table["unique_id"] = renamed + table["unique_id"]
    table["ds"] = (pd.to_datetime(table["ds"]) + pd.DateOffset(years=later)).dt.strftime("%Y-%m-%d")
    return data.load(table, tasks.task_named("forecasting"), 0, data.Reading(options={"horizon": "4"}))


def remembered(splits, rows):
    return {digest for row in rows.tolist() for digest in ANSWER.remembered(splits.examples, row)}


def test_a_series_is_recognised_in_another_collection_by_its_values():
    splits, other = loaded(), loaded(renamed="other ", later=3)
    assert len(ANSWER.remembered(splits.examples, int(splits.test[0]))) == STEPS
    assert remembered(splits, splits.test) == remembered(other, other.test)
    assert not remembered(splits, splits.test) & remembered(splits, splits.train)
    assert not remembered(splits, splits.test) & remembered(loaded(seed=7), loaded(seed=7).test)


def test_counts_that_repeat_tell_nobody_who_they_are():
    zeros = np.array([0.0, 0, 1, 0, 2, 0, 0, 0, 1, 0] * 6)
    table = serial.long_table(1, 60).assign(y=zeros)
    reading = data.Reading(options={"horizon": "4"})
    splits = data.load(table, tasks.task_named("forecasting"), 0, reading)
    assert not remembered(splits, splits.test)


def test_a_stretched_head_tells_the_same_median_and_other_widths():
    head = StepsOut(9, 4)
    torch.nn.init.normal_(head.weight)
    torch.nn.init.normal_(head.bias)
    features = torch.randn(3, 36)
    with torch.no_grad():
        plain = head(features).reshape(3, 4, 5)
        head.stretch(1.7)
        wide = head(features).reshape(3, 4, 5)
    middle = plain[..., 2:3]
    torch.testing.assert_close(wide, middle + 1.7 * (plain - middle))


def test_intervals_that_hold_too_little_are_widened_in_what_ships():
    draws, n = np.random.default_rng(0), 80
    right = np.zeros(n, future(4))
    right["values"], right["scale"], right["floor"] = 2 * draws.normal(size=(n, 4)), 1, -np.inf
    right["series"], right["origin"] = np.repeat(np.arange(40), 2), np.tile([0, 1], 40)
    outputs = np.tile([-1.28, -0.67, 0, 0.67, 1.28], (n, 4))
    answer, head = Horizon(), StepsOut(5, 4)
    found = answer.widen(head, [(outputs, np.arange(n))], right)
    assert found["width"] == pytest.approx(2, rel=0.15)
    with torch.no_grad():
        told = head(torch.tensor(outputs, dtype=torch.float32)).numpy()
    np.testing.assert_allclose(told, found["width"] * outputs, rtol=1e-4)
    assert answer.widen(StepsOut(5, 4), [], right) == {}
