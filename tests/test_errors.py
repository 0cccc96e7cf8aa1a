"""One tree of errors; each has a message and a hint."""

from __future__ import annotations

import inspect
import traceback

import pytest

from headstart import errors
from headstart.errors import HeadstartError

TREE = [
    error
    for _, error in inspect.getmembers(errors, inspect.isclass)
    if issubclass(error, Exception) and error is not HeadstartError
]


@pytest.mark.parametrize("error", TREE, ids=lambda error: error.__name__)
def test_every_error_has_a_message_and_a_hint_and_one_parent(error):
    one = error("expected a folder, got a file", "give a folder")
    assert (one.message, one.hint) == ("expected a folder, got a file", "give a folder")
    assert str(one) == one.message
    assert error.__bases__ == (HeadstartError,)
    assert error.__doc__


def test_an_error_without_a_hint_cannot_be_raised():
    with pytest.raises(TypeError):
        HeadstartError("only a message")


def test_a_traceback_ends_with_the_hint():
    shown = traceback.format_exception(HeadstartError("expected a folder", "give a folder"))
    assert "".join(shown).endswith("expected a folder\nhint: give a folder\n")


def test_the_drawn_tree_is_the_real_one():
    drawn = {line.split()[1] for line in (errors.__doc__ or "").splitlines() if "──" in line}
    assert drawn == {error.__name__ for error in TREE}


def test_the_root_is_what_users_catch():
    import headstart

    assert headstart.HeadstartError is HeadstartError
