"""Texts are made into numbers once, in chunks where they are long, and padded to the longest of a batch."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256

import numpy as np
import pytest
import torch
from tokenizers import Tokenizer

import languages
from headstart.cache import Cache
from headstart.data.texts import store as tokens
from headstart.data.texts.store import (
    END,
    MOST_CHUNKS,
    TokenStore,
    fitted,
    half,
    lengths,
    tokenised,
    word_numbers,
)
from headstart.preprocessing.text import TextPreprocess

CONTENT = languages.word_pieces().to_str()
PREPROCESS = TextPreprocess(CONTENT, 40, 40)
CHUNKED = TextPreprocess(CONTENT, 8, 24)
SOURCES = tuple(text.encode() for text in languages.SENTENCES)
ROWS = np.arange(len(SOURCES))
ORIGINAL = Tokenizer.from_str(CONTENT)


def ids(text):
    return ORIGINAL.encode(text).ids


def many(n, words=3):
    """n different sources of a few words each."""
    return [f"rain and sea {number} {'ship ' * (number % words)}".encode() for number in range(n)]


@pytest.fixture
def counted(monkeypatch):
    """Every text that is made into numbers."""
    seen, made = [], tokens.tokenised

    def listening(texts, preprocess):
        seen.extend(texts)
        return made(texts, preprocess)

    monkeypatch.setattr(tokens, "tokenised", listening)
    return seen


@pytest.mark.parametrize("kept", [False, True], ids=["in memory", "in the cache"])
def test_a_batch_is_the_tokenizers_numbers_as_far_as_the_longest_goes(kept, tmp_path):
    store = TokenStore(SOURCES, PREPROCESS, Cache(tmp_path) if kept else None)
    rows = np.array([2, 4, 0])
    batch = store.batch(rows)
    expected = [ids(languages.SENTENCES[row]) for row in rows]
    assert batch.dtype == torch.int64
    assert batch.shape == (3, max(map(len, expected)))
    assert [row[row != END].tolist() for row in batch] == expected
    assert (batch[1, len(expected[1]) :] == END).all()
    assert torch.equal(batch, store.batch(rows, view=3)), "a text has no other view"
    assert store.encoded(rows).dtype == np.int32


def test_with_and_without_a_cache_the_numbers_are_the_same(tmp_path):
    for preprocess in (PREPROCESS, CHUNKED):
        plain = TokenStore(SOURCES, preprocess).encoded(ROWS)
        assert (TokenStore(SOURCES, preprocess, Cache(tmp_path)).encoded(ROWS) == plain).all()
        assert (TokenStore(SOURCES, preprocess, Cache(tmp_path, budget=0)).encoded(ROWS) == plain).all()


def test_a_batch_does_not_depend_on_the_other_texts_but_for_its_length():
    store = TokenStore(SOURCES, PREPROCESS)
    together = store.encoded(ROWS)
    for row in ROWS:
        (one,) = store.encoded(np.array([row]))
        assert (one != END).all()
        assert together[row, : len(one)].tolist() == one.tolist()
        assert (together[row, len(one) :] == END).all()


def test_texts_are_made_into_numbers_once(counted, tmp_path):
    store = TokenStore(SOURCES, PREPROCESS, Cache(tmp_path))
    store.encoded(np.array([1, 2]))
    assert counted == [languages.SENTENCES[1], languages.SENTENCES[2]], "only what is asked for"
    store.encoded(ROWS)
    store.encoded(ROWS)
    assert sorted(counted) == sorted(languages.SENTENCES)
    TokenStore(SOURCES, PREPROCESS, Cache(tmp_path)).encoded(ROWS)
    assert len(counted) == len(SOURCES)


def test_whatever_changes_the_numbers_is_another_entry(counted, tmp_path, monkeypatch):
    TokenStore(SOURCES, PREPROCESS, Cache(tmp_path)).encoded(ROWS)
    others = (PREPROCESS.at(8), CHUNKED, TextPreprocess(languages.unigrams().to_str(), 40, 40))
    for number, other in enumerate(others, 2):
        TokenStore(SOURCES, other, Cache(tmp_path)).encoded(ROWS)
        assert len(counted) == number * len(SOURCES)
    counted.clear()
    TokenStore(SOURCES[::-1], PREPROCESS, Cache(tmp_path)).encoded(ROWS)
    monkeypatch.setattr(tokens, "VERSION", 99)
    TokenStore(SOURCES, PREPROCESS, Cache(tmp_path)).encoded(ROWS)
    assert len(counted) == 2 * len(SOURCES)


def test_the_digests_spare_reading_the_sources(counted, tmp_path, monkeypatch):
    digests = [sha256(source).hexdigest() for source in SOURCES]
    expected = TokenStore(SOURCES, PREPROCESS, Cache(tmp_path)).encoded(ROWS)
    monkeypatch.setattr(tokens, "digest", lambda source: pytest.fail("read again"))
    again = TokenStore(SOURCES, PREPROCESS, Cache(tmp_path), digests).encoded(ROWS)
    assert (again == expected).all()
    assert len(counted) == len(SOURCES)


def test_files_and_bytes_give_the_same_numbers(tmp_path):
    files = []
    for number, source in enumerate(SOURCES):
        files.append(tmp_path / f"{number}.txt")
        files[-1].write_bytes(b"\xef\xbb\xbf" + source)
    found = TokenStore(files, PREPROCESS).encoded(ROWS)
    assert (found == TokenStore(SOURCES, PREPROCESS).encoded(ROWS)).all()


def test_the_longest_are_computed_first():
    sizes = np.array([len(ids(text)) for text in languages.SENTENCES])
    store, some = TokenStore(SOURCES, PREPROCESS), np.array([4, 0, 5, 2])
    found = store.ordered(some)
    assert sorted(found) == sorted(some)
    assert (np.diff(sizes[found]) <= 0).all()
    assert found[0] == 5
    assert store.ordered(np.zeros(0, dtype=np.int64)).tolist() == []


def test_many_texts_are_ordered_and_read_in_parts(monkeypatch):
    monkeypatch.setattr(tokens, "AT_ONCE", 7)
    sources = many(40, words=9)
    store = TokenStore(sources, PREPROCESS)
    found = store.ordered(np.arange(40))
    sizes = (store.encoded(found) != END).sum(1)
    assert sorted(found) == list(range(40))
    assert (np.diff(sizes) <= 0).all()
    equal = np.flatnonzero(np.diff(sizes) == 0)
    assert (found[equal] < found[equal + 1]).all(), "equals stay in their order"


def test_a_long_text_is_cut_into_chunks_each_with_its_special_tokens():
    text = "the old ship sails slowly over the grey sea"
    (row,) = tokenised([text], CHUNKED)
    first, last = ORIGINAL.token_to_id("[CLS]"), ORIGINAL.token_to_id("[SEP]")
    inner = ids(text)[1:-1]
    chunks = [chunk[chunk != END].tolist() for chunk in row.reshape(3, 8)]
    assert len(inner) == 9
    assert chunks == [[first, *inner[:6], last], [first, *inner[6:], last], []]


def test_chunks_that_do_not_fit_are_left_out_and_missing_ones_are_empty():
    short, long = tokenised(["rain", "sea " * 100], CHUNKED)
    assert (short[8:] == END).all()
    assert (long != END).all()
    store = TokenStore([b"rain", b"sea " * 9], CHUNKED)
    assert store.encoded(np.array([0])).shape == (1, 8), "a chunk is never cut"
    assert store.encoded(np.array([0, 1])).shape == (2, 16)


def test_an_empty_text_has_its_special_tokens():
    (row,) = tokenised([""], PREPROCESS)
    assert row[row != END].tolist() == ids("")


def test_an_endless_text_costs_no_more_than_what_is_looked_at(monkeypatch):
    read = []

    class Listening:
        def __init__(self, inner):
            self.inner = inner

        def encode_batch(self, texts):
            read.extend(texts)
            return self.inner.encode_batch(texts)

    made = tokens._tokenizer
    monkeypatch.setattr(tokens, "_tokenizer", lambda *given: Listening(made(*given)))
    tokenised(["sea " * 100_000], PREPROCESS)
    assert len(read[0]) <= 32 * PREPROCESS.size


def test_whole_texts_are_counted_up_to_what_could_be_looked_at():
    found = lengths([*languages.SENTENCES, "sea " * 10_000], CHUNKED)
    assert found[:-1].tolist() == [len(ids(text)) for text in languages.SENTENCES]
    assert found[-1] >= MOST_CHUNKS * CHUNKED.window


@pytest.mark.parametrize(
    ("texts", "size"),
    [
        (["rain"], 8),  # the next multiple of eight
        (["sea " * 7], 16),
        (["sea " * 14], 16),
        (["sea " * 36], 40),
        (["sea " * 38], 40),
        (["sea " * 39], 80),  # two chunks
        (["sea " * 1000], 160),  # no more than four
        (["rain"] * 199 + ["sea " * 500], 40),  # one in a hundred may be cut short
        ([], 8),
    ],
)
def test_the_size_is_what_the_texts_have(texts, size):
    found = fitted(PREPROCESS, [text.encode() for text in texts])
    assert (found.size, found.window, found.tokenizer) == (size, 40, PREPROCESS.tokenizer)


def test_every_text_is_whole_where_all_fit_in_a_window():
    size = fitted(PREPROCESS, SOURCES).size
    assert size == max(-(-len(ids(text)) // 8) * 8 for text in languages.SENTENCES)
    assert size % 8 == 0


def test_a_sample_of_many_texts_decides(monkeypatch):
    monkeypatch.setattr(tokens, "SAMPLE", 5)
    monkeypatch.setattr(tokens, "AT_ONCE", 2)
    assert fitted(PREPROCESS, [b"rain"] * 5 + [b"sea " * 30]).size == 8
    assert fitted(PREPROCESS, [b"rain"] * 4 + [b"sea " * 30]).size == 32


def test_words_are_numbers_of_any_length():
    found = word_numbers(["rain", "", "sea sea"], PREPROCESS)
    assert found == [ids("rain"), ids(""), ids("sea sea")]
    assert len(word_numbers(["sea " * 100], PREPROCESS)[0]) == PREPROCESS.size


def test_impressions_tell_copies_from_texts_about_the_same():
    sources = [b"The old ship, at sea", b"the  OLD ship,\nat sea", b"an old ship in the harbour", b""]
    small = TokenStore(sources, PREPROCESS).impressions(np.arange(4))
    assert small.shape == (4, 256)
    assert (small[0] == small[1]).all()
    assert np.corrcoef(small[0], small[2])[0, 1] < 0.7
    assert np.isfinite(small).all()


def test_threads_at_once_get_what_one_gets(tmp_path):
    sources = many(60)
    expected = TokenStore(sources, PREPROCESS).encoded(np.arange(60))
    for cache in (None, Cache(tmp_path)):
        store = TokenStore(sources, PREPROCESS, cache)
        parts = [np.arange(start, start + 10) for start in range(51)]
        with ThreadPoolExecutor(4) as pool:
            for part, found in zip(parts, pool.map(store.encoded, parts), strict=True):
                assert (found == expected[part][:, : found.shape[1]]).all()
                assert (expected[part][:, found.shape[1] :] == END).all()


def test_there_are_no_views():
    store = TokenStore(SOURCES, PREPROCESS)
    assert not store.augments
    everyone = np.arange(len(SOURCES))
    assert np.array_equal(store.encoded(everyone, view=3), store.encoded(everyone))
    assert len(store) == len(SOURCES)


def test_a_distorted_text_has_half_of_its_words():
    text = "one two three four five six seven"
    halves = {half(text, np.random.default_rng(seed)) for seed in range(20)}
    assert len(halves) > 5
    for one in halves:
        words = one.split()
        assert len(words) == 4
        assert words == [word for word in text.split() if word in words], "in their order"
    assert half("word", np.random.default_rng(0)) != ""
    assert len(half("四个汉字", np.random.default_rng(0))) == 2


def test_distorted_views_are_of_the_text_alone_and_repeatable():
    store = TokenStore(SOURCES, PREPROCESS).distorted()
    everyone = np.arange(len(SOURCES))
    one, same, other = (store.encoded(everyone, view) for view in (1, 1, 2))
    assert np.array_equal(one, same)
    assert one.shape != other.shape or not np.array_equal(one, other)
    alone = store.encoded(everyone[1:2], 1)
    assert np.array_equal(alone[0], one[1][: alone.shape[1]])
    assert np.array_equal(store.encoded(everyone), TokenStore(SOURCES, PREPROCESS).encoded(everyone))
