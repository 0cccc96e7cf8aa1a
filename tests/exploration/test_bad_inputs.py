"""Heaps as people bring them: each ends in an answer, or in an error that says what to do."""

import shutil

import numpy as np
import pandas as pd
import pytest
from PIL import Image, PngImagePlugin

import headstart as hs
import languages
import serial
from headstart.errors import DataError, HeadstartError, SettingsError
from pictures import picture, write_folder


@pytest.fixture
def look(tmp_path, tiny_base):
    """Explores some data, without the proof."""

    def looking(data, base=str(tiny_base), **options):
        return hs.explore(data, base=base, out=tmp_path / "run", **{"proof": "no", **options}).found

    return looking


@pytest.fixture
def of_texts(tmp_path):
    """The name of a small base for texts."""
    return str(languages.write(tmp_path / "bert", "bert")[0])


def one(seed=0):
    return picture(0, 3, np.random.default_rng(seed))


def told_apart_by_a_note(folder, pictures):
    """Files of other bytes, whatever their pixels are."""
    folder.mkdir()
    for number, image in enumerate(pictures):
        note = PngImagePlugin.PngInfo()
        note.add_text("number", str(number))
        image.save(folder / f"{number}.png", pnginfo=note)
    return folder


def empty(home):
    return home


def missing(home):
    return home / "nowhere"


def one_file(home):
    one().save(home / "a.png")
    return home


def two_files(home):
    one().save(home / "a.png")
    one(1).save(home / "b.png")
    return home


def copies(home):
    one_file(home)
    for number in range(20):
        shutil.copy(home / "a.png", home / f"{number}.png")
    return home


def broken(home):
    for number in range(5):
        (home / f"{number}.png").write_bytes(b"\x89PNG")
    return home


def a_picture_alone(home):
    return one_file(home) / "a.png"


def no_rows(home):
    (home / "texts.csv").write_text("text\n")
    return home / "texts.csv"


def blank_rows(home):
    (home / "texts.csv").write_text('text\n""\n""\nhello\n')
    return home / "texts.csv"


def numbers_only(home):
    (home / "texts.csv").write_text("a,b\n1,2\n3,4\n5,6\n")
    return home / "texts.csv"


def nothing(home):
    return None


def strings(home):
    return ["one", "two", "three"]


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (empty, "holds no files"),
        (missing, "does not exist"),
        (one_file, "at least two different"),
        (two_files, "at least 3 different"),
        (copies, "same content as"),
        (broken, "at least two different"),
        (a_picture_alone, "no task fits"),
        (no_rows, "at least two different"),
        (blank_rows, "no text"),
        (numbers_only, "all of them numbers"),
        (nothing, "got nothing"),
        (strings, "rows as dicts"),
    ],
)
def test_nothing_to_explore_is_an_error_with_a_hint(data, said, look, tmp_path):
    home = tmp_path / "heap"
    home.mkdir()
    with pytest.raises(DataError, match=said) as caught:
        look(data(home))
    assert caught.value.hint
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"base": "builtin/series-s"}, "a base for series"),
        ({"base": "builtin/vision-x"}, "no base called"),
        ({"task": "clustering"}, "no task called"),
        ({"cluster": 3}, "no keyword or option"),
        ({"clusters": -3}, "whole number"),
        ({"labels": "colour"}, "colour"),
        ({"folders": "photos"}, "holds something"),
    ],
)
def test_what_cannot_be_is_refused(options, said, look, tmp_path):
    data = write_folder(tmp_path / "photos", per_class=2)
    if "folders" in options:
        options = {"folders": data}
    with pytest.raises(HeadstartError, match=said) as caught:
        look(data, **options)
    assert caught.value.hint


def test_examples_that_a_base_cannot_tell_apart_are_one_group(look, tmp_path):
    data = told_apart_by_a_note(tmp_path / "photos", [one()] * 24)
    told = look(data, proof="yes")
    assert told.sentence == "no clear groups in 24 examples: all are in one"
    assert (told.map.method, told.lonely) == ("pca", ())
    assert told.proof.call == "undecided"
    assert len(told.first) == 24


def test_no_more_clusters_are_shown_than_there_are_different_examples(look, tmp_path):
    data = told_apart_by_a_note(tmp_path / "photos", [one(), one(1)] * 12)
    told = look(data)
    assert [number.clusters for number in told.numbers] == [2]
    assert told.sentence == "2 clusters of 24 examples"


def test_the_broken_half_is_listed_and_the_rest_explored(look, tmp_path):
    data = write_folder(tmp_path / "photos", per_class=8)
    for file in sorted(data.rglob("*.png"))[::2]:
        file.write_bytes(file.read_bytes()[:60])
    told = look(data)
    assert (told.examples, told.dropped.count) == (12, 12)
    assert {item.reason for item in told.dropped.items} == {"truncated or damaged"}


def test_of_mixed_kinds_the_commonest_is_read_and_the_rest_counted(look, tmp_path):
    data = write_folder(tmp_path / "photos", per_class=4)
    for number in range(3):
        (data / f"{number}.txt").write_text(f"note {number}")
    told = look(data)
    assert told.examples == 12
    assert "3 files of other kinds were not looked at" in [one.message for one in told.findings]


def test_pictures_of_one_colour_and_of_odd_sizes(look, tmp_path):
    data = write_folder(tmp_path / "photos", per_class=2)
    for grey in range(0, 250, 12):
        Image.new("RGB", (32, 32), (grey,) * 3).save(data / f"{grey}.png")
    Image.new("RGB", (1, 1), "red").save(data / "tiny.png")
    Image.new("RGB", (3000, 3), "red").save(data / "long.png")
    Image.new("RGBA", (40, 40), (1, 2, 3, 0)).save(data / "clear.png")
    assert look(data).examples == 30


def test_labels_that_are_all_different_or_all_the_same(look, of_texts):
    texts = pd.DataFrame({"text": [f"the word {n}" for n in range(30)]})
    many = texts.assign(label=[f"l{n}" for n in range(30)])
    told = look(many, base=of_texts, labels="label", clusters=2)
    assert told.agreement.labels == 30
    with pytest.raises(DataError, match="no two labels"):
        look(texts.assign(label="same"), base=of_texts, labels="label")


def test_texts_of_unknown_words_and_missing_ones(look, of_texts):
    rows = pd.DataFrame({"text": [*(f"xqzz{n}kk" for n in range(25)), None, "", " "]})
    told = look(rows, base=of_texts, proof="yes")
    assert (told.examples, told.dropped.count) == (25, 3)
    assert told.how == "none"


def test_series_that_never_change(look, tmp_path):
    table = serial.long_table(5, 60)
    table[table.columns[-1]] = 5.0
    table.to_csv(tmp_path / "sales.csv", index=False)
    assert look(tmp_path / "sales.csv", base=()).how == "none"


def test_labels_are_refused_where_examples_have_none(look, tmp_path):
    serial.long_table(5, 60).to_csv(tmp_path / "sales.csv", index=False)
    with pytest.raises(SettingsError, match="no labels to compare"):
        look(tmp_path / "sales.csv", base=(), labels="label")


@pytest.mark.parametrize("clusters", ["1", "24", "hdbscan"])
def test_any_number_of_clusters_up_to_all(clusters, look, tmp_path):
    told = look(write_folder(tmp_path / "photos", per_class=8), clusters=clusters)
    assert sum(group.size for group in told.groups) == 24
    assert ("not clear" in told.sentence) == (len(told.groups) > 1)
