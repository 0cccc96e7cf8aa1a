"""Epochs from measured speed, threads from what is quicker; measuring leaves nothing behind."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from torch import nn

from headstart.adaptation import Recipe
from headstart.preprocessing.image import ImagePreprocess
from headstart.preprocessing.text import TextPreprocess
from headstart.preprocessing.translation import PairPreprocess
from headstart.pretraining import _plan
from headstart.pretraining._plan import Plan, Trial, make, recipe
from headstart.runtime import Runtime

ROWS = np.arange(640)
SMALL = ImagePreprocess(32, (0.5,) * 3, (0.5,) * 3)


class Feed:
    def fetch(self, rows, epoch, step):
        return rows

    def tensor(self, fetched):
        return torch.ones(len(fetched), 3)


class Least:
    def loss(self, outputs, rows):
        return outputs.square().mean()


def trial(rows=ROWS, model=None):
    return Trial(model or nn.Linear(3, 1), Feed(), Least(), rows)


@pytest.fixture
def planned(monkeypatch):
    """`planned(minutes, epochs, seconds of a step by threads)`."""

    def go(minutes=None, epochs=None, threads=1, rows=ROWS, fails=(), has=True, right=True, **steps):
        def seconds(trial, batch, half):
            if (torch.get_num_threads(), half) in fails:
                raise RuntimeError("could not create a primitive descriptor")
            full = steps["one"] if torch.get_num_threads() == 1 else steps["many"]
            return steps.get("half", full) if half else full

        monkeypatch.setattr(Trial, "seconds", seconds)
        monkeypatch.setattr(Trial, "agrees", lambda *_: right)
        monkeypatch.setattr(_plan, "worth_a_try", lambda runtime: has)
        monkeypatch.setattr(_plan, "ADVANTAGE", 1.25)
        before = torch.get_num_threads()
        torch.set_num_threads(threads)
        try:
            runtime = Runtime(threads=threads)
            asked = recipe(len(rows), SMALL, False, epochs)
            return make(trial(rows), asked, minutes, runtime)
        finally:
            torch.set_num_threads(before)

    return go


def test_as_many_epochs_as_the_minutes_have_room_for(planned):
    # 640 rows in batches of 64 are 10 steps of 0.9 s: six epochs fill 54 s
    assert planned(minutes=1, one=0.9).recipe.epochs == 6
    assert planned(minutes=2, one=0.9).recipe.epochs == 12
    assert planned(minutes=1, one=9.0).recipe.epochs == 1
    assert planned(minutes=1, one=900.0).recipe.epochs == 1, "never none"
    assert planned(one=0.9).recipe.epochs == 60, "ten minutes where nothing is asked for"


def test_an_epoch_of_few_examples_is_planned_with_its_repeats(planned):
    assert planned(minutes=1, one=0.9, rows=np.arange(8)).recipe.epochs == 60 // _plan.MIN_STEPS


def test_epochs_that_were_asked_for_are_run_whatever_they_take(planned):
    assert planned(minutes=0.01, epochs=7, one=5.0).recipe.epochs == 7


def test_threads_have_to_be_worth_it(planned):
    assert planned(minutes=1, threads=2, one=1.0, many=0.95).threads == 1
    quicker = planned(minutes=1, threads=2, one=0.9, many=0.3)
    assert (quicker.threads, quicker.recipe.epochs) == (2, 18)


def test_the_numbers_that_do_not_depend_on_speed():
    scratch, continued = recipe(500, SMALL.at(48), False, None), recipe(500, SMALL.at(48), True, 3)
    assert (scratch.epochs, scratch.batch, scratch.size, scratch.live) == (0, 64, 48, True)
    assert (continued.epochs, scratch.rate > continued.rate) == (3, True)
    assert recipe(5, SMALL.at(48), False, None).batch == 5


def test_a_plan_comes_back_from_json_as_it_was():
    plan = Plan(Recipe(epochs=3, batch=8, rate=1e-3, cuts=("a", "b"), size=32, live=True), 2, True)
    assert Plan.from_json(json.loads(json.dumps(plan.as_json()))) == plan


def test_timing_steps_changes_no_weight_and_no_generator():
    model = nn.Sequential(nn.Linear(3, 4), nn.Dropout(0.5), nn.Linear(4, 1))
    before = {name: tensor.clone() for name, tensor in model.state_dict().items()}
    state = torch.random.get_rng_state()
    made = make(trial(model=model), recipe(640, SMALL, False, None), 0.01, Runtime())
    assert made.recipe.epochs >= 1
    assert all(torch.equal(tensor, before[name]) for name, tensor in model.state_dict().items())
    assert all(parameter.grad is None for parameter in model.parameters())
    assert torch.equal(torch.random.get_rng_state(), state)


def test_the_first_step_is_not_timed(monkeypatch):
    ticks = iter([0.0, 1.0, 200.0, 203.0, 300.0, 302.0, 400.0, 404.0])
    monkeypatch.setattr(_plan, "PROBED", 3)
    monkeypatch.setattr(_plan.time, "perf_counter", lambda: next(ticks))
    assert trial().seconds(4, half=False) == 2.0


def test_half_precision_has_to_be_worth_it(planned):
    assert not planned(minutes=1, one=1.0, half=0.95).half
    quicker = planned(minutes=1, one=0.9, half=0.45)
    assert (quicker.half, quicker.recipe.epochs) == (True, 12)


def test_half_precision_is_not_taken_without_instructions_or_with_other_numbers(planned):
    assert not planned(minutes=1, one=0.9, half=0.1, has=False).half
    assert not planned(minutes=1, one=0.9, half=0.1, right=False).half


def test_ways_that_fail_are_not_taken(planned):
    steps = {"one": 1.0, "many": 0.3, "half": 0.1}
    assert not planned(minutes=1, fails=[(1, True)], **steps).half
    found = planned(minutes=1, threads=2, fails=[(1, True), (2, True)], **steps)
    assert (found.threads, found.half) == (2, False)
    found = planned(minutes=1, threads=2, fails=[(2, False), (2, True)], **steps)
    assert (found.threads, found.half) == (1, True)


def test_why_a_network_cannot_be_trained_at_all_is_said(planned):
    with pytest.raises(RuntimeError, match="primitive descriptor"):
        planned(minutes=1, one=1.0, fails=[(1, False)])


def test_an_lstm_is_trained_whatever_the_processor_has():
    """Without instructions for bfloat16 PyTorch has no LSTM in it."""

    class Reader(nn.Module):
        def __init__(self):
            super().__init__()
            self.lstm = nn.LSTM(3, 8, batch_first=True, bidirectional=True)

        def forward(self, inputs):
            return self.lstm(inputs[:, None].repeat(1, 5, 1))[0].mean(1)

    planned = make(trial(model=Reader()), recipe(640, SMALL, False, 1), 0.01, Runtime())
    assert planned.recipe.epochs == 1
    assert trial(model=Reader()).agrees(8) in (True, False)


def test_half_precision_computes_in_it_and_the_loss_in_full():
    seen = {}

    class Noting(nn.Linear):
        def forward(self, inputs):
            outputs = super().forward(inputs)
            seen["inside"] = outputs.dtype
            return outputs

    class Loss(Least):
        def loss(self, outputs, rows):
            seen["loss"] = outputs.dtype
            return super().loss(outputs, rows)

    Trial(Noting(3, 1), Feed(), Loss(), ROWS).seconds(4, half=True)
    assert seen == {"inside": torch.bfloat16, "loss": torch.float32}


def test_texts_bound_a_step_by_their_tokens_and_have_rates_of_their_own():
    assert recipe(500, TextPreprocess("", 512, 128), True, None).batch == 64
    long = recipe(500, TextPreprocess("", 512, 512), True, None)
    assert (long.batch, long.size) == (16, 512)
    assert long.rate < recipe(500, TextPreprocess("", 512, 512), False, None).rate
    assert recipe(500, PairPreprocess("", 128, 48), False, None).rate == 3e-3
