"""Pictures that tables name: where the tables may lie, and which data are theirs."""

import pandas as pd
import pytest

from headstart.data.picture_tables import FILES, PictureTables, Said
from headstart.data.tables.numbers import numbers
from headstart.data.tables.rows import has_columns
from headstart.errors import DataError
from pictures import write_folder


def says(table, reading):
    return Said(reading, numbers) if has_columns(table, (FILES, "value"), reading) else None


TABLES = PictureTables("value", says, "a table with the columns file_name and value")


@pytest.fixture
def photos(tmp_path):
    """Six pictures in one folder, and their numbers."""
    made = sorted(write_folder(tmp_path / "made", per_class=2).rglob("*.png"))
    (tmp_path / "photos").mkdir()
    return {path.rename(tmp_path / "photos" / path.name).name: n for n, path in enumerate(made)}


def table(values, folder=""):
    return pd.DataFrame({"file_name": [folder + name for name in values], "value": values.values()})


def labels(listing):
    return sorted(float(row.label) for row in listing.rows)


def test_a_table_beside_the_pictures(photos, tmp_path):
    table(photos).to_csv(tmp_path / "photos" / "metadata.csv", index=False)
    assert TABLES.claims(tmp_path / "photos") == 2
    assert labels(TABLES.read(tmp_path / "photos")) == [0, 1, 2, 3, 4, 5]


def test_a_table_above_the_pictures_or_alone_or_in_memory(photos, tmp_path):
    file = tmp_path / "ages.csv"
    table(photos, "photos/").to_csv(file, index=False)
    for data in (tmp_path, file, table(photos, f"{tmp_path}/photos/")):
        assert TABLES.claims(data) == 2
        assert labels(TABLES.read(data)) == [0, 1, 2, 3, 4, 5]


def test_split_folders_each_with_its_table(photos, tmp_path):
    for split, names in (("train", list(photos)[:4]), ("test", list(photos)[4:])):
        (tmp_path / "sets" / split).mkdir(parents=True)
        for name in names:
            (tmp_path / "photos" / name).rename(tmp_path / "sets" / split / name)
        some = {name: photos[name] for name in names}
        table(some).to_csv(tmp_path / "sets" / split / "metadata.csv", index=False)
    assert TABLES.claims(tmp_path / "sets") == 2
    splits = {row.name: row.split for row in TABLES.read(tmp_path / "sets").rows}
    assert sorted(splits.values()) == ["test"] * 2 + ["train"] * 4
    assert all(name.startswith(split) for name, split in splits.items())


def test_where_there_is_a_label_too_it_is_no_surer_than_classes(photos, tmp_path):
    both = table(photos, f"{tmp_path}/photos/").assign(label=list("ababab"))
    assert TABLES.claims(both) == 1


def test_what_is_not_theirs(photos, tmp_path):
    assert TABLES.claims(tmp_path / "photos") == 0
    assert TABLES.claims(next((tmp_path / "photos").iterdir())) == 0
    assert TABLES.claims(table({"gone.png": 1})) == 0, "no such picture"
    with pytest.raises(DataError, match="expected a table that names pictures") as caught:
        TABLES.read(tmp_path / "photos")
    assert "file_name and value" in caught.value.hint
    with pytest.raises(DataError, match="expected a table"):
        TABLES.read(next((tmp_path / "photos").iterdir()))


def test_answers_are_read_alike_in_all_splits_and_other_tables_are_told(photos, tmp_path):
    asked = []

    def once(table, reading):
        asked.append(table)
        return says(table, reading)

    table(dict(list(photos.items())[:4]), "photos/").to_csv(tmp_path / "train.csv", index=False)
    table(dict(list(photos.items())[4:5]), "photos/").to_csv(tmp_path / "test.csv", index=False)
    table(dict(list(photos.items())[5:]), "photos/").to_csv(tmp_path / "val.csv", index=False)
    (tmp_path / "other.csv").write_text("a,b\n1,2\n")
    listing = PictureTables("value", once, "a table").read(tmp_path)
    assert [one.name for one in asked] == ["train.csv"]
    assert len(listing.rows) == 6
    (told,) = [one for one in listing.findings if one.kind == "not_read"]
    assert "other.csv" in told.message


def test_a_cell_that_is_no_number_is_left_out_and_said(photos, tmp_path):
    odd = {**photos, next(iter(photos)): "many"}
    table(odd).to_csv(tmp_path / "photos" / "metadata.csv", index=False)
    listing = TABLES.read(tmp_path / "photos")
    assert len(listing.rows) == 5
    assert [one.reason for one in listing.dropped] == ["value: 'many' is not a number"]


def test_pictures_that_no_row_names_are_left_out_and_said_once(photos, tmp_path):
    some = dict(list(photos.items())[:4])
    odd = {**some, next(iter(some)): "many"}
    table(odd).to_csv(tmp_path / "photos" / "metadata.csv", index=False)
    listing = TABLES.read(tmp_path / "photos")
    reasons = {one.file: one.reason for one in listing.dropped}
    assert len(listing.dropped) == len(reasons) == 3
    assert (
        sorted(reason for reason in reasons.values() if "no row" in reason)
        == ["no row of a table names it"] * 2
    )
    assert TABLES.read(tmp_path / "photos" / "metadata.csv").dropped[0].file == next(iter(some))
