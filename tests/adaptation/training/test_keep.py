"""The running average, the half-way point and the choice among the candidates, by hand."""

import math

import pytest
import torch
from torch import nn

from headstart.adaptation.training.keep import EMA_SHARE, NOW, Keeper

FLOAT, COUNT = "norm.running_mean", "norm.num_batches_tracked"


@pytest.fixture
def whole():
    """A weight of 1.0, a still one of 5.0, and BatchNorm's buffers."""
    model = nn.ModuleDict({"moving": nn.Linear(1, 1, bias=False), "still": nn.Linear(1, 1, bias=False)})
    model["norm"] = nn.BatchNorm1d(1)
    put(model, 1.0)
    nn.init.constant_(model["still"].weight, 5.0)
    return model


def put(whole, value, count=0):
    """The moving weight and the running mean to `value`."""
    with torch.no_grad():
        whole["moving"].weight.fill_(value)
        whole["norm"].running_mean.fill_(value)
        whole["norm"].num_batches_tracked.fill_(count)


def now(whole):
    return whole["moving"].weight.item()


def keeper(whole, total=1_000):
    one = Keeper(whole, total)
    one.begin({"moving.weight", FLOAT, COUNT})
    return one


def weight(tensors):
    return tensors["moving.weight"].item()


@pytest.mark.parametrize("total", [1_000, 60, 5])
def test_the_running_average_by_its_formula(whole, total):
    one, expected = keeper(whole, total), 1.0
    for step in range(1, 41):
        put(whole, math.sin(step), step)
        one.average(step)
        decay = min(1 - 1 / max(1.0, EMA_SHARE * total), (1 + step) / (10 + step))
        expected = decay * expected + (1 - decay) * math.sin(step)
        assert weight(one.tensors[NOW]) == pytest.approx(expected, rel=1e-5)
    assert one.tensors[NOW][FLOAT].item() == pytest.approx(expected, rel=1e-5)
    assert one.tensors[NOW][COUNT].item() == 40, "a counter is not averaged"


def test_only_what_may_change_is_remembered(whole):
    one = keeper(whole)
    assert set(one.tensors["start"]) == {"moving.weight", FLOAT, COUNT}
    put(whole, 3.0)
    assert weight(one.tensors["start"]) == 1.0, "the start is a copy"


def test_each_candidate_keeps_its_best_epoch(whole):
    one = keeper(whole)
    distances = []
    for epoch, value in enumerate([4.0, 2.0, 3.0]):  # validation would like 2.2
        put(whole, value)
        one.average(epoch + 1)
        distances.append(one.look(lambda: abs(now(whole) - 2.2), epoch))
    assert distances == pytest.approx([1.8, 0.2, 0.8], rel=1e-5)
    assert one.best["trained"] == (pytest.approx(0.2, rel=1e-5), 1)
    assert weight(one.tensors["trained"]) == 2.0
    assert now(whole) == 3.0, "looking leaves the weights as they are"
    averages = [1 * 2 / 11 + 4 * 9 / 11]
    averages.append(averages[0] * 3 / 12 + 2 * 9 / 12)
    averages.append(averages[1] * 4 / 13 + 3 * 9 / 13)
    best = min(range(3), key=lambda epoch: abs(averages[epoch] - 2.2))
    assert one.best["ema"] == (pytest.approx(abs(averages[best] - 2.2), rel=1e-4), best)
    assert weight(one.tensors["ema"]) == pytest.approx(averages[best], rel=1e-5)


def settled(whole, start, likes):
    """A keeper that saw one epoch at 3.0 (its average is 1 * 2/11 + 3 * 9/11 = 2.636…)."""
    one = keeper(whole)
    if start is not None:
        one.best["start"] = (start, -1)
    put(whole, 3.0)
    one.average(1)
    one.look(lambda: abs(now(whole) - likes), 0)
    return one, one.choose(lambda: abs(now(whole) - likes))


@pytest.mark.parametrize(
    ("likes", "candidate", "epoch"),
    [(1.0, "start", -1), (3.0, "trained", 0), (2.6, "ema", 0), (2.0, "interpolated", 0)],
)
def test_the_best_of_the_four_is_chosen(whole, likes, candidate, epoch):
    one, chosen = settled(whole, abs(1.0 - likes), likes)
    assert chosen == (candidate, epoch)
    assert now(whole) == 3.0
    if candidate == "start":
        assert weight(one.tensors[candidate]) == 1.0


def test_the_half_way_point_is_half_way(whole):
    one, _ = settled(whole, 1.0, 2.0)
    leader = weight(one.tensors["ema"])  # 2.636 is nearer to 2.0 than 3.0 is
    assert weight(one.tensors["interpolated"]) == pytest.approx((1 + leader) / 2)


def test_half_way_to_random_weights_is_not_tried(whole):
    one, chosen = settled(whole, None, 2.0)
    assert chosen == ("ema", 0)
    assert "interpolated" not in one.tensors


@pytest.mark.parametrize("loss", [math.nan, math.inf])
def test_a_loss_that_is_no_number_is_never_the_best(whole, loss):
    one = keeper(whole)
    one.look(lambda: loss, 0)
    assert one.leader() == "start"
    assert one.choose(lambda: loss) == ("start", -1)
    assert weight(one.tensors["start"]) == 1.0


def test_a_start_whose_loss_is_no_number_does_not_win(whole):
    one, chosen = settled(whole, math.nan, 3.0)
    assert one.leader() == "trained"
    assert chosen == ("trained", 0)


def test_the_last_of_each_candidate_where_nothing_is_chosen(whole):
    one = keeper(whole)
    put(whole, 3.0, 7)
    one.average(1)
    ema = 1 * 2 / 11 + 3 * 9 / 11
    ends = {"start": 1.0, "trained": 3.0, "ema": ema, "interpolated": (1 + ema) / 2}
    for candidate, value in ends.items():
        assert weight(one.last(candidate)) == pytest.approx(value, rel=1e-5), candidate
    assert one.last("interpolated")[COUNT].item() == 7
