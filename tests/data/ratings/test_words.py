"""Words of items, by number."""

import numpy as np

from headstart.data.ratings import words
from headstart.data.ratings.histories import Catalogue
from headstart.data.ratings.words import numbered, said_of, vocabulary
from headstart.preprocessing.items.contents import Reader, Whitening
from headstart.preprocessing.ratings import RatingsPreprocess, Texts

KNOWN = Catalogue({"a": ("x", "y"), "b": ("y",), "c": ("z", "y", "x"), "elsewhere": ("w",)})


def test_frequent_words_come_first_and_there_are_not_too_many(monkeypatch):
    assert vocabulary(KNOWN) == ("y", "x", "w", "z")
    monkeypatch.setattr(words, "MOST", 2)
    assert vocabulary(KNOWN) == ("y", "x")


def test_each_item_has_the_numbers_of_its_words():
    ends, found = numbered(KNOWN.words, ["c", "nobody's", "a"], ("y", "x"))
    assert ends.tolist() == [0, 2, 2, 4]
    assert found.tolist() == [0, 1, 0, 1]


def test_what_is_said_is_of_the_items_that_can_be_recommended():
    reader = Reader("a base", "its identity", (), Whitening(np.zeros(1), np.zeros((1, 1))))
    texts = Texts(reader, ("b", "source"), np.array([[3.0], [4.0]], np.float32))
    said = said_of(KNOWN, RatingsPreprocess(("a", "b", "source"), 2, texts=texts))
    assert np.diff(said.ends).tolist() == [2, 1]
    assert said.texts.tolist() == [[0.0], [3.0]]
    assert said.reader is reader
    bare = said_of(KNOWN, RatingsPreprocess(("a", "b"), 2))
    assert bare.texts.shape == (2, 0)
    assert bare.reader is None
