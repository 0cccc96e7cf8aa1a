"""Items by number."""

import numpy as np

import tastes
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
