"""Folders and tables of recordings are told from all others, and read."""

import csv
import shutil

import numpy as np
import pandas as pd
import pytest

import pictures
import sounds
from headstart import tasks
from headstart.data.sound.layouts import looks_like_a_heap, looks_like_sounds, read_sound_heap, read_sounds
from headstart.errors import DataError
from tarred import write

NAME = "audio_classification"


@pytest.fixture
def folder(tmp_path):
    return sounds.write_folder(tmp_path / "clips", per_class=2)


@pytest.fixture
def table(tmp_path, folder):
    """A metadata file beside one folder of recordings."""
    (tmp_path / "set" / "wav").mkdir(parents=True)
    names = []
    for file in sorted(folder.rglob("*.wav")):
        shutil.copy(file, tmp_path / "set" / "wav")
        names.append((f"wav/{file.name}", file.parent.name, file.name[-5]))
    with (tmp_path / "set" / "metadata.csv").open("w") as stream:
        csv.writer(stream).writerows([("file", "label", "speaker"), *names])
    return tmp_path / "set"


def test_class_folders_are_told_and_read(folder):
    assert tasks.infer(folder) == NAME
    rows = read_sounds(folder).rows
    assert sorted((row.name, row.label) for row in rows)[0] == ("high/high_000.wav", "high")
    assert len(rows) == 6


def test_a_table_beside_them_is_told_and_read_with_its_groups(table):
    assert tasks.infer(table) == tasks.infer(table / "metadata.csv") == NAME
    listing = read_sounds(table)
    assert {row.label for row in listing.rows} == set(sounds.CLASSES)
    assert len(listing.rows) == len(read_sounds(table / "metadata.csv").rows) == 6


def test_a_data_frame_of_paths_is_told(table):
    frame = pd.read_csv(table / "metadata.csv")
    frame["file_name"] = [str(table / name) for name in frame.pop("file")]
    assert tasks.infer(frame) == NAME
    assert len(read_sounds(frame).rows) == 6


def test_a_logo_changes_nothing_and_a_picture_beside_each_makes_it_doubtful(folder):
    image = pictures.picture(0, 1, np.random.default_rng(0))
    image.save(folder / "low" / "logo.png")
    assert looks_like_sounds(folder) == 2
    for file in list(folder.rglob("*.wav")):
        image.save(file.with_suffix(".png"))
    assert looks_like_sounds(folder) == 1
    with pytest.raises(DataError, match=f"fits several tasks: {NAME}, image_classification"):
        tasks.infer(folder)


def test_pictures_are_no_recordings(tmp_path):
    folder = pictures.write_folder(tmp_path / "photos", per_class=1)
    assert not looks_like_sounds(folder)
    for read in (read_sounds, read_sound_heap):
        with pytest.raises(DataError, match=r"expected recordings, but .* only \.png \(3\)"):
            read(folder)


def test_recordings_without_labels_are_a_heap(folder):
    assert looks_like_a_heap(folder)
    assert len(read_sound_heap(folder).rows) == 6
    assert not looks_like_a_heap(pd.DataFrame({"a": [1]}))


def test_archives_of_recordings_are_read_as_they_are(tmp_path, folder):
    files = []
    for number, file in enumerate(sorted(folder.rglob("*.wav"))):
        files += [(f"{number}.wav", file.read_bytes()), (f"{number}.cls", file.parent.name.encode())]
    (tmp_path / "tars").mkdir()
    write(tmp_path / "tars" / "0.tar", files)
    assert tasks.infer(tmp_path / "tars") == NAME
    rows = read_sounds(tmp_path / "tars").rows
    assert [row.label for row in rows] == [row.label for row in read_sounds(folder).rows]
    assert [row.source.read_bytes() for row in rows] == [content for _, content in files[::2]]
    assert len(read_sound_heap(tmp_path / "tars").rows) == len(rows)
