"""Columns that say whose an example is: found by their names, told where rows share a value."""

import pytest

from headstart.data.tables.unit_columns import torn, unit_column


@pytest.mark.parametrize("name", ["patient", "patient_id", "Speaker ID", "client_id", "slideNo", "subject"])
def test_usual_names_are_found_whatever_their_case_and_spaces(name):
    assert unit_column(["file_name", "label", name], ["file_name", "label"]) == name


@pytest.mark.parametrize("there", [["file_name", "label", "size"], ["patience"], ["speaker"]])
def test_other_names_and_what_is_read_already_are_not(there):
    assert unit_column(there, ["file_name", "label", "speaker"]) is None


def test_rows_that_share_a_value_are_told_with_the_way_out():
    (finding,) = torn("patient", ["a", "a", "b", "b", "b", None])
    assert "2 values for 5 rows" in finding.message
    assert "--group patient" in finding.message


@pytest.mark.parametrize("cells", [[], ["a"] * 5, list("abcdefghij"), [None, ""]])
def test_one_value_and_a_value_for_each_row_tear_nothing(cells):
    assert not torn("patient", cells)
