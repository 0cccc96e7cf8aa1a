"""A group is one however it is spelled; what is in no group is told."""

from pathlib import Path

from headstart.data.groups import unified_groups
from headstart.data.label_names import MERGE_LABELS
from headstart.data.listing import Listing
from headstart.data.reading import Reading
from headstart.types import Row


def unified(*groups, **options):
    rows = tuple(Row(f"row {place}", Path("x"), "a", group=group) for place, group in enumerate(groups))
    listing = unified_groups(Listing(rows), Reading(group="patient", options=options))
    return [row.group for row in listing.rows], [(one.kind, one.message) for one in listing.findings]


def test_blanks_and_numbers_as_floats_are_one_group():
    assert unified("P1", "P1 ", " P1", "P\u200b1") == (["P1"] * 4, [])
    assert unified("1", "1.0", "2.00", "2") == (["1", "1", "2", "2"], [])
    assert unified("007", "1.5", "v1.0")[0] == ["007", "1.5", "v1.0"]


def test_groups_that_look_alike_are_told_or_merged():
    told = "groups that look like one: 'P1' (2) and 'p1' (1); --set merge_labels=yes makes them one"
    assert unified("P1", "P1 ", "p1", "P2") == (["P1", "P1", "p1", "P2"], [("similar_groups", told)])
    merged = unified("P1", "P1 ", "p1", "P2", **{MERGE_LABELS.name: "yes"})
    assert merged == (
        ["P1", "P1", "P1", "P2"],
        [("merged_groups", "groups were merged: 'P1' (2) and 'p1' (1)")],
    )


def test_rows_without_a_group_are_counted():
    message = "2 rows have nothing in the column `patient`: each is taken as independent of all others"
    assert unified("a", None, "\u200b") == (["a", None, None], [("no_group", message)])
    assert unified_groups(Listing((Row("r", Path("x"), "a"),)), Reading()).findings == ()
