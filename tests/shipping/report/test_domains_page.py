from __future__ import annotations

from dataclasses import replace

import pytest

from headstart.shipping.report.domains_page import card, render
from headstart.types import Dropped, Finding
from other_pages import SIDES, labelled
from test_domains import outcome


def test_without_labels_no_rate_of_the_target_is_on_the_page():
    page = render(outcome(), SIDES)
    assert page.count("not known") == 2
    assert "undecided: no labels" in page
    assert "says nothing of the target" in page
    assert "x.png" in page
    assert "About 120 labelled" in page


def test_with_labels_the_difference_is_drawn():
    page = render(labelled(), SIDES)
    assert "not known" not in page
    assert page.count("<svg") == render(outcome(), SIDES).count("<svg") + 1


def test_nothing_runs_and_nothing_is_asked_for():
    page = render(outcome(), SIDES)
    assert "<b>bold</b>" not in page
    assert "example.org" not in page
    assert "<script" not in page


def test_what_was_refused_and_left_out_is_told():
    told = outcome()
    guard = replace(told.guard, refused=("the target has 3 examples",), proportions="unknown")
    data = replace(
        told.data,
        findings=(Finding("few_target", "a finding"),),
        dropped=replace(told.data.dropped, items=(Dropped("q.png", "broken"),)),
    )
    page = render(replace(told, guard=guard, data=data), SIDES)
    assert "the target has 3 examples" in page
    assert "proportions=same" in page
    assert "q.png: broken" in page
    assert "a finding" in page


def test_names_that_are_no_utf8_are_written(tmp_path):
    told = replace(outcome(), to_label=("\udcff.png",))
    (tmp_path / "page.html").write_text(render(told, SIDES), encoding="utf-8")


@pytest.mark.parametrize("told", [outcome(), labelled()])
def test_the_card_says_what_ships_and_why(told):
    text = card(told)
    assert text.startswith("---\n")
    assert told.verdict.sentence in text
    assert told.why in text
    assert "12 labelled examples" in text
