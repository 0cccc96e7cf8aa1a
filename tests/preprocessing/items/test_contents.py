"""What a bundle keeps of what is said of items."""

import numpy as np

from headstart.preprocessing.items.contents import Whitening


def test_rows_have_length_one_and_what_is_the_mean_has_none():
    whitening = Whitening(np.array([1, 2, 3], np.float32), np.eye(3, 2, dtype=np.float32))
    rows = whitening(np.array([[1, 2, 9], [4, 6, 3], [1, 0, 3]]))
    assert np.allclose(rows, [[0, 0], [0.6, 0.8], [0, -1]])
