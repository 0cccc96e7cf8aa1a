"""How a series becomes an input: what is written is read again."""

import json

from headstart import registry
from headstart.preprocessing.base import Lengthy
from headstart.preprocessing.series import DRIFT, NUMBERS, SEASONAL, SeriesPreprocess


def test_it_is_found_by_its_modality_and_read_as_it_was_written(tmp_path):
    how = SeriesPreprocess(12)
    assert registry.get("preprocessing", "series") is SeriesPreprocess
    plain, files = how.plain()
    assert SeriesPreprocess.read(json.loads(json.dumps(plain)), tmp_path) == how
    assert files == {}
    assert how.identity != how.at(6).identity


def test_costs_grow_with_the_steps():
    assert SeriesPreprocess(7).example() == ((1, NUMBERS, 7), None)
    assert isinstance(SeriesPreprocess(), Lengthy)
    assert SeriesPreprocess().framings() == (SeriesPreprocess(),)
    assert SeriesPreprocess().smaller() == ()
    assert "24 values and 4 seasons" in SeriesPreprocess().framing
    assert SEASONAL < DRIFT < NUMBERS
