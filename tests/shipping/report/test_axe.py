"""Pages keep nobody out: contrast, words for pictures, names and the keyboard, as axe-core checks them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from browsers import barriers, chromium
from headstart.compared import Flipped, Told
from headstart.plain import read
from headstart.records import Outcome
from headstart.shipping.report import compared, domains_page, explored, page, several
from headstart.shipping.report.evidence import Evidence
from headstart.types import Scene
from other_pages import POINTS, SIDES, labelled, row, targets
from other_pages import explored as found
from pairs_of_runs import COMPARED

SOUND = "data:audio/wav;base64,UklGRg=="


@pytest.fixture(scope="module")
def browser():
    with chromium("--host-resolver-rules=MAP * ~NOTFOUND") as found:
        yield found


@pytest.fixture
def barriers_of(browser, tmp_path):
    """`barriers_of(html, width, scheme)`."""

    def looked(html, width=1280, scheme="light"):
        file = tmp_path / "page.html"
        file.write_text(html, "utf-8")
        viewport = {"width": width, "height": 900}
        context = browser.new_context(viewport=viewport, color_scheme=scheme, reduced_motion="reduce")
        shown = context.new_page()
        shown.goto(file.as_uri())
        found = barriers(shown, unsure=width > 1000)
        context.close()
        return found

    return looked


@pytest.fixture
def of_many(make):
    """Of so many classes that they are a picture."""
    return make(tuple(f"species {number}" for number in range(25)))


@pytest.fixture
def of_sounds(made):
    """The same of recordings, with labels in doubt."""
    result, evidence = made
    shown = [row | {"sound": SOUND} for row in evidence["wrong"]]
    doubt = {"label": "ants", "probability": 0.03, "likely": "bees", "likely_probability": 0.97}
    doubts = [{**doubt, "file": "train/one.wav", "picture": shown[0]["picture"], "sound": SOUND}]
    more = {"wrong": shown, "doubts": {"examples": 90, "count": 1, "items": doubts}}
    return result | {"task": "audio_classification"}, evidence | more


@pytest.fixture
def of_values(of_translations, made):
    """The same of pictures with a number each."""
    result, evidence = of_translations
    picture = made[1]["wrong"][0]["picture"]
    answers = [{**one, "picture": picture, "text": None} for one in evidence["answers"]]
    pairs = [{"right": number, "given": number + 1} for number in range(9)]
    result["metric"] |= {"name": "mae", "range": None}
    result |= {"task": "image_regression", "metrics": {"mae": 0.9}}
    return result, {"curves": evidence["curves"], "answers": answers, "values": pairs}


RUNS = ["made", "of_many", "of_texts", "of_sounds", "of_values", "of_translations", "of_masks"]


@pytest.mark.parametrize("run", RUNS)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (400, "light")])
def test_a_report_keeps_nobody_out(barriers_of, request, run, width, scheme):
    result, evidence = request.getfixturevalue(run)
    html = page.render(read(Outcome, result), read(Evidence, evidence))
    assert barriers_of(html, width, scheme) == []


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_counts_of_any_share_can_be_read(barriers_of, made, scheme):
    result, evidence = made
    evidence["confusion"]["matrix"] = [[55, 45], [30, 70]]
    html = page.render(read(Outcome, result), read(Evidence, evidence))
    assert barriers_of(html, scheme=scheme) == []


def test_two_runs_compared_keep_nobody_out(barriers_of, of_masks):
    scene = read(Scene, of_masks[1]["answers"][0]["scene"])
    told = Flipped("a.png", "", Told("", 0.2, scene=scene), Told("", 0.7, scene=scene))
    several = replace(COMPARED, classes=False, gained=(told,), notes=("mind this",))
    assert barriers_of(compared.render(several)) == []


OTHERS = {
    "domains": lambda: domains_page.render(labelled(), SIDES),
    "several": lambda: several.render(targets(row(), row("mails", "undecided", 0.0))),
    "explored": lambda: explored.render(found(), POINTS),
}


@pytest.mark.parametrize("kind", OTHERS)
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (400, "light")])
def test_other_pages_keep_nobody_out(barriers_of, kind, width, scheme):
    assert barriers_of(OTHERS[kind](), width, scheme) == []


def test_what_keeps_people_out_is_seen(barriers_of):
    page = "<!doctype html><html lang=en><title>x</title><main><h1>x</h1>{}</main>"
    assert barriers_of(page.format("<p>read this")) == []
    (found,) = barriers_of(page.format('<p style="color: #999; background: #fff">pale'))
    assert found.startswith("color-contrast")
    (found,) = barriers_of(page.format('<img src="data:image/png;base64,AAAA">'))
    assert found.startswith("image-alt")
