"""The page of an exploration."""

import base64
import json
import re
from dataclasses import replace
from hashlib import sha256

import pytest

from headstart.explored import Agreement, Chosen
from headstart.shipping.report import explored as page
from headstart.types import Interval
from other_pages import LOOK, NAMES, POINTS, explored


@pytest.fixture
def found():
    return explored()


def test_the_script_is_let_in_by_its_hash_and_nothing_else_runs(found):
    html = page.render(found, POINTS)
    (script,) = re.findall(r"<script>(.*?)</script>", html, re.DOTALL)
    digest = base64.b64encode(sha256(script.encode()).digest()).decode()
    assert f"script-src 'sha256-{digest}'" in html
    assert "default-src 'none'" in html
    assert not re.search(r"(src|href)=\"https?:", html)
    assert "fetch(" not in script
    assert "innerHTML" not in script


def test_no_name_ends_the_data_or_becomes_markup(found):
    html = page.render(found, POINTS)
    assert "alert(1)</script>" not in html
    (data,) = re.findall(r'<script type="application/json" id="points">(.*?)</script>', html, re.DOTALL)
    read = json.loads(data)
    assert read["name"] == NAMES
    assert read["names"] == ["cluster 1", "cluster 2"]
    assert "<b>," not in html


def test_it_tells_what_was_found(found):
    html = page.render(found, POINTS)
    for text in (
        "2 clusters of 4 examples; 5 fit nearly as well",
        "my-base",
        "e.png",
        "broken",
        "ants",
        "70.0",
    ):
        assert text in html, text
    assert html.count(LOOK) > 4
    assert "finds structure that is not there without its weights" in html


def test_no_table_makes_the_page_wider_than_a_telephone(found):
    looked = Agreement("label", 2, 4, 0.1, 0.2, 0.3, 0.4, Interval(0.1, 0.5), 0.5)
    html = page.render(replace(found, bases=(Chosen("one", 0.5),), agreement=looked), POINTS)
    assert html.count("<table>") == html.count('<div class="scroll"') == 4


def test_days_are_there_to_colour_by(found):
    age = {"of": [0, 1, 1, 0], "names": ["2026-01-01", "2026-02-01 to 2026-03-01"]}
    html = page.render(found, {**POINTS, "age": age})
    assert json.dumps(age, separators=(",", ":")) in html


def test_no_clear_groups_is_an_answer(found):
    none = replace(found, clear=False, how="none", numbers=(), groups=found.groups[:1], proof=None)
    html = page.render(none, {**POINTS, "sheets": [[0]]})
    assert "No clear groups in 4 examples: all are in one" in html
    assert "Fewer than 20 examples" in html


def test_the_same_findings_give_the_same_page_whatever_they_took(found):
    assert page.render(found, POINTS) == page.render(replace(found, seconds={"total": 9.0}), POINTS)
