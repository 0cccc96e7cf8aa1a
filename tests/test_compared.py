"""What is said of two runs that were compared."""

from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.compared import Flipped, Told
from pairs_of_runs import COMPARED, SIDES


@pytest.mark.parametrize(
    ("call", "says"),
    [("better", "new is better than old: "), ("worse", "new is worse"), ("undecided", "Undecided")],
)
def test_the_sentence_says_which_and_by_how_much(call, says):
    sentence = replace(COMPARED, call=call).sentence
    assert sentence.startswith(says)
    assert "+10.0 points of accuracy (95 % interval +2.0 to +18.0)" in sentence


def test_a_metric_without_an_end_is_no_share():
    loss = replace(COMPARED, title="log loss", range=(0.0, None), higher_is_better=False)
    assert "+0.1 in log loss (95 % interval +0.02 to +0.18)" in loss.sentence


def test_folders_of_one_name_are_told_apart_by_their_paths():
    assert COMPARED.names == ("old", "new")
    twins = replace(COMPARED, first=replace(SIDES[0], run="a/run"), second=replace(SIDES[1], run="b/run"))
    assert twins.names == ("a/run", "b/run")


def test_it_is_short_and_shows_itself():
    assert repr(COMPARED) == f"Compared({COMPARED.sentence!r})"
    named = replace(COMPARED, second=replace(SIDES[1], run="runs/<b>"))
    assert "&lt;b&gt; is better" in named._repr_html_()


def test_what_differs_is_a_table():
    flips = [Flipped(name, "cat", Told("dog", 0.0), Told("cat", 1.0)) for name in ("a", "b")]
    table = replace(COMPARED, gained=(flips[0],), lost=(flips[1],)).to_frame()
    assert table["file_name"].tolist() == ["a", "b"]
    assert table.loc[0].tolist() == ["a", "cat", "dog", "cat", 0.0, 1.0]
