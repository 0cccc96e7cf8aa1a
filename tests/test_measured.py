"""What was ranked or evaluated shows itself in a notebook, and no name in it is markup."""

from __future__ import annotations

from headstart.measured import Evaluation, Ranking
from headstart.plain import read
from headstart.records import Metric
from headstart.types import Dropped, Interval

METRIC = Metric("accuracy", 0.5, Interval(0.25, 0.75), True, 8)


def test_an_evaluation_shows_itself_in_a_notebook():
    found = Evaluation(METRIC, {"accuracy": 0.5, "<b>": 0.125}, "test", (Dropped("a", "b"),))
    shown = found._repr_html_()
    assert "<td>accuracy</td><td>0.500</td><td>0.250 to 0.750</td>" in shown
    assert "8 examples, the test split" in shown
    assert "&lt;b&gt;" in shown
    assert "<b>" not in shown


def test_a_ranking_shows_its_bases_in_a_notebook():
    row = {"base": "<tiny>", "score": 0.5, "place": 1, "tied": True, "latency_ms": 2.0, "parameters": 1500}
    found = read(Ranking, {"ranking": [row], "biggest": "x", "static_list": [], "left_out": []})
    shown = found._repr_html_()
    assert "<td>&lt;tiny&gt;</td><td>1=</td><td>+0.50</td><td>1,500</td><td>2.0 ms</td>" in shown


def test_they_are_short_and_become_tables():
    found = Evaluation(METRIC, {"accuracy": 0.5, "log_loss": 0.7}, None, ())
    assert repr(found) == "Evaluation(accuracy=0.500, n=8, split='all')"
    assert found.to_frame()["metric"].tolist() == ["accuracy", "log_loss"]
    row = {"base": "tiny", "score": 0.5, "place": 1, "tied": False, "latency_ms": 2.0}
    ranking = read(Ranking, {"ranking": [row], "biggest": "x", "static_list": [], "left_out": []})
    assert repr(ranking) == "Ranking(1 bases, best='tiny')"
    assert ranking.to_frame().loc[0, "latency_ms"] == 2.0
