"""Word vectors as GloVe and word2vec write them, and every way in which such a file is not one."""

from __future__ import annotations

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from headstart.bases.formats import vectors
from headstart.errors import BaseError


@pytest.fixture
def file(tmp_path):
    def write(text):
        path = tmp_path / "vectors.txt"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return path

    return write


@pytest.mark.parametrize("header", ["", "2 3\n"])
def test_words_and_numbers_are_read(file, header):
    found = vectors.read(file(header + "the 1 2 3\nfox 0.5 -1e-2 0\n"))
    assert found.words == ("the", "fox")
    np.testing.assert_allclose(found.values, [[1, 2, 3], [0.5, -0.01, 0]])


def test_a_word_may_hold_spaces_and_its_first_vector_counts(file):
    found = vectors.read(file("the 1 2\n. . . 3 4\nThe 5 6\n\nend 7 8"))
    assert found.words == ("the", ". . .", "end")
    assert found.values.tolist() == [[1, 2], [3, 4], [7, 8]]


def test_no_more_than_the_first_words_are_read(file, monkeypatch):
    monkeypatch.setattr(vectors, "MOST", 2)
    assert vectors.read(file("a 1 2\nb 1 2\nc not even numbers\n")).words == ("a", "b")


def test_a_file_that_changed_is_read_anew(file):
    assert vectors.read(file("a 1 2\n")).words == ("a",)
    assert vectors.read(file("a 1 2\nb 1 2\n")).words == ("a", "b")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no word vectors"),
        ("3 4\n", "no word vectors"),
        ("a 1 2\nb 1\n", "line 2: 1 numbers"),
        ("a 1 2\nb one two\n", "line 2: not 2 numbers"),
        ("a 1 2\nb 1 nan\n", "line 2: a number is not finite"),
        ("just\n", "line 1: 0 numbers"),
        ("these are no vectors at all\n", "line 1"),
        (b"a 1 2\n\xff\xfe 1 2\n", "not text in UTF-8"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(file, text, message):
    with pytest.raises(BaseError, match=message) as caught:
        vectors.read(file(text))
    assert len(caught.value.hint) > 5


@pytest.fixture
def matrix(tmp_path):
    """`matrix(rows, words)` writes a matrix and the words of its rows beside it."""

    def write(rows, words, **kept):
        np.save(tmp_path / "rows.npy", np.asarray(rows, **kept), allow_pickle=True)
        pq.write_table(pa.table({"number": range(len(words)), "index": words}), tmp_path / "words.parquet")
        return tmp_path / "rows.npy"

    return write


def test_a_matrix_is_read_with_the_words_beside_it(matrix):
    found = vectors.read(matrix([[1, 2], [3, 4], [5, 6]], ["the", "Fox", "fox"], dtype=np.float16))
    assert found.words == ("the", "fox"), "the first of those that differ in their case only"
    assert found.values.dtype == np.float32
    assert found.values.tolist() == [[1, 2], [3, 4]]


def test_no_more_than_the_first_rows_are_read(matrix, monkeypatch):
    monkeypatch.setattr(vectors, "MOST", 2)
    assert vectors.read(matrix(np.ones((3, 2)), ["a", "b", "c"])).words == ("a", "b")


@pytest.mark.parametrize(
    ("rows", "words", "message"),
    [
        (np.ones((2, 2)), ["a", "b", "c"], r"shape \(2, 2\); expected .*\(3, 2 to 2000\)"),
        (np.ones((2, 1)), ["a", "b"], r"shape \(2, 1\)"),
        (np.ones(2), ["a", "b"], r"shape \(2,\)"),
        (np.ones((2, 2), int), ["a", "b"], "int64"),
        (np.array([[1.0, np.nan]]), ["a"], "not finite"),
        (np.array([[{}, {}]]), ["a"], "cannot be read"),
        (np.ones((1, 2)), [None], "no column with a word"),
    ],
)
def test_a_matrix_that_is_none_of_words_is_refused(matrix, rows, words, message):
    with pytest.raises(BaseError, match=message):
        vectors.read(matrix(rows, pa.array(words, pa.string())))


def test_a_matrix_without_words_says_what_to_put_beside_it(matrix, tmp_path):
    file = matrix(np.ones((1, 2)), ["a"])
    (tmp_path / "words.parquet").write_bytes(b"no table")
    with pytest.raises(BaseError, match="words.parquet cannot be read"):
        vectors.read(file)
    (tmp_path / "words.parquet").unlink()
    with pytest.raises(BaseError, match="0 Parquet files beside it") as caught:
        vectors.read(file)
    assert "Parquet file" in caught.value.hint
