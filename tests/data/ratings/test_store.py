"""What is known of users as a recommender takes it."""

import numpy as np

from headstart.data.ratings.histories import Catalogue, History
from headstart.data.ratings.store import RatingsStore
from headstart.preprocessing.ratings import RatingsPreprocess

HOW = RatingsPreprocess(("a", "b", "\x00a"), 2)


def test_numbers_from_one_on_and_where_they_are_from():
    sources = [History("u", ("b", "a", "gone"), ("\x00a", "b")), History("v"), Catalogue({"a": ("x",)})]
    store = RatingsStore([one.encoded() for one in sources], HOW)
    found = store.encoded(np.arange(3))
    assert found[0].tolist() == [[2, 1, 3], [0, 0, 1]]
    assert not found[1:].any()
    assert store.batch(np.array([1])).shape == (1, 2, 1)
    assert store.ordered(np.arange(3)).tolist() == [1, 2, 0]
