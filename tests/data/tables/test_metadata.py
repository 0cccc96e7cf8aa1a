"""One metadata file a folder."""

import pytest

from headstart.data.tables.metadata import metadata_of
from headstart.errors import DataError


def test_the_file_of_a_folder(tmp_path):
    assert metadata_of(tmp_path) is None
    (tmp_path / "metadata.jsonl").touch()
    assert metadata_of(tmp_path) == tmp_path / "metadata.jsonl"
    (tmp_path / "metadata.csv").touch()
    with pytest.raises(DataError, match=r"found metadata\.csv, metadata\.jsonl"):
        metadata_of(tmp_path)
