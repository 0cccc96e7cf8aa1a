"""The steps of a recording are dealt out to what was written."""

from __future__ import annotations

from itertools import combinations

import numpy as np
import pytest

from headstart.bases.networks import alignment


def test_each_token_has_the_steps_that_it_looks_at():
    where = np.repeat([0, 1, 2, 3], [20, 45, 10, 25])
    looks = np.eye(4)[where].T[None] + 0.1 * np.random.default_rng(0).random((3, 4, 100))
    assert alignment.starts(looks).tolist() == pytest.approx([0, 20, 65, 75], abs=2)


@pytest.mark.parametrize("seed", range(20))
def test_no_other_cut_has_a_larger_sum(seed):
    draws = np.random.default_rng(seed)
    tokens, steps = int(draws.integers(1, 5)), int(draws.integers(5, 10))
    weights = draws.normal(size=(tokens, steps))
    sums = np.concatenate([np.zeros((tokens, 1)), weights.cumsum(axis=1)], axis=1)

    def worth(cuts):
        ends = [*cuts[1:], steps]
        return sum(
            weights[place, start:end].sum() for place, (start, end) in enumerate(zip(cuts, ends, strict=True))
        )

    every = [(0, *some) for some in combinations(range(1, steps), tokens - 1)]
    assert worth(alignment._cut(sums).tolist()) == pytest.approx(max(map(worth, every)))


def test_more_tokens_than_steps_share_them():
    assert alignment.starts(np.ones((1, 6, 3))).tolist() == [0, 0, 1, 1, 2, 2]


def test_what_looks_everywhere_alike_is_dealt_out_too():
    found = alignment.starts(np.full((2, 3, 9), 0.1))
    assert found[0] == 0
    assert (np.diff(found) > 0).all()
