"""The next word is what is to be guessed; and the networks that would see it are refused."""

from __future__ import annotations

import pytest
import torch

import languages
from headstart.bases import load_base
from headstart.errors import BaseError
from headstart.pretraining.causal import Next, plugin


def test_the_next_word_is_asked_where_there_is_one():
    numbers = torch.tensor([[5, 6, 7], [8, 9, 0], [4, 0, 0]])
    there = torch.tensor([[1, 1, 1], [1, 1, 0], [1, 0, 0]]).bool()
    shown, asked, wanted = Next()(numbers, there)
    assert torch.equal(shown, numbers)
    assert asked.tolist() == [[True, True, False], [True, False, False], [False, False, False]]
    assert wanted[asked].tolist() == [6, 7, 9]


def test_an_encoder_is_refused(tmp_path):
    base = load_base(str(languages.write(tmp_path / "bert", "bert")[0]), "text")
    with pytest.raises(BaseError, match="as a whole") as caught:
        plugin.around(base.network(), base.preprocess)
    assert "--method masked" in caught.value.hint
