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
            require_unseen(home.splits, [base, knowing("test", count)], home.bench.task.answer)
        assert home.splits.examples.names[home.splits.test[0]] in caught.value.message
        assert "test split" in caught.value.hint


def test_the_first_that_is_named_is_one_that_was_seen(home, base):
    row = home.splits.test[-1]
    known = replace(base, seen=shortened([home.splits.examples.digests[row]]))
    with pytest.raises(BaseError, match=home.splits.examples.names[row]):
        require_unseen(home.splits, [known], home.bench.task.answer)


def test_a_base_that_met_training_and_validation_only_is_fine(home, knowing):
    require_unseen(home.splits, [knowing("train", 100), knowing("validation", 100)], home.bench.task.answer)


def test_bases_that_say_nothing_are_fine(home, base):
    assert base.seen is NOTHING
    require_unseen(home.splits, [base], home.bench.task.answer)
    require_unseen(home.splits, [], home.bench.task.answer)


class InParts:
    """An answer whose examples are recognised by four digests."""

    @staticmethod
    def remembered(examples, row):
        return [f"{number}{examples.digests[row][1:]}" for number in range(4)]


@pytest.mark.parametrize("known", [2, 3])
def test_an_example_was_met_where_most_of_it_was(home, base, known):
    row = home.splits.test[0]
    some = replace(base, seen=shortened(InParts.remembered(home.splits.examples, row)[:known]))
    if known == 3:
        with pytest.raises(BaseError, match="1 of the"):
            require_unseen(home.splits, [some], InParts())
    else:
        require_unseen(home.splits, [some], InParts())
