"""Object detection: what it reads."""

import pandas as pd
import pytest

from headstart.errors import DataError
from headstart.tasks.object_detection import plugin
from scenery import write_boxes, write_masks


def test_what_it_reads(tmp_path):
    folder = write_boxes(tmp_path / "boxes")
    assert plugin.reader.claims(folder)
    assert not plugin.reader.claims(write_masks(tmp_path / "masks"))
    listing = plugin.reader.read(folder)
    assert len(listing.rows) == 24
    assert plugin.answer.kind.names([row.label for row in listing.rows]) == ("blue", "red")
    with pytest.raises(DataError):
        plugin.reader.read(pd.DataFrame({"a": [1]}))
