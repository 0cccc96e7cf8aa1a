"""Numbers of objects are told from classes by what comes back from picture to picture."""

from pathlib import Path

import numpy as np

from headstart.data.masks.counts import count
from headstart.data.masks.files import Plane
from headstart.data.masks.objects import MASKS, count_objects, may_count


def mask(*values, twice=()):
    """A mask with one square of each value, and a second one of some."""
    found = np.zeros((80, 80), np.uint16)
    for place, value in enumerate([*values, *twice]):
        y, x = divmod(place, 10)
        found[8 * y : 8 * y + 4, 8 * x : 8 * x + 4] = value
    return count(Path("a.png"), Plane(found))


def up_to(*counts):
    return [mask(*range(1, number + 1)) for number in counts]


def test_values_from_1_to_another_count_each_time():
    assert count_objects(up_to(3, 12, 7, 0, 1), 0)
    assert not count_objects(up_to(5, 5, 5, 5), 0), "the same classes in each picture"
    assert not count_objects(up_to(12, 3), 0), "two pictures tell nothing"
    assert not count_objects(up_to(1, 2, 3), 0), "so few objects may be classes"
    assert count_objects(up_to(1, 2, 3, 1, 2, 3, 2, 1), 0)


def test_classes_lie_in_several_areas():
    masks = [mask(*range(1, number + 1), twice=range(1, number + 1)) for number in (3, 12, 7, 9)]
    assert not count_objects(masks, 0)


def test_numbers_that_one_picture_has_only():
    assert count_objects([mask(4, 9, 11, 20), mask(31, 33, 34), mask(50, 52, 57, 58)], 0)
    assert not count_objects([mask(4, 9, 11, 20), mask(4, 9, 20), mask(9, 11, 50)], 0)


def test_what_may_be_objects_is_not_sure():
    cut = [mask(3, 7, 8), mask(1, 3, 9, 12), mask(2, 7, 8, 12, 13), mask(3, 4, 5, 8, 1, 12)]
    assert not count_objects(cut, 0)
    assert may_count(cut, 0)
    assert not may_count(up_to(3, 3, 3), 0)


def test_of_many_objects_some_may_be_hidden():
    hidden = [mask(*(one for one in range(1, number + 1) if one % 6)) for number in (20, 5, 13, 9, 30)]
    assert count_objects(hidden, 0)
    organs = [mask(*(one for one in range(1, 14) if (one * number) % 5)) for number in (1, 2, 3, 5)]
    assert not count_objects(organs, 0)


def test_255_is_not_an_object_where_it_is_the_unknown():
    assert count_objects([mask(*range(1, number + 1), 255) for number in (3, 12, 7, 1)], 0)


def test_the_option_has_three_values():
    assert MASKS.of({}) == "auto"
    assert MASKS.of({"masks": "instances"}) == "instances"
