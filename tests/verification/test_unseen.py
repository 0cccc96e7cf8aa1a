"""Test examples that a base has met refuse the verdict; training examples do not."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.bases.formats.fingerprints import NOTHING, shortened
from headstart.errors import BaseError
from headstart.verification import require_unseen


@pytest.fixture
def knowing(home, base):
    """`knowing(part, count)`: the base after it has seen some examples of a part of the splits."""

    def make(part, count):
        rows = getattr(home.splits, part)[:count]
        return replace(base, seen=shortened([home.splits.examples.digests[row] for row in rows]))

    return make


def test_a_base_that_met_a_test_example_is_refused(home, knowing, base):
    n = len(home.splits.test)
    for count in (1, n):
        with pytest.raises(BaseError, match=f"pre-trained on {count} of the {n} test examples") as caught:
            require_unseen(home.splits, [base, knowing("test", count)])
        assert home.splits.examples.names[home.splits.test[0]] in caught.value.message
        assert "test split" in caught.value.hint


def test_the_first_that_is_named_is_one_that_was_seen(home, base):
    row = home.splits.test[-1]
    known = replace(base, seen=shortened([home.splits.examples.digests[row]]))
    with pytest.raises(BaseError, match=home.splits.examples.names[row]):
        require_unseen(home.splits, [known])


def test_a_base_that_met_training_and_validation_only_is_fine(home, knowing):
    require_unseen(home.splits, [knowing("train", 100), knowing("validation", 100)])


def test_bases_that_say_nothing_are_fine(home, base):
    assert base.seen is NOTHING
    require_unseen(home.splits, [base])
    require_unseen(home.splits, [])
