"""How many clusters, whether there are any, and which row is in which."""

import numpy as np
import pytest
from sklearn.metrics import adjusted_rand_score, silhouette_samples

from headstart.exploration import clusters, space
from headstart.explored import Number


def test_groups_are_found_and_numbered_by_size(grouped, rows):
    found = clusters.clustered(rows, 3, seed=0)
    assert found.sizes.tolist() == [70, 50, 30]
    assert adjusted_rand_score(grouped[1], found.members) == 1
    assert np.allclose(found.centres[0], rows[found.members == 0].mean(0), atol=1e-5)


def test_the_same_seed_gives_the_same(rows):
    one, other = (clusters.clustered(rows, 7, seed=3) for _ in range(2))
    assert np.array_equal(one.members, other.members)


def test_the_number_is_among_those_shown(rows):
    best = clusters.best(clusters.searched(rows, seed=0))
    assert best[0].clusters == 3
    assert len(best) == 3
    assert best[0].silhouette > max(one.silhouette for one in best[1:])


def test_a_peak_is_shown_before_the_slopes_of_a_higher_one():
    """A finer answer that fits a little better does not hide the coarse one."""
    values = {2: 0.1, 4: 0.3, 6: 0.2, 12: 0.25, 20: 0.39, 28: 0.4, 40: 0.39}
    best = clusters.best([Number(*one) for one in values.items()])
    assert [one.clusters for one in best] == [28, 4, 20]


def test_numbers_go_as_far_as_a_few_rows_for_each():
    assert clusters.numbers(7) == []
    assert clusters.numbers(20) == [2, 3, 4, 5]
    tried = clusters.numbers(10_000)
    assert tried[-1] <= clusters.MOST_CLUSTERS
    assert any(abs(one - 77) <= 0.06 * 77 for one in tried)


def test_groups_are_clear(grouped):
    assert clusters.clear(grouped[0], seed=0)


@pytest.mark.parametrize("kind", ["normal", "falling", "uniform", "skewed", "shuffled"])
def test_sets_without_groups_have_none(kind, grouped):
    """A blob with one long direction falls in two halves once its rows have length 1; that is no group."""
    draws = np.random.default_rng(1)
    falling = draws.normal(size=(120, 30)) / np.arange(1, 31)
    sets = {
        "normal": draws.normal(size=(120, 10)),
        "falling": falling,
        "uniform": draws.uniform(size=(120, 6)),
        "skewed": draws.exponential(size=(120, 20)),
        "shuffled": draws.permuted(grouped[0], axis=0),
    }
    assert not clusters.clear(sets[kind].astype(np.float32), seed=0)


def test_so_few_or_equal_rows_tell_nothing(grouped):
    assert not clusters.clear(grouped[0][::10], seed=0)
    assert not clusters.clear(np.ones((50, 4), np.float32), seed=0)


def test_silhouettes_are_those_of_the_library(rows):
    members = clusters.clustered(rows, 5, seed=0).members
    ours = clusters.silhouettes(clusters.distances(rows), members)
    assert np.allclose(ours, silhouette_samples(rows, members), atol=1e-3)
    assert not clusters.silhouettes(clusters.distances(rows), np.zeros(len(rows), int)).any()


def test_dense_clusters_leave_nobody_out(rows, grouped):
    found = clusters.dense(rows)
    assert len(found.members) == 150
    assert found.members.min() == 0
    assert adjusted_rand_score(grouped[1], found.members) > 0.9


def test_one_cluster_holds_all(rows):
    assert clusters.alone(rows).sizes.tolist() == [150]


def test_the_number_does_not_depend_on_the_order_of_equal_sizes():
    rows = space.unit(np.repeat(np.eye(4), 5, 0) + 0.01)
    assert clusters.clustered(rows, 4, seed=0).members.tolist() == np.repeat([0, 1, 2, 3], 5).tolist()
