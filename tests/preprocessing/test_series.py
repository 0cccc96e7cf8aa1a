"""How a series becomes an input: what is written is read again."""

import json

from headstart import registry
from headstart.preprocessing.base import Lengthy
from headstart.preprocessing.series import (
    BESIDE,
    DRIFT,
    LEVELS,
    NUMBERS,
    SEASONAL,
    HistoryPreprocess,
    SeriesPreprocess,
)


def test_it_is_found_by_its_modality_and_read_as_it_was_written(tmp_path):
    how = SeriesPreprocess(12)
    assert registry.get("preprocessing", "series") is SeriesPreprocess
    plain, files = how.plain()
    assert SeriesPreprocess.read(json.loads(json.dumps(plain)), tmp_path) == how
    assert files == {}
    assert how.identity != how.at(6).identity


def test_values_themselves_are_read_as_they_were_written_too(tmp_path):
    how = HistoryPreprocess(size=12, context=64)
    plain, files = how.plain()
    for kind in (SeriesPreprocess, HistoryPreprocess):
        assert kind.read(json.loads(json.dumps(plain)), tmp_path) == how
    assert files == {}
    assert how.identity != how.at(6).identity
    assert (how.framings(), how.smaller(), how.graph) == ((how,), (), ())
    assert "last 64 values" in how.framing


def test_what_values_cost_does_not_grow_with_the_steps():
    assert HistoryPreprocess(size=7, context=64).example() == ((1, 1 + 10, 7), None)
    assert not isinstance(HistoryPreprocess(), Lengthy)


def test_a_base_is_shown_no_more_values_than_histories_ask_for():
    how = HistoryPreprocess(size=12, context=2048)
    assert [how.holding(many).context for many in (1, 3, 60, 64, 65, 5000)] == [2, 8, 128, 128, 256, 2048]
    assert how.holding(60).size == 12
    assert SeriesPreprocess(12).holding(60) == SeriesPreprocess(12)


def test_dull_forecasts_are_shown_numbers_for_as_many_steps():
    assert HistoryPreprocess(size=12, context=64).numbers == SeriesPreprocess(12)
    assert SeriesPreprocess(7).numbers == SeriesPreprocess(7)
    assert LEVELS[len(LEVELS) // 2] == 0.5
    assert HistoryPreprocess(12, ("promo",)).numbers == SeriesPreprocess(12, ("promo",))


def test_the_last_values_are_rows_of_as_many_as_there_are_steps(tmp_path):
    how = SeriesPreprocess(10, past=24)
    assert how.rows == NUMBERS + 3
    assert how.at(24).rows == NUMBERS + 1
    assert SeriesPreprocess(10).rows == NUMBERS
    assert SeriesPreprocess.read({"size": 10, "window": 1000}, tmp_path) == SeriesPreprocess(10)
    beside = SeriesPreprocess(10, known=("price", "promo"))
    assert beside.rows == NUMBERS + 2 * BESIDE
    assert beside.framing.endswith("4 seasons, and price, promo")
    assert SeriesPreprocess.read(json.loads(json.dumps(beside.plain()[0])), tmp_path) == beside
    assert "168 values" in SeriesPreprocess(10, past=168).framing


def test_costs_grow_with_the_steps():
    assert SeriesPreprocess(7).example() == ((1, NUMBERS, 7), None)
    assert isinstance(SeriesPreprocess(), Lengthy)
    assert SeriesPreprocess().framings() == (SeriesPreprocess(),)
    assert SeriesPreprocess().smaller() == ()
    assert "24 values and 4 seasons" in SeriesPreprocess().framing
    assert SEASONAL < DRIFT < NUMBERS
