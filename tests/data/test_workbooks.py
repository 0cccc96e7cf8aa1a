"""Excel workbooks are read where the library for them is there, else the extra is named."""

import importlib.util
import sys

import pandas as pd
import pytest

import headstart as hs
from headstart.data.workbooks import rows_of, sheets_of
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
    assert len(sheets_of(tmp_path / "a.xlsx")) == 1
    assert hs.check(tmp_path / "a.xlsx").examples.labels == ("a", "b")


@needs_openpyxl
def test_what_is_no_workbook_is_an_error(tmp_path):
    (tmp_path / "a.xlsx").write_bytes(b"PK")
    with pytest.raises(DataError, match="cannot be read as xlsx: not a workbook"):
        hs.check(tmp_path / "a.xlsx")
