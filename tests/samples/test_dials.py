"""A needle points where the number says."""

from __future__ import annotations

import csv

import numpy as np
import pytest

from headstart.samples import dials


@pytest.mark.parametrize(("value", "side"), [(0.5, (-1, 1)), (5.0, (0, -1)), (9.5, (1, 1))])
def test_the_needle_is_on_its_side(value, side):
    pixels = np.asarray(dials.dial(value, np.random.default_rng(0)), float)
    red = (pixels[:, :, 0] > 140) & (pixels[:, :, 1] < 90)
    y, x = (np.flatnonzero(red.any(axis)).mean() - dials.SIDE / 2 for axis in (1, 0))
    for found, wanted in ((x, side[0]), (y, side[1])):
        assert abs(found) < 3 if wanted == 0 else np.sign(found) == wanted


def test_each_picture_has_its_number(tmp_path):
    dials.write(tmp_path, 0)
    with (tmp_path / "metadata.csv").open(newline="") as stream:
        rows = list(csv.DictReader(stream))
    assert {row["file_name"] for row in rows} == {path.name for path in tmp_path.glob("*.png")}
    assert all(0 <= float(row["value"]) <= 10 for row in rows)
