"""Copies of the examples, one folder for each cluster."""

from pathlib import Path

import numpy as np
import pytest

from headstart.errors import RunError, SettingsError
from headstart.exploration import folders
from headstart.targets import of_one_kind
from headstart.tasks.modalities.pictures import Pictures
from headstart.tasks.modalities.texts import Texts
from headstart.types import Examples

NAMES = ("cluster 1", "cluster 2")


def examples(sources):
    names = tuple(str(one) if isinstance(one, Path) else f"t.csv row {n}" for n, one in enumerate(sources))
    return Examples(names, tuple(sources), ("0" * 64,) * len(sources), of_one_kind([""] * len(sources)))


def test_files_are_copied_and_none_is_lost(tmp_path):
    """Two files of one name, one of them called as the second would be."""
    sources = []
    for place, name in (("a", "x.png"), ("b", "x.png"), ("c", "x-2.png"), ("d", "X.PNG")):
        (tmp_path / place).mkdir()
        sources.append(tmp_path / place / name)
        sources[-1].write_text(place)
    folders.write(tmp_path / "out", examples(sources), np.array([0, 0, 0, 0]), NAMES, Pictures())
    assert sorted(one.read_text() for one in (tmp_path / "out" / "cluster-1").iterdir()) == [*"abcd"]
    assert [*(tmp_path / "out" / "cluster-2").iterdir()] == []
    assert [one.read_text() for one in sources] == [*"abcd"]


def test_texts_of_tables_become_files(tmp_path):
    folders.write(tmp_path / "out", examples([b"one\n  line", b"two"]), np.array([0, 1]), NAMES, Texts())
    assert (tmp_path / "out" / "cluster-1" / "t.csv-row-0.txt").read_text() == "one\n  line"
    assert (tmp_path / "out" / "cluster-2" / "t.csv-row-1.txt").read_text() == "two"


def test_what_is_no_file_is_refused(tmp_path):
    import io

    from PIL import Image

    held = io.BytesIO()
    Image.new("RGB", (8, 8)).save(held, "PNG")
    with pytest.raises(SettingsError, match="no files that could be copied"):
        folders.require(examples([held.getvalue()]), Pictures())


def test_a_place_that_cannot_be_written_is_an_error(tmp_path):
    (tmp_path / "x.png").write_text("x")
    (tmp_path / "out").write_text("a file")
    with pytest.raises(RunError, match="cannot be written"):
        folders.write(tmp_path / "out", examples([tmp_path / "x.png"]), np.array([0]), NAMES, Pictures())
