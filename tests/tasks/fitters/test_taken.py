"""What users took, as matrices."""

import numpy as np

import tastes
from headstart.tasks.fitters.taken import taken
from tastes_bench import bench


def test_training_knows_nothing_of_validation_and_the_pool_nothing_of_the_test(tmp_path):
    made, splits = bench(tmp_path, stamps=True, items=True)
    how = made.base.preprocess
    learned, pool = (taken(made.examples, how, rows) for rows in (splits.train, made.pool))
    asked = sum(len(made.examples.answers[row].items) for row in splits.validation)
    assert pool.target.nnz == learned.target.nnz + asked
    later = sum(len(made.examples.answers[row].items) for row in splits.test)
    every = len(tastes.table(120, 5, "a", 0).drop_duplicates())
    assert pool.target.nnz + later == every
    assert pool.source.shape[1] == len(how.items) > how.size == pool.target.shape[1]
    assert learned.source.nnz == pool.source.nnz > 0


def test_words_have_length_one_and_unknown_items_none(tmp_path):
    made, _ = bench(tmp_path, items=True)
    words = taken(made.examples, made.base.preprocess, made.pool).words
    length = np.sqrt(np.asarray(words.multiply(words).sum(1)).ravel())
    assert set(length.round(4)) <= {0.0, 1.0}
    new = made.examples.categories.index("new")
    assert length[new] == 1
