"""The page of several targets: everything is escaped, every verdict is said."""

from __future__ import annotations

from headstart.plain import read
from headstart.records import Target
from headstart.shipping.report.several import render, sentence
from other_pages import row, targets


def test_a_sentence_says_call_difference_interval_and_what_ships():
    said = sentence(read(Target, row(call="hurts", delta=-0.1)))
    assert said.startswith("photos: sharing hurts, −10.0 points (−15.0 to −5.0, 6 seeds)")
    assert said.endswith("shipped: multi")


def test_the_page_has_each_target_and_asks_for_nothing_outside():
    page = render(targets(row("photos"), row("<script>", "undecided", 0.0)))
    assert page.count("<svg") == 2
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "damaged &amp; gone" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
