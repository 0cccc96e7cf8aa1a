"""Gradual unfreezing: how the epochs are split, and how much slower the stem moves."""

import pytest

from headstart.adaptation.base import Stage
from headstart.adaptation.finetune import BOTTOM_RATE, plugin


@pytest.mark.parametrize(
    ("cuts", "epochs", "expected"),
    [
        ("a", 5, [("a", 5)]),
        ("ab", 9, [("a", 3), ("b", 6)]),
        ("ab", 10, [("a", 3), ("b", 7)]),
        ("ab", 2, [("a", 1), ("b", 1)]),
        ("ab", 1, [("a", 1)]),
        ("abc", 10, [("a", 3), ("b", 4), ("c", 3)]),
        ("abc", 2, [("a", 1), ("b", 1)]),
        ("", 5, []),
    ],
)
def test_a_third_for_the_top_and_the_rest_shared_below(cuts, epochs, expected):
    assert plugin.stages(tuple(cuts), epochs) == [Stage(*one) for one in expected]


def test_rates_fall_geometrically_to_the_stem():
    assert plugin.rate(1.0) == 1.0
    assert plugin.rate(0.0) == pytest.approx(BOTTOM_RATE)
    assert plugin.rate(0.5) == pytest.approx(BOTTOM_RATE**0.5)


def test_no_epochs_train_nothing():
    assert plugin.stages((), 0) == []
