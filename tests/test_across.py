from __future__ import annotations

import pytest

from headstart.across import Across, Rate, Sides
from headstart.plain import Unfit, plain, read
from headstart.types import Interval
from test_domains import outcome


def test_a_record_comes_back_from_what_json_holds():
    told = outcome()
    assert read(Across, plain(told)) == told


def test_without_labels_there_is_no_rate():
    told = plain(outcome())
    assert [arm["target"] for arm in told["arms"]] == [None, None]
    assert told["verdict"]["delta"] is None
    with pytest.raises(Unfit, match="verdict"):
        read(Across, {name: value for name, value in told.items() if name != "verdict"})


def test_places_and_rates_are_pairs_of_numbers():
    sides = Sides((), (), (), ((0.0, 1.0),), ((2.0, 3.0),))
    assert read(Sides, plain(sides)) == sides
    assert plain(Rate(0.5, Interval(0.4, 0.6))) == {"value": 0.5, "interval": [0.4, 0.6]}
