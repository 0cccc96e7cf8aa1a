"""GloVe's vectors mean something, and stand for the network that they are made for."""

from __future__ import annotations

import json

import pytest
import torch

import packages
from headstart.bases import load_base

NAME = "builtin/glove-50d"


@pytest.fixture(scope="module")
def base():
    return load_base(NAME, "text")


@packages.needs(NAME)
def test_a_king_without_a_man_and_with_a_woman_is_a_queen(base):
    numbers = json.loads(base.preprocess.tokenizer)["model"]["vocab"]
    rows = torch.nn.functional.normalize(base.state["vectors.weight"])
    king, man, woman = (rows[numbers[word]] for word in ("king", "man", "woman"))
    nearest = (rows @ (king - man + woman)).topk(4).indices
    words = {number: word for word, number in numbers.items()}
    assert "queen" in [words[int(number)] for number in nearest]


@packages.needs(NAME)
def test_only_the_vectors_come_with_it_and_their_terms(base):
    assert [name for name, _ in base.receipt.loaded] == ["vectors.weight"]
    assert (base.card.licence, base.state["vectors.weight"].shape) == ("PDDL-1.0", (200_002, 50))


@packages.needs(NAME)
def test_the_network_names_them_as_its_weights(base):
    again = load_base(f"recurrent/bilstm@{NAME}", "text")
    assert (again.architecture, again.card.sha256) == (base.architecture, base.card.sha256)
