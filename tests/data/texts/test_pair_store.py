"""Pairs as one tensor of both sides, each ended by its own padding."""

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

import languages
from headstart.cache import Cache
from headstart.data.texts.pair_store import PairStore
from headstart.data.texts.store import END
from headstart.preprocessing.translation import PairPreprocess

CONTENT = languages.unigrams().to_str()
PREPROCESS = PairPreprocess(CONTENT, 40, 40)
SOURCES = tuple(text.encode() for text in languages.SENTENCES)
ANSWERS = languages.SENTENCES[2:] + languages.SENTENCES[:2]
ROWS = np.array([4, 0, 2])


def ids(text):
    return Tokenizer.from_str(CONTENT).encode(text).ids[:40]


def ended(row):
    there = row[row != END].tolist()
    assert (row[len(there) :] == END).all()
    return there


@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "in the cache"])
def test_a_batch_holds_both_sides_as_far_as_the_longest_goes(kept, tmp_path):
    store = PairStore(SOURCES, PREPROCESS, Cache(tmp_path) if kept else None, answers=ANSWERS)
    batch = store.batch(ROWS)
    sources, targets = [ids(languages.SENTENCES[row]) for row in ROWS], [ids(ANSWERS[row]) for row in ROWS]
    assert batch.dtype == torch.int64
    assert batch.shape == (3, 2, max(map(len, sources + targets)))
    assert [ended(row) for row in batch[:, 0]] == sources
    assert [ended(row) for row in batch[:, 1]] == targets
    assert store.encoded(ROWS).dtype == np.int32
    assert len(store) == len(SOURCES)


def test_the_longer_side_decides_the_width():
    short, long = b"rain", languages.SENTENCES[5]
    for source, target in ((short, long), (long.encode(), short.decode())):
        batch = PairStore([source], PREPROCESS, answers=[target]).batch(np.array([0]))
        assert batch.shape == (1, 2, len(ids(long)))


def test_without_answers_there_is_nothing_to_train_on():
    batch = PairStore(SOURCES, PREPROCESS).batch(ROWS)
    with_answers = PairStore(SOURCES, PREPROCESS, answers=ANSWERS).batch(ROWS)
    assert batch.shape[:2] == (3, 2)
    assert (batch[:, 1] == END).all()
    assert [ended(row) for row in batch[:, 0]] == [ended(row) for row in with_answers[:, 0]]


def test_a_sentence_has_no_other_view():
    store = PairStore(SOURCES, PREPROCESS, answers=ANSWERS)
    assert not store.augments
    assert torch.equal(store.batch(ROWS, 7), store.batch(ROWS))
    assert store.distorted() is store


def test_the_longest_source_is_computed_first():
    store = PairStore(SOURCES, PREPROCESS, answers=ANSWERS)
    order = store.ordered(np.arange(len(SOURCES)))
    found = [len(ids(languages.SENTENCES[row])) for row in order]
    assert found == sorted(found, reverse=True)


def test_no_side_is_longer_than_the_preprocessing_says():
    store = PairStore([b"sea " * 90], PREPROCESS.at(8), answers=["ship " * 90])
    assert store.batch(np.array([0])).shape == (1, 2, 8)


def test_two_sides_that_say_the_same_have_the_same_numbers(tmp_path):
    """In one cache: sources and answers of the same bytes may share an entry, others never do."""
    cache = Cache(tmp_path)
    same = PairStore(SOURCES, PREPROCESS, cache, answers=languages.SENTENCES).batch(ROWS)
    assert torch.equal(same[:, 0], same[:, 1])
    other = PairStore(SOURCES, PREPROCESS, cache, answers=ANSWERS).batch(ROWS)
    assert not torch.equal(other[:, 0], other[:, 1])
