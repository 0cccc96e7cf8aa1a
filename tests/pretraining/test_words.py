"""Guessing words: the loss by hand, chunks of long texts, and what a network sees of a text."""

from __future__ import annotations

import math

import pytest
import torch
import torch.nn.functional as F
from torch import nn

import languages
from headstart.bases import load_base
from headstart.bases.recurrent import BiLstm
from headstart.errors import BaseError
from headstart.pretraining._words import Guessing, Nats, reader, sees_ahead
from headstart.pretraining.causal import Next


@pytest.fixture(scope="module")
def network(tmp_path_factory):
    """`network(kind)`: of a tiny model."""
    return lambda kind: load_base(
        str(languages.write(tmp_path_factory.mktemp(kind) / "base", kind)[0]), "text"
    ).network()


@pytest.mark.parametrize(("kind", "ahead"), [("bert", True), ("t5", True), ("gpt2", False), ("llama", False)])
def test_a_network_is_asked_whether_it_sees_ahead(network, kind, ahead):
    assert sees_ahead(network(kind)) is ahead


def test_a_recurrent_network_sees_ahead_also_at_random():
    one = BiLstm(30, 8, 6).train()
    assert sees_ahead(one)
    assert one.training


def test_other_networks_are_refused():
    with pytest.raises(BaseError, match="does not read texts"):
        reader(nn.Linear(2, 2))


def test_the_loss_of_the_next_word_is_that_of_the_word_vectors(network):
    gpt = network("gpt2")
    model = Guessing(gpt, Next(), layer=False).eval()
    tokens = torch.tensor([[5, 9, 7, 20], [11, 3, -1, -1], [4, -1, -1, -1]])
    with torch.no_grad():
        found = model(tokens)
        for row, (nats, count) in zip(tokens, found.tolist(), strict=True):
            alone = row[row >= 0][None]
            logits = gpt.states(alone, alone >= 0) @ gpt.entry.weight.T
            expected = F.cross_entropy(logits[0, :-1], alone[0, 1:], reduction="sum")
            assert (nats, count) == (pytest.approx(float(expected), rel=1e-4, abs=1e-4), alone.shape[1] - 1)


def test_long_texts_are_guessed_chunk_by_chunk(network):
    gpt = network("gpt2")
    model = Guessing(gpt, Next(), layer=False).eval()
    w = gpt.window
    long = torch.randint(3, 40, (2, 2 * w), generator=torch.Generator().manual_seed(0))
    long[1, w + 3 :] = -1
    with torch.no_grad():
        parts = model(long[:, :w]) + model(long[:, w:])
        torch.testing.assert_close(model(long), parts)
    assert parts[:, 1].tolist() == [2 * (w - 1), w - 1 + 2]


def test_a_batch_counts_every_word_alike():
    outputs = torch.tensor([[6.0, 3.0], [2.0, 1.0], [0.0, 0.0]])
    assert float(Nats().loss(outputs, None)) == Nats().validation(outputs, None) == 2.0
    assert math.isfinite(float(Nats().loss(outputs[2:], None)))
