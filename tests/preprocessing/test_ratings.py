"""Items by number."""

import numpy as np
import pytest

import tastes
from headstart.preprocessing.items.contents import FILE, Reader, Said, Whitening
from headstart.preprocessing.ratings import HISTORIES, Known, RatingsPreprocess

TAKEN = {"007": {1: 30, 0: 40}, "🍕": {}, "2013-08-01": {2: None}}


def test_what_is_written_is_read_again(tmp_path):
    how = RatingsPreprocess(("007", "🍕", "\x00a"), 2, True)
    plain, files = how.plain()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    assert RatingsPreprocess.read(plain, tmp_path) == how


def test_it_depends_on_the_items():
    one, other = RatingsPreprocess(("a", "b"), 2), RatingsPreprocess(("b", "a"), 2)
    assert one.identity != other.identity
    assert one.at(5) == one
    assert one.framings() == (one,)
    assert not one.smaller()


def test_who_took_what_is_kept_and_may_be_deleted(tmp_path):
    how = RatingsPreprocess(("a", "b", "\x00a"), 2, True, tastes.kept(TAKEN))
    plain, files = how.plain()
    for name, content in files.items():
        (tmp_path / name).write_bytes(content)
    again = RatingsPreprocess.read(plain, tmp_path)
    assert again.taken_by("007") == (("b", "a"), ())
    assert again.taken_by("2013-08-01") == ((), ("\x00a",))
    assert again.taken_by("🍕") == again.taken_by("7") == ((), ())
    assert again.known.when.tolist() == [30, 40, 0]
    assert again.identity == how.identity == RatingsPreprocess(how.items, 2, True).identity
    (tmp_path / HISTORIES).unlink()
    assert RatingsPreprocess.read(plain, tmp_path).taken_by("007") == ((), ())


def test_without_stamps_none_are_written():
    found = Known.read(tastes.kept({"u": {3: None, 1: None}}).written())
    assert found.users == ("u",)
    assert len(found.when) == 0
    assert np.array_equal(found.taken_by("u"), [3, 1])


def test_what_came_later_has_a_number_before_what_is_of_the_source_only():
    how = RatingsPreprocess(("a", "b", "s", "t"), 2, False, tastes.kept({"u": {0: None, 2: None, 3: None}}))
    more, moved = how.with_items(["t", "new"])
    assert more.items == ("a", "b", "t", "new", "s")
    assert more.size == 4
    assert moved.tolist() == [0, 1, 4, 2]
    assert more.taken_by("u") == (("a", "t"), ("s",))
    assert how.taken_by("u") == (("a",), ("s", "t"))
    bare, _ = RatingsPreprocess(("a",), 1).with_items(["b"])
    assert bare.known is None


def test_what_is_said_of_items_is_kept(tmp_path):
    axes = np.arange(6, dtype=np.float32).reshape(3, 2)
    reader = Reader("a base", "its identity", ("title",), Whitening(axes[:, 0], axes))
    said = Said(("x", "🍕"), np.array([0, 1, 1]), np.array([1]), np.ones((2, 2), np.float32), reader)
    for one in (said, Said((), np.zeros(3, np.int64), np.zeros(0, np.int64), np.zeros((2, 0), np.float32))):
        plain, files = RatingsPreprocess(("a", "b"), 2, said=one).plain()
        for name, content in files.items():
            (tmp_path / name).write_bytes(content)
        again = RatingsPreprocess.read(plain, tmp_path).said
        assert again.vocabulary == one.vocabulary
        assert all(
            np.array_equal(getattr(again, name), getattr(one, name)) for name in ("ends", "words", "texts")
        )
        assert plain.get("read_by") == (one.reader and "a base")
        assert (again.reader is None) == (one.reader is None)
    assert np.array_equal(Said.read(said.written()).reader.whitening.axes, axes)
    assert Said.read(said.written()).reader.columns == ("title",)
    with pytest.raises(ValueError, match=FILE):
        Said.read(said.written()[:-9])
