"""MovieLens' tables without a header."""

import pytest

from headstart.data.ratings.layouts import table_of
from headstart.data.ratings.movielens import is_movielens, read
from headstart.data.ratings.tables import interactions
from headstart.data.reading import PLAIN
from headstart.errors import DataError


@pytest.mark.parametrize(("name", "between"), [("u.data", "\t"), ("ratings.dat", "::")])
def test_a_file_or_its_folder_is_a_table_of_interactions(tmp_path, name, between):
    rows = [("1", "007", "5", "881250949"), ("2", "007", "3", "881250950")]
    (tmp_path / name).write_text("".join(between.join(row) + "\n" for row in rows))
    (tmp_path / "README").write_text("about it")
    for data in (tmp_path / name, tmp_path):
        found = interactions(table_of(data), PLAIN)
        assert found.users == ("1", "2")
        assert found.items == ("007",)
        assert found.when.tolist() == [881250949, 881250950]
        assert any(one.message.startswith(f"{name}: ratings from 3 to 5") for one in found.findings)


def test_a_file_that_changed_is_read_again(tmp_path):
    file = tmp_path / "u.data"
    file.write_text("1\t2\t3\t4\n")
    assert len(read(file)) == 1
    file.write_text("1\t2\t3\t4\n5\t6\t3\t4\n")
    assert len(read(file)) == 2


def test_other_names_are_no_movielens_and_other_lines_are_named(tmp_path):
    assert not is_movielens(tmp_path / "my.data")
    file = tmp_path / "u.data"
    file.write_text("1\t2\t3\t4\n1\t2\n")
    with pytest.raises(DataError, match=r"line 2 of u\.data has 2 cells"):
        read(file)
