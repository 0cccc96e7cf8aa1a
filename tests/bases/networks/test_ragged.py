"""What a text has after its end is never looked at, and a mask travels inside an activation."""

import numpy as np
import pytest
import torch
from torch import nn

from headstart.bases.networks.ragged import ENDS, LENGTH, SequenceNetwork, layout

TOKENS = torch.tensor([[3, 1, 4, 1], [5, 9, -1, -1]])


class Looked(SequenceNetwork):
    """Gives each token's row of a table; what stands after the end is NaN."""

    def __init__(self, pooling="mean", window=4):
        super().__init__()
        self.table = nn.Embedding.from_pretrained(torch.arange(30.0).reshape(10, 3))
        self.pooling, self.window = pooling, window

    @property
    def entry(self):
        return self.table

    def states(self, numbers, mask):
        assert (numbers >= 0).all()
        return torch.where(mask.unsqueeze(-1), self.table(numbers), float("nan"))


def rows(*numbers):
    return torch.arange(30.0).reshape(10, 3)[list(numbers)]


@pytest.mark.parametrize(
    ("pooling", "expected"),
    [
        ("mean", [rows(3, 1, 4, 1).mean(0), rows(5, 9).mean(0)]),
        ("first", [rows(3)[0], rows(5)[0]]),
        ("last", [rows(1)[0], rows(9)[0]]),
    ],
)
def test_pooling_stops_at_the_end_of_each_text(pooling, expected):
    torch.testing.assert_close(Looked(pooling)(TOKENS), torch.stack(expected))


def test_a_long_text_is_averaged_over_its_chunks_by_their_tokens():
    long = torch.tensor([[3, 1, 4, 1, 5, 9, -1, -1, -1, -1, -1, -1], [2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, -1]])
    expected = [rows(3, 1, 4, 1, 5, 9).mean(0), rows(2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2).mean(0)]
    torch.testing.assert_close(Looked()(long), torch.stack(expected))
    last = [(4 * rows(1)[0] + 2 * rows(9)[0]) / 6, (4 * rows(3)[0] + 4 * rows(7)[0] + 3 * rows(2)[0]) / 11]
    torch.testing.assert_close(Looked("last")(long), torch.stack(last))


@pytest.mark.parametrize("pooling", ["mean", "first", "last"])
def test_a_text_without_a_token_is_a_number_all_the_same(pooling):
    features = Looked(pooling)(torch.tensor([[-1, -1], [2, 3]]))
    assert features.isfinite().all()


def test_it_is_traced_with_a_padded_text_of_a_length_of_its_own():
    found = layout(Looked()).traced(TOKENS)
    assert found.shape == (1, LENGTH)
    assert ((found >= 0).sum(1) == ENDS).all()
    pictures = torch.zeros(2, 3, 8, 8)
    assert layout(nn.Flatten()).traced(pictures) is pictures


def test_after_the_end_an_activation_is_zero_and_says_where_that_is():
    network = Looked()
    activation = torch.full((2, 4, 3), 7.0)
    found = layout(network).blanked(TOKENS, activation)
    assert found.tolist() == [[[7] * 3] * 4, [[7] * 3] * 2 + [[0] * 3] * 2]
    assert torch.equal(layout(network).stand_in(found, torch.Size((1, LENGTH))) >= 0, TOKENS >= 0)
    features = torch.ones(2, 3)
    assert layout(network).blanked(TOKENS, features) is features
    assert layout(nn.Flatten()).blanked(TOKENS, activation) is activation


def test_nothing_of_an_activation_after_the_end_comes_through_not_even_nan():
    found = layout(Looked()).blanked(TOKENS, torch.full((2, 4, 3), float("nan")).nan_to_num(2.0))
    assert torch.equal(found[1, 2:], torch.zeros(2, 3))
    broken = torch.ones(2, 4, 3)
    broken[1, 2:] = float("nan")
    assert layout(Looked()).blanked(TOKENS, broken).isfinite().all()


def test_pictures_below_a_cut_are_nan_of_their_shape():
    found = layout(nn.Flatten()).stand_in(torch.ones(5, 2), torch.Size((1, 3, 8, 8)))
    assert found.shape == (5, 3, 8, 8)
    assert found.isnan().all()


def test_what_was_traced_is_as_long_as_the_texts_of_now():
    activation = torch.ones(2, 7, 3)
    assert layout(Looked()).resized(torch.Size((LENGTH, 3)), activation) == (7, 3)
    assert layout(Looked()).resized(torch.Size((2, LENGTH, LENGTH)), activation) == (2, 7, 7)
    assert layout(nn.Flatten()).resized(torch.Size((LENGTH, 3)), activation) == (LENGTH, 3)


def test_one_text_alone_has_no_padding():
    numbers = TOKENS.numpy()
    assert layout(Looked()).alone(numbers).tolist() == [[5, 9]]
    assert layout(Looked(window=2)).alone(numbers).tolist() == [[5, 9, -1, -1]], "chunks stay whole"
    assert layout(Looked()).alone(np.array([[1, 2], [-1, -1]])).tolist() == [[-1]]
    assert layout(nn.Flatten()).alone(numbers).tolist() == [[5, 9, -1, -1]]


def test_there_is_room_for_the_longest_text():
    assert layout(Looked()).room((1, 2, 3), 64) == (1, 64, 3)
    assert layout(Looked()).room((1, 3), 64) == (1, 3)
    assert layout(nn.Flatten()).room((1, 2, 3), 64) == (1, 2, 3)


def test_a_sample_of_short_texts_has_a_second_chunk_where_others_may_have_one():
    numbers = TOKENS.numpy()
    found = layout(Looked()).widened(numbers, 12)
    assert found[:, :4].tolist() == numbers.tolist()
    assert (found[:, 4:] == -1).all()
    assert found.shape == (2, 8)
    torch.testing.assert_close(Looked()(torch.from_numpy(found)), Looked()(TOKENS))
    assert layout(Looked()).widened(numbers, 4) is numbers, "no text is longer"
    assert layout(Looked(window=2)).widened(numbers, 12) is numbers, "it has one"
    assert layout(nn.Flatten()).widened(numbers, 12) is numbers
