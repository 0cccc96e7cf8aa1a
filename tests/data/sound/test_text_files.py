"""Small text files beside recordings."""

import pytest

from headstart.data.sound.text_files import lines
from headstart.errors import DataError


def test_lines_of_either_encoding(tmp_path):
    (tmp_path / "a.txt").write_bytes("\ufeffgrün\nrot".encode())
    (tmp_path / "b.txt").write_bytes("grün".encode("latin-1"))
    assert lines(tmp_path / "a.txt", tmp_path) == ["grün", "rot"]
    assert lines(tmp_path / "b.txt", tmp_path) == ["grün"]


def test_nothing_outside_the_folder_is_read(tmp_path):
    (tmp_path / "secret.txt").write_text("no")
    (tmp_path / "data").mkdir()
    (tmp_path / "data" / "a.txt").symlink_to(tmp_path / "secret.txt")
    with pytest.raises(DataError, match="outside"):
        lines(tmp_path / "data" / "a.txt", tmp_path / "data")
