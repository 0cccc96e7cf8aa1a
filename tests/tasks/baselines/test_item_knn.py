"""Items that were taken together."""

import numpy as np
import torch
from scipy import sparse

from headstart.tasks.baselines import item_knn
from headstart.tasks.fitters.taken import Taken

TARGET = sparse.csr_matrix(np.array([[1, 1, 0, 0], [1, 1, 0, 0], [0, 0, 1, 1], [0, 1, 1, 1]], np.float32))


def known():
    return Taken(TARGET, TARGET, sparse.csr_matrix((4, 0)), np.zeros((4, 0)), np.ones(4, np.float32))


def test_what_goes_together_is_near():
    _, network = item_knn._counted(known())
    inputs = torch.zeros(1, 2, 1)
    inputs[0, 0, 0] = 1
    assert network(inputs)[0, 1, 0] == 1
    assert network.alike[1, 0] == 2 / (np.sqrt(2 * 3) + item_knn.SHRUNK)


def test_of_users_who_took_very_much_some_is_left_out(monkeypatch):
    monkeypatch.setattr(item_knn, "LONGEST", 2)
    nobody = sparse.csr_matrix((1, 4), dtype=np.float32)
    found = item_knn._shortened(sparse.csr_matrix(sparse.vstack([TARGET, nobody])))
    assert np.diff(found.indptr).tolist() == [2, 2, 2, 2, 0]
