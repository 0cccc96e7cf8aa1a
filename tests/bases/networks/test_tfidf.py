"""The module weighs words as scikit-learn does."""

import numpy as np
import torch
from sklearn.feature_extraction.text import TfidfTransformer

from headstart.bases import build
from headstart.types import Architecture


def network(words, rarity=None):
    made = build(Architecture("builtin", "tfidf", {"words": words}))
    if rarity is not None:
        made.load_state_dict({"rarity": torch.as_tensor(rarity, dtype=torch.float32)})
    return made


def test_it_is_scikit_learns_tfidf():
    draws = np.random.default_rng(0)
    tokens = draws.integers(0, 12, (9, 20))
    ends = draws.integers(1, 21, 9)
    tokens[np.arange(20) >= ends[:, None]] = -1
    counts = np.stack([np.bincount(row[row >= 0], minlength=12) for row in tokens])
    reference = TfidfTransformer().fit(counts)
    found = network(12, reference.idf_)(torch.from_numpy(tokens))
    np.testing.assert_allclose(found, reference.transform(counts).toarray(), atol=1e-6)


def test_padding_and_the_order_of_words_change_nothing():
    one = network(6, torch.arange(1.0, 7.0))
    short, long = torch.tensor([[3, 1, 1]]), torch.tensor([[1, 3, 1, -1, -1]])
    assert torch.equal(one(short), one(long))


def test_a_text_without_a_word_is_zero_and_no_nan():
    assert torch.equal(network(4)(torch.full((2, 3), -1)), torch.zeros(2, 4))


def test_a_word_without_weight_counts_for_nothing():
    one = network(3, [0.0, 1.0, 1.0])
    assert torch.equal(one(torch.tensor([[0, 0, 1]])), one(torch.tensor([[1, -1, -1]])))


def test_rows_have_length_one():
    tokens = torch.randint(0, 5, (7, 4), generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(network(5)(tokens).norm(dim=1), torch.ones(7))
