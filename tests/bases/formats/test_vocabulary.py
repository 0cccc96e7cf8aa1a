"""Vocabularies of made texts: words that repeat, pieces that leave nothing unknown."""

from __future__ import annotations

import pytest
from tokenizers import Tokenizer

from headstart.bases.formats.vocabulary import END, MASK, OTHER, PAD, learned_pieces, learned_words, of_words
from languages import SENTENCES


def tokens(content, text):
    return Tokenizer.from_str(content).encode(text).tokens


def test_words_are_found_whatever_their_case_and_others_are_unknown():
    content = of_words(["the", "fox", "."])
    assert tokens(content, "The FOX, the.") == ["the", "fox", OTHER, "the", "."]
    assert [Tokenizer.from_str(content).token_to_id(word) for word in (OTHER, MASK, "the")] == [0, 1, 2]


def test_the_most_frequent_words_are_learned():
    content = learned_words(["b b b a", "a c"], 4)
    tokenizer = Tokenizer.from_str(content)
    assert tokenizer.get_vocab() == {OTHER: 0, MASK: 1, "b": 2, "a": 3}
    assert tokens(content, "A b C") == ["a", "b", OTHER]


@pytest.mark.parametrize("text", [*SENTENCES, "Größe 漢字 🙂", "x\ty"])
def test_pieces_come_back_as_the_text_and_an_end_follows(text):
    tokenizer = Tokenizer.from_str(learned_pieces(SENTENCES, 300))
    found = tokenizer.encode(text)
    assert found.tokens[-1] == END
    assert tokenizer.decode(found.ids).strip() == text
    assert (tokenizer.token_to_id(PAD), tokenizer.token_to_id(END)) == (0, 1)
    assert tokenizer.get_vocab_size() <= 300


@pytest.mark.parametrize("learn", [learned_words, learned_pieces])
def test_the_same_texts_give_the_same_vocabulary(learn):
    assert learn(iter(SENTENCES), 280) == learn(iter(SENTENCES), 280)
