"""What a person names becomes inputs: files as before, texts from wherever they are."""

from __future__ import annotations

import io
import sys
from itertools import islice
from pathlib import Path

import pandas as pd
import pytest

import dense
from headstart.data.asked import Input, files_asked, lines, texts_asked
from headstart.data.images import examine
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
    monkeypatch.setattr("headstart.data.films.find_spec", lambda name: None)
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


@pytest.mark.parametrize("name", ["typo.csv", "typo.txt", Path("typo")])
def test_the_name_of_a_file_that_is_not_there_is_no_text(name):
    with pytest.raises(DataError, match="no file or folder typo"):
        texts("fine", name)


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
    assert [one.source for one in texts(tmp_path / "e.json")] == [tmp_path / "e.json"]


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
    from headstart.data import records

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
