"""Items by number."""

from headstart.preprocessing.ratings import RatingsPreprocess


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
