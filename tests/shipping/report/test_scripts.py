"""The scripts of pages: let in by their hash, and with nothing in them that a name could misuse."""

from __future__ import annotations

import base64
import re
from hashlib import sha256

import pytest

from headstart.plain import read
from headstart.records import Outcome
from headstart.shipping.report import page
from headstart.shipping.report.evidence import Evidence
from headstart.shipping.report.scripts import script


def test_the_script_in_a_report_is_let_in_by_its_hash(made):
    html = page.render(read(Outcome, made[0]), read(Evidence, made[1]))
    (text,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(sha256(text.encode()).digest()).decode()
    policy = "default-src 'none'; img-src data:; media-src data:; style-src 'unsafe-inline'"
    assert f"{policy}; script-src 'sha256-{digest}'" in html


@pytest.mark.parametrize("name", ["report.js", "map.js"])
def test_a_script_asks_for_nothing_and_makes_no_markup_of_names(name):
    text = script(name).text
    assert not re.search(r"fetch\(|XMLHttp|innerHTML|eval\(|https?:|</script", text)


def test_every_error_says_which_pair_it_is_of(made):
    html = page.render(read(Outcome, made[0]), read(Evidence, made[1]))
    assert html.count('<figure data-label="ants" data-predicted="bees">') == 6
    assert 'data-pair data-label="ants" data-predicted="bees" data-count=' in html
