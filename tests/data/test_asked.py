"""What a person names becomes inputs: files as before, texts from wherever they are."""

from __future__ import annotations

import io
import sys
from itertools import islice
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import dense
from headstart.data.asked import Input, files_asked, lines, texts_asked, typed
from headstart.data.images.decode import examine
from headstart.data.reading import PLAIN, Reading
from headstart.data.strings import MAX_BYTES, examine_text
from headstart.errors import DataError, MissingExtra


def texts(*given: str | Path, reading: Reading = PLAIN) -> list[Input]:
    return list(texts_asked(given, reading, "text").inputs)


def test_folders_become_their_files_sorted_and_without_hidden_ones(tmp_path):
    for name in ("b/2.png", "b/1.png", "b/c/3.png", "b/.hidden.png", "a.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    found = list(files_asked([tmp_path / "b", str(tmp_path / "a.png")], PLAIN).inputs)
    names = ["b/1.png", "b/2.png", "b/c/3.png", "a.png"]
    assert [one.source for one in found] == [tmp_path / name for name in names]
    assert [one.name for one in found] == [(tmp_path / name).as_posix() for name in names]


def test_files_that_are_not_there_or_none_at_all_are_an_error(tmp_path):
    with pytest.raises(DataError, match="nothing-here"):
        files_asked([tmp_path / "nothing-here"], PLAIN)
    for nothing in ([tmp_path], []):
        with pytest.raises(DataError, match="nothing to predict"):
            files_asked(nothing, PLAIN)
    with pytest.raises(DataError, match="no columns"):
        files_asked([tmp_path], Reading(columns={"text": "body"}))


def test_folders_behind_links_are_looked_into_where_that_is_asked(tmp_path):
    for name in ("blobs/1.png", "blobs/2.txt", "given/3.png"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("words")
    (tmp_path / "given/link").symlink_to("../blobs")
    (tmp_path / "given/ring").symlink_to(".")
    follow = Reading(options={"follow_links": "yes"})
    given = tmp_path / "given"
    names = [(given / name).as_posix() for name in ("3.png", "link/1.png", "link/2.txt")]
    assert [one.name for one in files_asked([given], PLAIN).inputs] == names[:1]
    assert [one.name for one in files_asked([given], follow).inputs] == names[:2]
    assert [one.name for one in texts(given, reading=follow)] == names[2:]


def test_films_become_their_frames_among_the_files(tmp_path):
    dense.film(tmp_path / "b" / "film.avi", frames=3)
    for name in ("b/a.png", "b/z.png"):
        (tmp_path / name).touch()
    asked = files_asked([tmp_path / "b", tmp_path / "b" / "film.avi"], PLAIN)
    film = (tmp_path / "b" / "film.avi").as_posix()
    frames = [f"{film} frame {number}" for number in (1, 2, 3)]
    names = [(tmp_path / "b" / name).as_posix() for name in ("a.png", "z.png")]
    found = list(asked.inputs)
    assert [one.name for one in found] == [names[0], *frames, names[1], *frames]
    assert all(examine(one.source) is None for one in found[1:4])
    assert asked.live is False


def test_a_film_comes_on_standard_input(tmp_path, monkeypatch):
    content = dense.film(tmp_path / "film.avi", frames=3).read_bytes()
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    asked = files_asked(["-"], PLAIN)
    assert asked.live is True
    assert [one.name for one in asked.inputs] == ["- frame 1", "- frame 2", "- frame 3"]
    with (tmp_path / "film.avi").open() as file:
        monkeypatch.setattr(sys, "stdin", file)
        assert len(list(files_asked(["-"], PLAIN).inputs)) == 3
        assert not file.closed
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO()))
    with pytest.raises(DataError, match="standard input is empty"):
        files_asked(["-"], PLAIN)
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(b"no film")))
    (one,) = files_asked(["-"], PLAIN).inputs
    assert (one.name, one.source) == ("-", b"")
    assert one.reason.startswith("not a film")


def test_without_a_decoder_a_film_is_refused_before_anything_is_read(tmp_path, monkeypatch):
    (tmp_path / "film.mp4").touch()
    monkeypatch.setattr("headstart.data.images.films.find_spec", lambda name: None)
    with pytest.raises(MissingExtra, match="PyAV"):
        files_asked([tmp_path], PLAIN)


def test_what_is_no_file_is_a_text_itself():
    long, nul = "many words " * 1000, "a\0b"
    assert texts("Who was it?", "犬", long, nul, "", "caf\udce9") == [
        Input("Who was it?", b"Who was it?"),
        Input("犬", "犬".encode()),
        Input(long, long.encode()),
        Input(nul, nul.encode()),
        Input("", b""),
        Input("caf\udce9", b"caf\xe9"),
    ]


def test_a_string_is_a_text_even_where_a_file_has_that_name(tmp_path, monkeypatch):
    (tmp_path / "secret.txt").write_text("not yours")
    monkeypatch.chdir(tmp_path)
    for name in ("secret.txt", str(tmp_path / "secret.txt"), str(tmp_path)):
        assert texts(name) == [Input(name, name.encode())]
    assert [one.source for one in texts(Path("secret.txt"))] == [Path("secret.txt")]


@pytest.mark.parametrize("name", ["typo.csv", "typo.txt"])
def test_an_argument_of_a_command_line_is_a_file_where_it_is_or_looks_like_one(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert typed(name) == Path(name)
    (tmp_path / "no suffix").touch()
    assert typed("no suffix") == Path("no suffix")
    for text in ("so dull", "what is a.csv file", "-", "", "a\0b", "many words " * 1000):
        assert typed(text) == text


def test_a_file_that_is_not_there_is_an_error_in_its_place(tmp_path):
    (tmp_path / "a.txt").write_text("one")
    assert [one.reason for one in texts("fine", tmp_path / "gone.txt", tmp_path / "a.txt")] == [
        *(None, "there is no file of this name", None)
    ]
    (tmp_path / "a.png").touch()
    asked = files_asked([tmp_path / "a.png", "gone.png", "a\0b"], PLAIN)
    assert [one.reason for one in asked.inputs] == [None, *["there is no file of this name"] * 2]
    with pytest.raises(DataError, match="no file or folder typo"):
        texts(Path("typo"))


def test_a_data_frame_is_a_table_and_not_the_names_of_its_columns(tmp_path):
    frame = pd.DataFrame({"text": ["one", None, "three"], "other": [1, 2, 3]})
    assert [(one.name, one.source, one.reason) for one in texts(frame)] == [
        ("row 1", b"one", None),
        ("row 2", b"", "no text"),
        ("row 3", b"three", None),
    ]
    with pytest.raises(DataError, match="no column `text`"):
        texts(frame.drop(columns="text"))
    pictures = pd.DataFrame({"file_name": [str(tmp_path / "gone.png")] * 2 + [str(tmp_path)]})
    (tmp_path / "a.png").touch()
    assert [one.source for one in files_asked([pictures], PLAIN).inputs][2] == tmp_path / "a.png"
    with pytest.raises(DataError, match="no column `file_name`; its columns are: other"):
        files_asked([frame[["other"]]], PLAIN)


def test_what_is_no_text_is_refused_with_what_it_is():
    with pytest.raises(DataError, match="expected a text, got int"):
        texts(3)


def test_pictures_in_memory_are_inputs():
    asked = files_asked([np.zeros((4, 5, 3), np.uint8), Image.new("L", (2, 2)), b"bytes"], PLAIN)
    found = list(asked.inputs)
    assert [one.name for one in found] == ["(array)", "(picture)", "(bytes)"]
    assert [examine(one.source) for one in found[:2]] == [None, None]
    with pytest.raises(DataError, match=r"got an array \(4, 5\) of float64"):
        files_asked([np.zeros((4, 5))], PLAIN)


def test_what_lies_about_in_folders_is_left_out_and_counted(tmp_path):
    for name in (
        "a.png",
        "Thumbs.db",
        ".ipynb_checkpoints/a-checkpoint.png",
        ".DS_Store",
        "notes.txt",
        "b.PNG",
    ):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_bytes(b"x")
    asked = files_asked([tmp_path], PLAIN)
    assert [one.source.name for one in asked.inputs] == ["a.png", "b.PNG"]
    assert asked.skipped == {"hidden": 2, ".db": 1, ".txt": 1}
    asked = texts_asked([tmp_path], PLAIN, "text")
    assert [one.source.name for one in asked.inputs] == ["notes.txt"]
    assert asked.skipped == {"hidden": 2, ".db": 1, ".png": 2}


def test_a_file_is_one_text_and_a_table_its_rows(tmp_path):
    (tmp_path / "a.txt").write_text("one\ntext")
    (tmp_path / "b.csv").write_text('text,label\n"two\nlines",x\n,y\nthree\n')
    (tmp_path / "c.jsonl").write_text('{"text": "four"}\n\n{"text": ["five"]}\n')
    pd.DataFrame({"text": ["six", None]}).to_parquet(tmp_path / "d.parquet")
    (tmp_path / "e.json").write_text("{}")
    found = [(one.name.removeprefix(f"{tmp_path}/"), one.source, one.reason) for one in texts(tmp_path)]
    assert found == [
        ("a.txt", tmp_path / "a.txt", None),
        ("b.csv row 1", b"two\nlines", None),
        ("b.csv row 2", b"", "no text"),
        ("b.csv row 3", b"", "1 cells where the header has 2"),
        ("c.jsonl line 1", b"four", None),
        ("c.jsonl line 3", b"", "text is a list, not a text"),
        ("d.parquet row 1", b"six", None),
        ("d.parquet row 2", b"", "no text"),
    ]
    (tmp_path / "e.json").write_text('[{"text": "seven"}, {"text": "eight"}]')
    assert [one.source for one in texts(tmp_path / "e.json")] == [b"seven", b"eight"]


def test_columns_are_mapped_and_missing_ones_said_before_anything_is_read(tmp_path):
    (tmp_path / "a.tsv").write_text("words\tlabel\nhello\tx\n")
    mapped = Reading(columns={"text": "words"})
    assert [one.source for one in texts(tmp_path / "a.tsv", reading=mapped)] == [b"hello"]
    with pytest.raises(DataError, match="no column `text`"):
        texts_asked(["fine", tmp_path / "a.tsv"], PLAIN, "text")


def test_a_folder_without_texts_and_nothing_at_all_are_errors(tmp_path):
    (tmp_path / "a.png").touch()
    for nothing in ([tmp_path], []):
        with pytest.raises(DataError, match="nothing to predict"):
            texts_asked(nothing, PLAIN, "text")


def test_a_table_is_read_as_a_stream(tmp_path, monkeypatch):
    from headstart.data.tables import records

    (tmp_path / "a.csv").write_text("text\n" + "word\n" * 5000)
    seen = []
    parse = records._delimited
    monkeypatch.setattr(
        records, "_delimited", lambda *given: (seen.append(row.number) or row for row in parse(*given))
    )
    found = texts_asked([tmp_path / "a.csv"], PLAIN, "text").inputs
    assert len(list(islice(found, 3))) == 3
    assert seen == [1, 2, 3]


def test_lines_of_standard_input_are_live(monkeypatch):
    stream = io.BytesIO("one\r\n\ntwo犬\nnul\0\n".encode() + b"\xff\xfe\nlast")
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(stream))
    asked = texts_asked(["-"], PLAIN, "text")
    assert asked.live
    assert [(one.name, examine_text(one.source)) for one in asked.inputs] == [
        ("one", None),
        ("line 2", "empty"),
        ("two犬", None),
        ("line 4", "holds NUL bytes"),
        ("line 5", "not UTF-8 (byte 0xff at 0)"),
        ("last", None),
    ]
    assert not texts_asked(["a text"], PLAIN, "text").live


def test_a_line_without_end_takes_no_more_memory_than_the_longest_text():
    found = list(lines(io.BytesIO(b"x" * (3 * MAX_BYTES) + b"\nafter\n")))
    assert [one.name for one in found] == ["line 1", "after"]
    assert len(found[0].source) <= MAX_BYTES + 2
    assert "longer" in str(examine_text(found[0].source))


def test_a_data_frame_may_hold_pictures_or_name_them_in_a_column_of_a_usual_name():
    pixels = np.zeros((2, 3, 3), np.uint8)
    table = pd.DataFrame({"image": [pixels, "a.png", None], "label": ["x", "y", "z"]})
    held, named, missing = files_asked([table], PLAIN).inputs
    assert examine(held.source) is None
    assert named.name == "a.png"
    assert missing.reason == "no file_name"
    with pytest.raises(DataError, match="no column `file_name`; its columns are: a"):
        files_asked([pd.DataFrame({"a": ["x"]})], PLAIN)


def test_nothing_among_pictures_is_an_error_in_its_place(tmp_path):
    Image.new("RGB", (4, 4)).save(tmp_path / "1.png")
    found = list(files_asked([tmp_path / "1.png", None], PLAIN).inputs)
    assert [one.reason for one in found] == [None, "there is nothing: expected a path or a picture"]
    with pytest.raises(DataError, match="got a dict"):
        files_asked([{"image": tmp_path / "1.png"}], PLAIN)


def test_addresses_and_patterns_are_named(tmp_path):
    (tmp_path / "a[1].png").write_text("x")
    (tmp_path / "1.png").write_text("x")
    for given, message in (("https://x.org/1.jpg", "not fetched"), (str(tmp_path / "*.png"), "not expand")):
        with pytest.raises(DataError, match=message):
            files_asked([given], PLAIN)
        found = list(files_asked([str(tmp_path / "1.png"), given], PLAIN).inputs)
        assert found[0].reason is None
        assert message in found[1].reason
    assert [one.reason for one in files_asked([tmp_path / "a[1].png"], PLAIN).inputs] == [None]
