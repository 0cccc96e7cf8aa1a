"""Segmentation: what it reads."""

import pandas as pd
import pytest

from headstart.errors import DataError
from headstart.tasks.segmentation import plugin
from scenery import write_boxes, write_masks


def test_what_it_reads(tmp_path):
    assert plugin.reader.claims(write_masks(tmp_path / "masks"))
    assert not plugin.reader.claims(write_boxes(tmp_path / "boxes"))
    listing = plugin.reader.read(tmp_path / "masks")
    assert len(listing.rows) == 24
    assert plugin.answer.kind.names([row.label for row in listing.rows]) == ("blue", "ground", "red")
    with pytest.raises(DataError):
        plugin.reader.read(pd.DataFrame({"a": [1]}))
