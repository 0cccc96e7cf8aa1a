"""Excel workbooks are read where the library for them is there, else the extra is named."""

import importlib.util
import sys

import pandas as pd
import pytest

import headstart as hs
from headstart.data.tables.workbooks import formula_in, notes_of, rows_of
from headstart.errors import DataError, MissingExtra

needs_openpyxl = pytest.mark.skipif(
    importlib.util.find_spec("openpyxl") is None, reason="openpyxl is not installed"
)


def test_without_the_library_the_extra_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "openpyxl", None)
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(MissingExtra, match=r"a\.xlsx") as caught:
        hs.check(tmp_path / "a.xlsx")
    assert "headstart[excel]" in caught.value.hint


@needs_openpyxl
def test_the_first_sheet_is_a_table(tmp_path):
    table = pd.DataFrame({"text": [f"text {n}" for n in range(12)], "label": ["a", "b"] * 6})
    table.to_excel(tmp_path / "a.xlsx", index=False)
    assert next(rows_of(tmp_path / "a.xlsx")) == ["text", "label"]
    assert notes_of(tmp_path / "a.xlsx") == []
    assert hs.check(tmp_path / "a.xlsx").examples.categories == ("a", "b")


@needs_openpyxl
def test_what_is_no_workbook_is_an_error(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(DataError, match="cannot be read as xlsx: not a workbook"):
        hs.check(tmp_path / "a.xlsx")


ROWS = [["text", "label"], *([f"text {n} of it", "ab"[n % 2]] for n in range(24))]


def book(path, **sheets):
    """Writes sheets of rows, in order."""
    from openpyxl import Workbook

    made = Workbook()
    made.remove(made.active)
    for name, rows in sheets.items():
        sheet = made.create_sheet(name)
        for row in rows:
            sheet.append(row)
    made.save(path)
    return path


@needs_openpyxl
def test_the_only_sheet_with_a_table_is_read_and_told(tmp_path):
    file = book(tmp_path / "a.xlsx", Info=[["Export of it", "2024"]], Data=ROWS)
    splits = hs.check(file)
    assert len(splits.examples) == 24
    assert [one.message for one in splits.findings] == ["only its sheet 2 was read, 'Data' of 2"]
    several = book(tmp_path / "b.xlsx", One=ROWS, Two=ROWS[:9])
    assert notes_of(several) == ["only its first sheet was read, 'One' of 2"]


@needs_openpyxl
def test_titles_above_the_header_are_left_out_and_told(tmp_path):
    shifted = [[None, *row] for row in ROWS]
    file = book(tmp_path / "a.xlsx", Data=[[], [None, "Reviews, Q3"], [], *shifted])
    splits = hs.check(file)
    assert len(splits.examples) == 24
    assert [one.message for one in splits.findings] == [
        "what stands above its header was left out: 'Reviews, Q3'"
    ]


@needs_openpyxl
@pytest.mark.parametrize(
    "rows",
    [
        [["text"], ["one of it"], ["two of it"]],
        [[None, "text"], [0, "one of it"], [1, "two of it"]],  # an index without a name
        [["text"], ["one of it", "odd"], ["two of it"]],
        [["text"], ["one of it", 5], ["two of it", 6]],
    ],
)
def test_a_header_of_one_name_is_no_title(tmp_path, rows):
    assert "text" in next(rows_of(book(tmp_path / "a.xlsx", Data=rows)))


@needs_openpyxl
def test_formulas_without_values_are_said(tmp_path):
    rows = [ROWS[0], *([row[0], '=IF(1,"a","b")'] for row in ROWS[1:])]
    file = book(tmp_path / "a.xlsx", Data=rows)
    with pytest.raises(DataError, match="the column `label` of a.xlsx holds formulas without values"):
        hs.check(file)
    assert formula_in(file, "text") is None
