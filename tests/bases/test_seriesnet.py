"""Small networks for series: one ships, and costs grow with the steps that are asked for."""

import torch

import serial
from headstart.bases import build, load_base
from headstart.preprocessing.series import SeriesPreprocess
from headstart.types import Architecture


def test_what_ships_is_small_and_knows_series():
    base = load_base("builtin/series-s", "series")
    assert base.card.parameters < 150_000
    assert "made series" in base.card.source_data
    assert base.receipt.fraction == 1
    assert base.card.stages


def test_more_steps_cost_more_and_are_as_wide(tmp_path):
    base = load_base(serial.write_base(tmp_path / "one"), "series")
    longer = base.prepared(SeriesPreprocess(12))
    assert longer.card.flops == 12 * base.card.flops
    assert longer.card.width == base.card.width


def test_the_numbers_alone_are_a_network_too():
    assert build(Architecture("seriesnet", "lags"))(torch.zeros(1, 60, 2)).shape == (1, 130)
