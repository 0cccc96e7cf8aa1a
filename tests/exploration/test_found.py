"""Everything that is found in features."""

from contextlib import nullcontext

import numpy as np
import pytest

from headstart.errors import SettingsError
from headstart.exploration._found import look


def found(features, **options):
    return look(features, options, 0, lambda name: nullcontext())


def test_groups_are_found(grouped):
    seen = found(grouped[0])
    assert (seen.clear, seen.how) == (True, "found")
    assert seen.clustered.sizes.tolist() == [70, 50, 30]
    assert seen.numbers[0].clusters == 3
    assert seen.distances == pytest.approx(
        np.linalg.norm(seen.rows - seen.clustered.centres[seen.clustered.members], axis=1), abs=1e-5
    )
    assert seen.silhouettes.mean() == pytest.approx(seen.numbers[0].silhouette, abs=0.02)


def test_without_groups_there_is_one(grouped):
    seen = found(np.random.default_rng(0).permuted(grouped[0], axis=0))
    assert (seen.clear, seen.how, seen.numbers) == (False, "none", ())
    assert len(seen.clustered.centres) == 1


def test_a_number_that_is_asked_is_taken(grouped):
    seen = found(grouped[0], clusters="5")
    assert (seen.how, len(seen.clustered.centres)) == ("asked", 5)
    assert seen.numbers[0].clusters == 3


def test_more_than_there_are_is_refused():
    with pytest.raises(SettingsError, match="2 examples that differ"):
        found(np.repeat(np.eye(2, 4, dtype=np.float32), 15, 0), clusters="3")


def test_hdbscan_where_it_is_asked(grouped):
    assert found(grouped[0], clusters="hdbscan").how == "hdbscan"
