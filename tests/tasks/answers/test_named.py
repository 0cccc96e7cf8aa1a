"""Answers that are made of names: those that can be learned are categories."""

import numpy as np
import pytest

from headstart.errors import DataError
from headstart.targets import of_one_kind
from headstart.tasks.answers.named import learned


def letters(answers):
    return sorted({letter for answer in answers for letter in answer})


def test_categories_are_names_of_the_rows_and_members_their_numbers():
    found = learned(of_one_kind(["ab", "", "c", "xa"]), np.array([0, 1, 2]), letters)
    assert found.categories == ("a", "b", "c")
    assert found.members == ((0, 1), (), (2,), (0,))
    assert found.right.tolist() == ["ab", "", "c", "xa"]


def test_where_there_is_no_name_there_is_nothing_to_learn():
    with pytest.raises(DataError, match="nothing to learn"):
        learned(of_one_kind(["", "x"]), np.array([0]), letters)
