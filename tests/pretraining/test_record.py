"""What a pre-training tells programs, and what is no base."""

from __future__ import annotations

import pytest

from headstart.adaptation.base import History
from headstart.errors import BaseError
from headstart.pretraining._record import refuse_useless


def test_features_that_spread_and_a_loss_that_is_a_number_are_a_base():
    refuse_useless({"dimensions": 2.0}, History())


@pytest.mark.parametrize(
    ("dimensions", "history", "message"),
    [(1.9, History(), "the features collapsed"), (50.0, History(diverged=True), "stopped being a number")],
)
def test_what_is_no_base_is_refused_with_a_hint(dimensions, history, message):
    with pytest.raises(BaseError, match=message) as caught:
        refuse_useless({"dimensions": dimensions}, history)
    assert len(caught.value.hint) > 5
