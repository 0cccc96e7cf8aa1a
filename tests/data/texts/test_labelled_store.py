"""Batches of texts are those of a token store; what is right of them is a row of zeros and ones."""

import numpy as np
import torch

import languages
from headstart.data.texts.labelled_store import LabelledTokens
from headstart.data.texts.store import TokenStore
from headstart.types import TextPreprocess

PREPROCESS = TextPreprocess(languages.word_pieces().to_str(), 40, 40)
SOURCES = [text.encode() for text in languages.SENTENCES[:3]]
LABELS = ("a", "b", "c")


def test_texts_are_those_of_a_token_store():
    rows = np.array([2, 0, 1])
    store = LabelledTokens(SOURCES, PREPROCESS, answers=["a", "", "b|c"], labels=LABELS)
    assert torch.equal(store.batch(rows), TokenStore(SOURCES, PREPROCESS).batch(rows))
    assert not store.augments


def test_each_text_has_its_own_labels_in_any_view():
    store = LabelledTokens(SOURCES, PREPROCESS, answers=["a", "", "c|b|unheard of"], labels=LABELS)
    expected = torch.tensor([[0.0, 1.0, 1.0], [1.0, 0.0, 0.0], [0.0, 0.0, 0.0]])
    for view in (None, 3):
        found = store.answers(np.array([2, 0, 1]), view)
        assert torch.equal(found, expected)
        assert found.dtype == torch.float32
    assert store.answers(np.array([], dtype=np.int64)).shape == (0, 3)


def test_without_answers_it_can_still_be_predicted():
    assert LabelledTokens(SOURCES, PREPROCESS).batch(np.arange(3)).shape[0] == 3
