"""Values are counted with what their neighbours are."""

from pathlib import Path

import numpy as np

from headstart.data.masks.counts import count, counted, ramp_of, together, written
from headstart.data.masks.files import Plane


def counts(values, **more):
    return count(Path("a.png"), Plane(np.asarray(values), **more))


def test_areas_have_insides_and_edges_lie_between():
    mask = np.zeros((10, 12), np.uint8)
    mask[:, 5], mask[:, 6:] = 100, 200
    found = counts(mask)
    assert found.values.tolist() == [0, 100, 200]
    assert found.pixels.tolist() == [50, 10, 60]
    assert found.solid.tolist() == [40, 0, 50]
    assert found.between.tolist() == [0, 10, 0]
    assert found.areas.tolist() == [1, 1, 1]
    assert found.plane.values.size == 0


def test_areas_that_touch_at_a_corner_are_one():
    mask = np.zeros((10, 10), np.uint8)
    mask[0, 0] = mask[1, 1] = mask[5, 5] = 3
    assert counts(mask).areas.tolist() == [1, 2]


def test_small_masks_have_no_insides():
    found = counts(np.zeros((7, 20), np.uint8))
    assert found.solid is None
    assert together([found]).looked.tolist() == [0]


def test_the_sums_over_masks_and_their_shares():
    total = together([counts(np.full((8, 8), 5, np.uint8)), counts(np.full((8, 24), 1, np.uint16))])
    assert total.values.tolist() == [1, 5]
    assert total.pixels.tolist() == total.looked.tolist() == [192, 64]
    assert total.shares() == {1: 0.75, 5: 0.25}
    assert written({1: 0.75, 5: 0.25}, False, 1) == "1 (75.0 %) and 1 more"
    assert written({255: 1.0}, True) == "#0000ff (100.0 %)"
    assert together([]).values.tolist() == []


def test_of_a_photograph_the_commonest_colours_are_kept():
    colours = np.arange(6400).reshape(80, 80)
    colours[0] = 7
    found = counts(colours, coloured=True)
    assert (found.different, len(found.values)) == (6321, 4096)
    assert 7 in found.values


def test_a_colour_between_two_others_is_between_them():
    ends, middle = np.array([[0xFF0000, 0x0000FF]]), np.array([[0x800080]])
    low, high = sorted(ramp_of(ends, True)[0].tolist())
    assert low < ramp_of(middle, True)[0, 0] < high


def test_what_cannot_be_read_is_left_out(tmp_path):
    (tmp_path / "a.png").write_bytes(b"text")
    assert counted([tmp_path / "a.png", tmp_path / "b.png"], tmp_path, "values") == []
