"""Texts in every layout become the same rows; what cannot be used is listed, and nothing else is text."""

import contextlib
import csv
import random

import pandas as pd
import pytest

from headstart.data.reading import Reading
from headstart.data.texts.layouts import examine_text, looks_like_texts, read_text_heap, read_texts
from headstart.errors import DataError

TABLE = pd.DataFrame({"text": ["one", "two, 2", "drei\nvier"], "label": ["a", "b", "a"]})


def facts(listing):
    return [(row.name, row.source, row.label, row.split) for row in listing.rows]


def reasons(listing):
    return {item.file: item.reason for item in listing.dropped}


def test_a_table_gives_its_texts_as_bytes(tmp_path):
    TABLE.to_csv(tmp_path / "data.csv", index=False)
    TABLE.to_json(tmp_path / "data.jsonl", orient="records", lines=True)
    assert facts(read_texts(tmp_path / "data.csv")) == [
        ("data.csv row 1", b"one", "a", None),
        ("data.csv row 2", b"two, 2", "b", None),
        ("data.csv row 3", b"drei\nvier", "a", None),
    ]
    assert facts(read_texts(tmp_path / "data.jsonl"))[2] == ("data.jsonl line 3", b"drei\nvier", "a", None)
    assert facts(read_texts(TABLE))[0] == ("row 1", b"one", "a", None)


def test_columns_are_mapped_split_and_grouped():
    table = pd.DataFrame({"body": ["x", "y"], "topic": [1, 2], "split": ["dev", "TEST"], "who": ["p", None]})
    listing = read_texts(table, Reading("who", {"text": "body", "label": "topic"}))
    assert [(row.source, row.label, row.split, row.group) for row in listing.rows] == [
        (b"x", "1", "validation", "p"), (b"y", "2", "test", None),
    ]  # fmt: skip


def test_a_missing_column_names_those_that_are_there_and_says_how_to_map(tmp_path):
    (tmp_path / "data.csv").write_text("How far is it?,NUM\nWho is he?,HUM\n")
    with pytest.raises(
        DataError, match=r"has no column `text`; its columns are: How far is it\?, NUM"
    ) as caught:
        read_texts(tmp_path / "data.csv")
    assert "--columns text=NAME,label=NAME" in caught.value.hint
    assert "header" in caught.value.hint


def test_a_column_twice_is_an_error_only_where_it_is_read(tmp_path):
    (tmp_path / "a.csv").write_text("id,id,text,label\n1,2,x,a\n")
    assert len(read_texts(tmp_path / "a.csv").rows) == 1
    (tmp_path / "a.csv").write_text("text,text,label\n1,2,a\n")
    with pytest.raises(DataError, match="a.csv has the column `text` more than once") as caught:
        read_texts(tmp_path / "a.csv")
    assert caught.value.hint


def test_files_named_like_splits_are_splits_and_others_no_data(tmp_path):
    for name in ("train.csv", "dev.csv", "test.csv"):
        TABLE.to_csv(tmp_path / name, index=False)
    (tmp_path / "labels.txt").write_text("a\nb\n")
    (tmp_path / "SOURCE.json").write_text("{}")
    (tmp_path / "other.csv").write_text("x,y\n")
    listing = read_texts(tmp_path)
    assert [row.split for row in listing.rows] == ["validation"] * 3 + ["test"] * 3 + ["train"] * 3
    assert listing.rows[0].name == "dev.csv row 1"
    assert listing.dropped == ()


def test_a_folder_of_one_table_is_that_table(tmp_path):
    TABLE.assign(split=["train", "val", "test"]).to_parquet(tmp_path / "reviews.parquet")
    assert [row.split for row in read_texts(tmp_path).rows] == ["train", "validation", "test"]
    assert looks_like_texts(tmp_path)


def test_class_folders_of_text_files(tmp_path):
    for split in ("train", "test"):
        for label in ("ham", "spam"):
            (tmp_path / split / label).mkdir(parents=True)
            (tmp_path / split / label / "1.txt").write_text(f"{split} {label}")
    listing = read_texts(tmp_path)
    assert [(row.name, row.label, row.split) for row in listing.rows] == [
        ("test/ham/1.txt", "ham", "test"), ("test/spam/1.txt", "spam", "test"),
        ("train/ham/1.txt", "ham", "train"), ("train/spam/1.txt", "spam", "train"),
    ]  # fmt: skip
    assert listing.rows[0].source == tmp_path / "test/ham/1.txt"
    assert [row.split for row in read_texts(tmp_path / "train").rows] == [None, None]


def test_what_is_no_text_data_is_refused(tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a/1.png").write_bytes(b"x")
    with pytest.raises(DataError, match=r"expected texts, but .* holds none: only \.png") as caught:
        read_texts(tmp_path)
    assert "text and label" in caught.value.hint
    with pytest.raises(DataError, match=r"expected a table .*, but got `1\.png`"):
        read_texts(tmp_path / "a/1.png")
    with pytest.raises(DataError, match=r"expected texts, but .* holds none: only \.png") as caught:
        read_text_heap(tmp_path)
    assert "one text a line" in caught.value.hint


def test_labels_are_names_whatever_their_type(tmp_path):
    for labels, wanted in (
        ([1, 2, None], ["1", "2"]),
        ([1.0, 2, 1], ["1", "2", "1"]),
        ([0.5, 1.0, 2], ["0.5", "1.0", "2.0"]),
    ):
        listing = read_texts(
            pd.DataFrame({"text": ["x", "y", "z"], "label": pd.Series(labels, dtype=object)})
        )
        assert [row.label for row in listing.rows] == wanted
    (tmp_path / "a.jsonl").write_text(f'{{"text": "x", "label": {10**400}}}\n{{"text": "y", "label": 0.5}}\n')
    assert [row.label for row in read_texts(tmp_path / "a.jsonl").rows] == [str(10**400), "0.5"]
    assert reasons(read_texts(TABLE.assign(label=["a", None, " "]))) == {
        "row 2": "no label",
        "row 3": "no label",
    }


def test_rows_that_cannot_be_used_are_dropped_and_the_rest_is_not(tmp_path):
    (tmp_path / "a.csv").write_bytes(
        b"text,label\nfine,a\n\xff bad,a\nNUL \x00,a\n,a\nx,\nbad label,\xfe\ny,a,extra\n\xe2\x9c\x94,b\n"
    )
    listing = read_texts(tmp_path / "a.csv")
    usable = [row.name for row in listing.rows if examine_text(row.source) is None]
    assert usable == ["a.csv row 1", "a.csv row 8"]
    assert {row.name: examine_text(row.source) for row in listing.rows if row.name not in usable} == {
        "a.csv row 2": "not UTF-8 (byte 0xff at 0)",
        "a.csv row 3": "holds NUL bytes",
    }
    assert reasons(listing) == {
        "a.csv row 4": "no text",
        "a.csv row 5": "no label",
        "a.csv row 6": "label: not UTF-8 (byte 0xfe at 0)",
        "a.csv row 7": "3 cells where the header has 2",
    }
    listing = read_texts(pd.DataFrame({"text": [["a", "b"], {"a": 1}, 5], "label": ["a", "b", "c"]}))
    assert facts(listing) == [("row 3", b"5", "c", None)]
    assert reasons(listing)["row 1"] == "text is a list, not a text"


def test_every_row_of_hostile_tables_is_read_or_dropped(tmp_path):
    draws = random.Random(0)
    bits = ["a", " ", '"', ",", "\n", "\r", "\t", "\0", "😀", "ש", "\ufeff", "\u2028", "é", ""]
    for number in range(30):
        texts = ["".join(draws.choices(bits, k=draws.randint(0, 40))) for _ in range(50)]
        table = list(zip(texts, draws.choices(["a", "b", ""], k=50), strict=True))
        with (tmp_path / f"{number}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream, quoting=csv.QUOTE_ALL).writerows([("text", "label"), *table])
        listing = read_texts(tmp_path / f"{number}.csv")
        assert len(listing.rows) + len(listing.dropped) == 50
        expected = [(text.encode(), label) for text, label in table if text.strip() and label]
        assert [(row.source, row.label) for row in listing.rows] == expected


def test_noise_is_an_error_or_rows_but_never_a_crash(tmp_path):
    draws = random.Random(1)
    for number in range(60):
        path = tmp_path / f"{number}{draws.choice(['.csv', '.jsonl', '.tsv', '.parquet'])}"
        path.write_bytes(
            draws.choice([b"", b"text,label\n", b'{"text": 1, "label": 2}\n']) + draws.randbytes(300)
        )
        with contextlib.suppress(DataError):
            read_texts(path)
        looks_like_texts(path)


def test_a_heap_is_one_text_a_line_or_a_column(tmp_path):
    (tmp_path / "corpus.txt").write_bytes(b"one\r\n\n two\nlast")
    TABLE[["text"]].to_csv(tmp_path / "more.csv", index=False)
    (tmp_path / "README.txt").write_text("about")
    (tmp_path / "test").mkdir()
    (tmp_path / "test/held.txt").write_text("held out\n")
    listing = read_text_heap(tmp_path)
    assert facts(listing)[:3] == [
        ("corpus.txt line 1", b"one", "", None),
        ("corpus.txt line 3", b" two", "", None),
        ("corpus.txt line 4", b"last", "", None),
    ]
    assert [row.name for row in listing.rows if row.split == "test"] == ["test/held.txt line 1"]
    assert len(listing.rows) == 7
    assert reasons(listing) == {"corpus.txt": "1 empty line"}
    assert len(read_text_heap(tmp_path / "corpus.txt").rows) == 3
    assert len(read_text_heap(TABLE).rows) == 3


def test_a_heap_takes_the_tables_of_the_splits_where_there_are_some(tmp_path):
    TABLE.to_csv(tmp_path / "train.csv", index=False)
    (tmp_path / "words.txt").write_text("a\n")
    assert [row.name for row in read_text_heap(tmp_path).rows] == [f"train.csv row {n}" for n in (1, 2, 3)]


def test_a_link_out_of_the_folder_is_not_followed(tmp_path):
    (tmp_path / "data").mkdir()
    (tmp_path / "secret.txt").write_text("secret\n")
    TABLE.to_csv(tmp_path / "secret.csv", index=False)
    (tmp_path / "data/a.txt").symlink_to(tmp_path / "secret.txt")
    (tmp_path / "data/train.csv").symlink_to(tmp_path / "secret.csv")
    listing = read_text_heap(tmp_path / "data")
    assert listing.rows == ()
    assert set(reasons(listing).values()) == {"leads outside the data folder"}


def test_images_with_metadata_do_not_look_like_texts(image_folder):
    root = image_folder(per_class=2)
    assert not looks_like_texts(root)
    pd.DataFrame({"file_name": ["circle/circle_000.png"], "label": ["a"]}).to_csv(root / "metadata.csv")
    assert not looks_like_texts(root)
    assert not looks_like_texts(root, Reading(columns={"label": "kind"}))
    assert not looks_like_texts(pd.DataFrame({"file_name": [], "label": []}))


def test_what_looks_like_texts_is_what_can_be_read(tmp_path):
    assert looks_like_texts(TABLE)
    assert looks_like_texts(TABLE.rename(columns={"text": "body"}))
    assert not looks_like_texts(TABLE.rename(columns={"text": "words"}))
    assert looks_like_texts(TABLE.rename(columns={"text": "body"}), Reading(columns={"text": "body"}))
    assert not looks_like_texts(TABLE, Reading(columns={"source": "text", "target": "label"}))
    assert not looks_like_texts(tmp_path)
    (tmp_path / "labels").mkdir()
    (tmp_path / "labels/1.txt").write_text("0 0.5 0.5 1 1")
    assert looks_like_texts(tmp_path)
    (tmp_path / "images").mkdir()
    (tmp_path / "images/1.jpg").touch()
    assert not looks_like_texts(tmp_path), "boxes beside images"


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "counts"),
    [("trec6", (5452, 0, 500)), ("sst2", (6920, 872, 1821)), ("banking77", (10003, 0, 3080))],
)
def test_real_texts_are_read_whole(shared, name, counts):
    root = shared / "data/text_classification" / name
    listing = read_texts(root)
    assert (
        tuple(sum(row.split == split for row in listing.rows) for split in ("train", "validation", "test"))
        == counts
    )
    assert listing.dropped == ()
    assert looks_like_texts(root)
    assert {row.label for row in listing.rows} == set((root / "labels.txt").read_text().split())
