"""A report in a real browser: what it does when it is clicked, and that it never looks elsewhere."""

from __future__ import annotations

from dataclasses import replace

import pytest

from browsers import chromium
from headstart.compared import Flipped, Told
from headstart.plain import read
from headstart.records import Outcome
from headstart.shipping.report import compared
from headstart.shipping.report import page as report
from headstart.shipping.report.evidence import Evidence
from headstart.types import Scene
from pairs_of_runs import COMPARED

FLAGS = ("--host-resolver-rules=MAP * ~NOTFOUND",)


@pytest.fixture(scope="module")
def browser():
    with chromium(*FLAGS) as found:
        yield found


@pytest.fixture
def opened(browser, made, tmp_path):
    """`opened(run, width, scheme, scripts)` is a report in the browser; nothing may go wrong in it."""
    result, evidence = made
    evidence["confusion"]["matrix"] = [[60, 7], [2, 70]]
    for row in evidence["wrong"][:2]:
        row |= {"label": "bees", "predicted": "ants"}
    file, wrong, contexts = tmp_path / "report.html", [], []

    def show(run=made, width=1280, scheme="light", scripts=True):
        file.write_text(report.render(read(Outcome, run[0]), read(Evidence, run[1])), "utf-8")
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, java_script_enabled=scripts
        )
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("console", lambda said: wrong.append(said.text))
        page.on("request", lambda asked: asked.url.startswith(("file:", "data:")) or wrong.append(asked.url))
        page.goto(file.as_uri())
        return page

    yield show
    for context in contexts:
        context.close()
    assert wrong == []


def test_a_cell_of_the_matrix_shows_its_errors_alone(opened):
    page = opened()
    shown = page.locator("#errors figure[data-label]:visible")
    assert shown.count() == 6
    page.locator("td[data-label=bees]").click()
    assert shown.count() == 2
    assert "bees taken for ants: 2 of 2." in page.locator("#filtered").inner_text()
    page.locator("tr[data-label=ants]").press("Enter")
    assert shown.count() == 4
    assert "4 of 7; the page keeps the 6 surest errors only." in page.locator("#filtered").inner_text()
    page.get_by_text("Show all").click()
    assert shown.count() == 6
    assert not page.locator("#filtered").is_visible()


def test_a_table_is_sorted_by_a_column_both_ways(opened):
    page = opened()
    rows = page.locator("#classes tbody th")
    heading = page.locator("#classes thead th", has_text="Precision")
    heading.locator("button").click()
    up = rows.all_inner_texts()
    assert heading.get_attribute("aria-sort") == "ascending"
    heading.locator("button").click()
    assert rows.all_inner_texts() == up[::-1]
    assert heading.get_attribute("aria-sort") == "descending"


def test_a_picture_is_shown_large_and_put_away(opened):
    page = opened()
    page.locator("#errors figure img").first.click()
    dialog = page.locator("dialog")
    assert dialog.locator("img").get_attribute("src").startswith("data:image/jpeg")
    assert "label bees" in dialog.inner_text()
    page.keyboard.press("Escape")
    assert not dialog.is_visible()


@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (400, "dark")])
def test_nothing_is_wider_than_the_screen(opened, width, scheme):
    page = opened(width=width, scheme=scheme)
    page.evaluate("document.querySelectorAll('details').forEach(one => { one.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_all_of_it_can_be_read_without_the_script(opened):
    page = opened(scripts=False)
    assert page.locator("#errors figure[data-label]:visible").count() == 6
    assert not page.locator("#filtered").is_visible()
    page.locator("summary", has_text="Plan").click()
    assert page.locator("#plan").is_visible()


def test_a_link_into_what_is_folded_opens_it(opened):
    page = opened()
    assert not page.locator("#plan").is_visible()
    page.evaluate("location.hash = 'plan'")
    page.locator("#plan").wait_for(state="visible")


@pytest.mark.parametrize("scripts", [True, False])
def test_outlines_are_switched_off_and_on_with_and_without_the_script(opened, of_masks, scripts):
    page = opened(of_masks, scripts=scripts)
    missed, right = (page.locator(f"figure .scene .{kind} path").first for kind in ("missed", "right"))
    assert missed.is_visible()
    page.uncheck("input[value=missed]")
    assert not missed.is_visible()
    assert right.is_visible()
    page.check("input[value=missed]")
    assert missed.is_visible()
    page.uncheck("input[value=names]")
    assert not page.locator("figure text").first.is_visible()


def test_outlines_stay_switched_off_where_a_picture_is_shown_large(opened, of_masks):
    page = opened(of_masks)
    page.uncheck("input[value=missed]")
    page.locator("figure .scene").nth(2).click()
    large = page.locator("dialog .scene")
    assert large.get_attribute("aria-label").startswith("test/<2>.png")
    assert large.locator(".right path").is_visible()
    assert not large.locator(".missed path").is_visible()
    assert large.bounding_box()["width"] > 600


def test_marks_in_plots_say_their_value_where_the_pointer_rests(opened):
    page = opened()
    titles = page.locator("svg.plot g > title").all_text_contents()
    assert any(title.startswith("mean 93.4") for title in titles)
    assert any("labels:" in title for title in titles)
    cell = page.locator("td[data-label=bees]")
    assert cell.get_attribute("title").startswith("bees taken for ants: 2")


def test_a_cell_is_chosen_by_the_keyboard_as_well(opened):
    page = opened()
    page.locator("td[data-label=bees]").press(" ")
    assert page.locator("#filtered").is_visible()
    page.locator("td[data-label=bees]").press("Enter")
    assert page.locator("[data-chosen]").count() == 1


def test_of_two_legends_each_is_for_its_own_section(browser, of_masks, tmp_path):
    scene = read(Scene, of_masks[1]["answers"][0]["scene"])
    told = Flipped("a.png", "", Told("", 0.2, scene=scene), Told("", 0.7, scene=scene))
    file = tmp_path / "page.html"
    file.write_text(compared.render(replace(COMPARED, classes=False, gained=(told,), lost=(told,))), "utf-8")
    page = browser.new_page()
    page.goto(file.as_uri())
    page.uncheck("#gained input[value=missed]")
    assert not page.locator("#gained figure .missed path").first.is_visible()
    assert page.locator("#lost figure .missed path").first.is_visible()
    page.close()
