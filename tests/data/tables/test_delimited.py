"""CSV files with other separators and letters are read, and what was found out is a note."""

import pytest

from headstart.data.tables.delimited import notes, rows_of


@pytest.mark.parametrize(
    ("separator", "said"), [(";", "semicolons"), ("\t", "tabs"), ("|", "bars"), (",", "")]
)
def test_what_separates_cells_is_found_out(tmp_path, separator, said):
    path = tmp_path / "a.csv"
    path.write_text(f'text{separator}label\n"one{separator} two"{separator}a\nthree{separator}b\n')
    assert list(rows_of(path, ".csv")) == [["text", "label"], [f"one{separator} two", "a"], ["three", "b"]]
    assert notes(path, ".csv") == ([f"its cells are separated by {said}"] if said else [])


def test_commas_in_texts_do_not_matter_where_semicolons_separate(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text("text;label\nwell, yes;a\nno, no, no;b\n")
    assert list(rows_of(path, ".csv"))[1] == ["well, yes", "a"]


@pytest.mark.parametrize(
    "content", ["text\na;b\nc|d\n", "text,the;label\na,b\nc,d\n", "a|b,c\n1,2\n3,4\n", ""]
)
def test_commas_are_taken_where_they_do(tmp_path, content):
    path = tmp_path / "a.csv"
    path.write_text(content)
    assert list(rows_of(path, ".csv")) == [line.split(",") for line in content.splitlines()]
    assert notes(path, ".csv") == []


def test_the_first_line_of_a_spreadsheet_says_the_separator(tmp_path):
    (tmp_path / "a.csv").write_text('sep=;\ntext;label\nx;a\n"open;b\n')
    assert list(rows_of(tmp_path / "a.csv", ".csv")) == [
        ["text", "label"],
        ["x", "a"],
        "a quote is not closed; all is lost from line 4 to 4",
    ]


def test_letters_of_windows_are_read_and_said(tmp_path):
    (tmp_path / "a.csv").write_bytes("text,label\nun café noir,a\n“naïve”,b\n".encode("cp1252"))
    assert list(rows_of(tmp_path / "a.csv", ".csv"))[1:] == [["un café noir", "a"], ["“naïve”", "b"]]
    assert notes(tmp_path / "a.csv", ".csv") == ["it is not UTF-8 and was read as Windows-1252"]
