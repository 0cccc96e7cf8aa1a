"""What users took, as matrices."""

import json
from dataclasses import replace

import numpy as np
from scipy import sparse

import tastes
from headstart.preprocessing.items.contents import Reader, Whitening
from headstart.preprocessing.ratings import Texts
from headstart.tasks.fitters.taken import _recent, taken
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


def test_words_are_said_or_not(tmp_path):
    made, _ = bench(tmp_path, items=True)
    known = taken(made.examples, made.base.preprocess, made.pool)
    assert set(known.words.data) == {1.0}
    new, categories = made.examples.categories.index("new"), made.examples.categories
    assert known.words[new].sum() == 1
    assert known.words.shape == (len(categories), tastes.GROUPS), "what nearly all have says nothing"
    assert [one.shape for one in known.contents.said] == [known.words.shape]


def test_texts_are_those_of_their_items(tmp_path):
    made, _ = bench(tmp_path, items=True)
    rows = np.eye(3, dtype=np.float32)
    reader = Reader("some base", "its identity", ("title",), Whitening(rows[0], rows))
    how = replace(made.base.preprocess, texts=Texts(reader, ("a3", "nowhere", "new"), rows))
    known = taken(made.examples, how, made.pool)
    places = [made.examples.categories.index(item) for item in ("a3", "new")]
    assert np.array_equal(known.texts[places], rows[[0, 2]])
    assert known.texts.sum() == 2
    assert known.contents.said[1].shape[1] == known.words.shape[1] + 3


def test_what_is_taken_last_is_counted_once(tmp_path):
    made, splits = bench(tmp_path, stamps=True)
    learned = taken(made.examples, made.base.preprocess, splits.train)
    every = tastes.table(120, 5, "a", 0, True, 1_500_000_000).drop_duplicates(["user_id", "item_id"])
    known = [json.loads(made.examples.sources[row]) for row in splits.train.tolist()]
    first, last = every["timestamp"].min(), max(stamp for one in known for stamp in one.get("when", ()))
    late = every[every["timestamp"].between(last - (last - first) / 10, last)]
    counts = late["item_id"].value_counts()
    assert {made.examples.categories[item]: count for item, count in enumerate(learned.recent) if count} == (
        counts.to_dict()
    )


def test_many_who_take_at_one_time_are_many():
    """Stamps are often days: fifty users of one day are no single one."""
    when, item, user = np.zeros(55), np.r_[np.zeros(50), np.ones(5)], np.r_[np.arange(50), np.arange(5)]
    taken = np.stack([when, item, user]).astype(np.int64)
    twice = np.concatenate([taken, taken], axis=1)
    assert _recent(sparse.csr_matrix((50, 2)), twice).tolist() == [50, 5]
