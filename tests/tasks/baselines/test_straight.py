"""What dull forecasts stand on: what ships of them is asked in test_naive.py."""

from headstart.bases import build
from headstart.tasks.baselines._straight import LAGS


def test_they_stand_on_numbers_and_no_weights():
    assert not list(build(LAGS).parameters())
