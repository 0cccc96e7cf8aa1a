"""Units: groups where there are some, else copies, else examples."""

from headstart.units import units_of


def test_groups_are_units_and_what_has_none_counts_by_its_content():
    assert units_of(["p", "q", "p", "", None, ""], ["a", "b", "c", "d", "d", "e"]).tolist() == [
        0,
        1,
        0,
        2,
        2,
        3,
    ]


def test_without_groups_copies_are_one():
    assert units_of(None, ["a", "b", "a"]).tolist() == [0, 1, 0]


def test_a_group_that_is_called_like_a_content_is_not_mixed_up_with_it():
    assert units_of(["a", ""], ["x", "a"]).tolist() == [0, 1]


def test_what_belongs_together_through_a_third_is_one():
    assert units_of(["g1", "g2", "", "g3"], ["c", "c", "c", "d"]).tolist() == [0, 0, 0, 1]
    assert units_of(["p", "q", "q"], ["a", "a", "b"]).tolist() == [0, 0, 0]
