"""What is known of a user, as bytes."""

import pytest

from headstart.data.ratings.histories import Catalogue, History, decoded, examined, kind_of
from headstart.errors import DataError


@pytest.mark.parametrize(
    "one",
    [
        History("007", ("a", "🍕"), ("\x00b",), (5, 6), 1377993600),
        History("2020-01-01"),
        Catalogue({"a": ("genre=drama",)}),
        Catalogue({"a": (), "b": ()}, {"b": "Alien (1979)\nIn space no one can hear you"}, "auto"),
    ],
)
def test_what_is_written_is_read_again(one):
    assert decoded(one.encoded()) == one
    assert examined(one.encoded()) is None


@pytest.mark.parametrize("content", [b"", b"[]", b"{}", b"\xff", b'{"user": "a"}'])
def test_other_bytes_are_none(content, tmp_path):
    with pytest.raises(DataError):
        decoded(content)
    assert examined(content)
    assert examined(tmp_path / "nothing")


def test_kinds():
    assert [kind_of(known) for known in (0, 1, 2, 3, 99)] == [2, 1, 1, 0, 0]
