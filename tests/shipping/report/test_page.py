"""The report: self-contained, escaped, complete, and whole when parts of the run are missing."""

from __future__ import annotations

import re
from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from markupsafe import Markup

from headstart import registry
from headstart.plain import Unfit, read
from headstart.records import Outcome
from headstart.shipping.report import page as report
from headstart.shipping.report import plots
from headstart.shipping.report import words as _words
from headstart.shipping.report.evidence import Evidence
from headstart.shipping.report.glimpse import PICTURES, TEXTS

Json = dict[str, Any]
Make = Callable[[tuple[str, ...]], tuple[Json, Json]]
VOID = {"meta", "img", "br", "link", "input", "hr"}


class Page(HTMLParser):
    """The elements and the text of a page; refuses end tags that close nothing."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.open: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] not in ("style", "script"):
            self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, str | None]]:
        return [attrs for name, attrs in self.elements if name == tag]


def render(result: Json, evidence: Json) -> str:
    """The page of two JSON files."""
    return report.render(read(Outcome, result), read(Evidence, evidence))


@pytest.fixture
def drawn() -> None:
    """Asked for by tests of what is drawn."""


@pytest.fixture(autouse=True)
def undrawn(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """For all others plots are made and left empty: writing them is most of the time that a page takes."""
    if "drawn" not in request.fixturenames:
        monkeypatch.setattr(plots, "_svg", lambda figure, alt: Markup("<svg></svg>"))


@pytest.fixture
def page(made: tuple[Json, Json]) -> Page:
    return Page(render(*made))


def test_it_opens_with_the_verdict(page: Page) -> None:
    assert page.all("h1") == [{}]
    sentence = "Pre-trained weights helped: +31.2 points of accuracy (95 % interval +27.0 to +35.1)"
    assert sentence + " over training from scratch, 6 paired seeds." in page.text
    assert page.text.index("▲ Helped") < page.text.index(sentence) < page.text.index("Fingerprint")


@pytest.mark.usefixtures("drawn")
def test_it_asks_for_nothing_outside_itself_and_runs_its_own_script_only(made: tuple[Json, Json]) -> None:
    text = render(*made)
    page = Page(text)
    assert not re.search(r"https?:|@import|url\((?!#)", text)
    assert page.all("script") == [{}]
    assert not page.all("link")
    for _, attrs in page.elements:
        for name in ("src", "href", "xlink:href"):
            assert (attrs.get(name) or "#").startswith(("#", "data:image/"))
        assert not [name for name in attrs if name.startswith("on")]
    assert any("default-src 'none'" in (meta.get("content") or "") for meta in page.all("meta"))


def test_ids_are_unique_and_links_lead_somewhere(page: Page) -> None:
    ids = [attrs["id"] for _, attrs in page.elements if "id" in attrs]
    assert len(ids) == len(set(ids))
    targets = {(attrs.get("href") or attrs.get("xlink:href") or "")[1:] for _, attrs in page.elements}
    assert {t for t in targets if t and not t.startswith("ata:")} <= set(ids)


@pytest.mark.usefixtures("drawn")
def test_equal_runs_give_equal_pages(make: Make) -> None:
    assert render(*make(("a", "b"))) == render(*make(("a", "b")))


@pytest.mark.usefixtures("drawn")
def test_every_picture_has_words_for_those_who_do_not_see_it(page: Page) -> None:
    assert len(page.all("img")) == 2 + 8 + 6
    assert all(image["alt"] for image in page.all("img"))
    plots = [svg for svg in page.all("svg") if svg.get("class") == "plot"]
    assert len(plots) == 1 + 2 + 3 + 1
    assert all(svg["role"] == "img" and svg["aria-label"] for svg in plots)


def test_names_of_users_are_escaped_everywhere(make: Make) -> None:
    bad = "<script>alert('x')</script>\"><img src=x onerror=alert(1)>"
    result, evidence = make((bad, "bees"))
    result["data"]["dropped"]["items"][0]["file"] = f"train/{bad}.jpg"
    result["data"]["findings"][0] |= {"message": bad, "items": [bad]}
    result["ranking"][0]["base"] = result["chosen"]["base"] = result["base"]["name"] = bad
    result["plan"] |= {bad: bad, "files": [bad]}
    result["notes"] = [bad]
    result["arms"][0] |= {"name": bad, "note": bad}
    evidence["curves"][bad] = evidence["curves"].pop("finetune")
    evidence["wrong"][0]["file"] = bad
    page = Page(render(result, evidence))
    assert page.all("script") == [{}]
    assert not [image for image in page.all("img") if image.get("src") == "x"]
    assert page.text.count("<script>alert('x')</script>") >= 12


def test_a_picture_that_is_an_address_is_not_shown(result: Json, evidence: Json) -> None:
    evidence["wrong"][0]["picture"] = "http://example.org/x.jpg"
    evidence["samples"]["ants"] = [{"picture": "file:///etc/x.png"}]
    assert "example.org" not in render(result, evidence)
    assert "file:///" not in render(result, evidence)


def test_the_list_of_what_was_left_out_is_complete(result: Json, evidence: Json) -> None:
    items = [{"file": f"lost{i:03}.jpg", "reason": "truncated"} for i in range(150)]
    result["data"]["dropped"] = {"count": 150, "items": items}
    text = Page(render(result, evidence)).text
    assert "150 items were left out" in text
    assert all(item["file"] in text for item in items)


def test_arms_stand_best_first_with_what_they_were_given(page: Page) -> None:
    rows = page.text[page.text.index("Given") :]
    assert rows.index("finetune") < rows.index("frozen") < rows.index("scratch") < rows.index("majority")
    assert "size 224 px · epochs 6 · steps 96 · 40.0 s" in rows
    assert rows.count("still improving") == 1


def test_arms_stand_lowest_first_where_lower_is_better(result: Json, evidence: Json) -> None:
    result["metric"]["higher_is_better"] = False
    text = Page(render(result, evidence)).text
    rows = text[text.index("Given") :]
    assert rows.index("majority") < rows.index("finetune")


def test_curves_say_what_they_mean_for_overfitting(result: Json, evidence: Json) -> None:
    evidence["curves"] = {
        "finetune": [{"seed": 0, "train": [0.9, 0.5, 0.2], "validation": [0.8, 0.6, 0.9], "kept": 1}],
        "scratch": [{"seed": 0, "train": [0.9, 0.8], "validation": [0.9, 0.7], "kept": 1}],
        "warm_init": [{"seed": 0, "train": [0.9, None], "validation": [0.9, 0.91], "kept": 0}],
        "lora": [{"seed": 0, "train": [], "validation": [], "kept": 4}],
    }
    text = Page(render(result, evidence)).text
    assert "Kept epoch 2 of 3. There, validation loss was 0.100 above training loss. It rose by 0.300" in text
    assert "0.100 below training loss. The last epoch was kept: more epochs might have helped." in text
    assert "no sign of overfitting" in text
    assert "Which epoch was kept is not recorded." in text


def test_the_glossary_has_every_strategy_that_ran(result: Json, evidence: Json) -> None:
    for name in registry.names("adaptation"):
        arm = {**result["arms"][0], "name": name}
        page = render({**result, "arms": [arm]}, evidence)
        means = _words.REFERENCES.get(name) or registry.get("adaptation", name).summary
        assert means in page, name


def test_a_preliminary_verdict_is_explained(result: Json, evidence: Json) -> None:
    assert "Too few seeds" not in render(result, evidence)
    result["verdict"]["seeds"] = 1
    assert "One pair of trainings does not tell" in Page(render(result, evidence)).text


@pytest.mark.parametrize(
    ("ended", "said"),
    [("decided", "clear by then"), ("time", "more --minutes give more"), ("seeds", "more test examples")],
)
def test_what_would_change_a_verdict_is_said(result: Json, evidence: Json, ended: str, said: str) -> None:
    result["verdict"]["ended"] = ended
    assert said in Page(render(result, evidence)).text


def test_a_sign_flip_test_is_told_from_six_pairs_on(result: Json, evidence: Json) -> None:
    assert "sign-flip test over the pairs: p = 0.031" in Page(render(result, evidence)).text
    result["verdict"]["seeds"] = 5
    assert "sign-flip" not in render(result, evidence)


@pytest.mark.parametrize(
    ("call", "words"), [("hurts", "Pre-trained weights hurt"), ("undecided", "Undecided whether")]
)
def test_other_verdicts_are_said_plainly(result: Json, evidence: Json, call: str, words: str) -> None:
    result["verdict"] |= {"call": call, "delta": -0.02, "interval": [-0.05, 0.01], "baseline": "reinit"}
    text = Page(render(result, evidence)).text
    assert f"{words}" in text
    assert "−2.0 points of accuracy (95 % interval −5.0 to +1.0) over the same training without" in text


def test_many_classes_are_a_picture_and_a_short_list(make: Make) -> None:
    labels = tuple(f"species {i:03}" for i in range(100))
    page = Page(render(*make(labels)))
    assert not [table for table in page.all("table") if table.get("class") == "matrix"]
    assert "and 88 more classes" in page.text
    assert len(page.all("img")) == PICTURES + 12 * 4 + 6
    assert all(label in page.text for label in labels)


OPTIONAL = ("ranges", "abstain", "speed")
"""What a result need not have."""


def test_parts_that_need_not_be_there_leave_their_section_out(result: Json, evidence: Json) -> None:
    for key in [*evidence, None]:
        without = {name: value for name, value in evidence.items() if name != key}
        Page(render(result, without))
        Page(render(result, {**without, **({key: None} if key else {})}))
    for key in OPTIONAL:
        Page(render({name: value for name, value in result.items() if name != key}, {}))
        Page(render(result | {key: None}, {}))
    empty = result | {"verdict": None, "arms": [], "ranking": [], "notes": [], "plan": {}, "metrics": {}}
    page = Page(render(empty | {"labels": {"multiplier": None, "interval": None}}, {}))
    assert "No verdict" in page.text
    sections = {attrs.get("id") for attrs in page.all("section")}
    assert not sections & {"arms", "ranking", "curves", "errors", "answers", "reliability"}


def test_a_part_that_has_to_be_there_is_named(result: Json, evidence: Json) -> None:
    for key in result.keys() - {*OPTIONAL, "verdict", "labels"}:
        with pytest.raises(Unfit, match=f"^{key} is missing"):
            render({name: value for name, value in result.items() if name != key}, evidence)


def test_numbers_that_are_not_there_are_dashes(result: Json, evidence: Json) -> None:
    result["arms"][0] |= {"validation": None, "seeds": []}
    result["metrics"]["log_loss"] = float("nan")
    result["ranking"][0] |= {"deviation": None}
    evidence["reliability"] = {"confidence": [0.5, None], "accuracy": [0.4, None], "count": [3, 0]}
    text = Page(render(result, evidence)).text
    assert "nan" not in text.lower().split()
    assert "None" not in text


@pytest.mark.usefixtures("drawn")
def test_any_name_can_be_written_and_drawn(make: Make) -> None:
    result, evidence = make(("蚂蚁", "caf\udce9"))
    result["arms"][0]["name"] = "蚂蚁 $x$"
    assert "蚂蚁".encode() in render(result, evidence).encode("utf-8")


@pytest.mark.parametrize(
    ("made_text", "text"),
    [
        (_words.percent(0.9341), "93.4 %"),
        (_words.points(-0.0213), "−2.1"),
        (_words.span([0.88, 0.961]), "88.0 to 96.1 %"),
        (_words.span(None), "–"),
        (_words.duration(59.96), "1 min 00 s"),
        (_words.duration(3725), "1 h 02 min"),
        (_words.amount(601_620_000), "601.6 M"),
        (_words.plain(2_223_872), "2 223 872"),
        (_words.plain(True), "–"),
        (_words.measure("log_loss", 0.21341), "0.2134"),
        (_words.several(1, "class", "classes"), "1 class"),
    ],
)
def test_numbers_are_worded(made_text: str, text: str) -> None:
    assert re.sub(r"\s", " ", made_text) == text


@pytest.mark.usefixtures("drawn")
def test_the_first_screen_has_the_curve_and_what_the_labels_were_worth(result: Json, evidence: Json) -> None:
    html = render(result, evidence)
    text = Page(html).text
    assert "× 6.5" in text
    assert "no less than × 4.1" in text
    assert "400 training labels" in text
    assert html.index('id="first"') < html.index('id="data"')
    assert "Learning curves: frozen 90.0" in html


def test_a_run_without_a_curve_has_none(result: Json, evidence: Json) -> None:
    result["labels"] = {"multiplier": None, "interval": None}
    assert "Learning curve" not in Page(render(result, evidence)).text


@pytest.mark.parametrize("threshold", [0.71, None])
def test_it_says_when_the_bundle_abstains(result: Json, evidence: Json, threshold: float | None) -> None:
    result["abstain"]["threshold"] = threshold
    text = Page(render(result, evidence)).text
    assert ("Below a probability of 71.0" in text) == (threshold is not None)
    assert ("No probability is high enough" in text) == (threshold is None)


def test_weights_that_were_made_to_fit_are_listed_and_counted(make: Make) -> None:
    result, evidence = make(("ants", "bees"))
    assert "made to fit" not in render(result, evidence)
    result["receipt"]["adapted"] = [["stem.weight", [4, 3], "sliced from (8, 3)"]]
    text = Page(render(result, evidence)).text
    assert "1 tensor adapted: made to fit; sliced (1)" in " ".join(text.split())
    assert "sliced from (8, 3)" in text


def test_it_is_said_whose_names_the_checkpoint_had(make: Make) -> None:
    result, evidence = make(("ants", "bees"))
    assert "The checkpoint had" not in render(result, evidence)
    result["receipt"]["renamed"] = "the names of another library"
    assert "The checkpoint had the names of another library" in Page(render(result, evidence)).text


def test_samples_of_texts_are_quoted(made: tuple[Json, Json]) -> None:
    result, evidence = made
    bad = "<b>bold</b> & more"
    evidence["samples"] = {"ants": [{"text": bad}, {"text": "second"}], "bees": []}
    page = Page(render(result, evidence))
    assert bad in page.text
    assert "second" in page.text


def flowing(html: str) -> str:
    """The words of a page, with plain spaces."""
    return Page(html).text.replace("\N{NO-BREAK SPACE}", " ").replace("\N{NARROW NO-BREAK SPACE}", " ")


def test_texts_are_quoted_where_pictures_would_stand(of_texts: tuple[Json, Json]) -> None:
    html = render(*of_texts)
    page, text = Page(html), flowing(html)
    assert not page.all("img")
    assert text.count("<i>text</i>") == 6
    assert "about ants" in text
    quotes = page.all("blockquote")
    assert len(quotes) == TEXTS + 6 + 2
    assert all(quote["dir"] == "auto" for quote in quotes)
    assert "hill 50.0 %, else 1.0 %" in text
    assert "1 class not shown" in text
    assert "tfidf : a logistic regression on TF-IDF of words" in text
    assert "raw_pixels" not in text
    assert "40 tokens" in text
    assert "25.0 % of the texts are longer, and 12.5 % of all tokens are not seen" in text
    assert not re.search(r"pictures?\b|pixels?\b| px\b", text)


def test_long_and_odd_texts_are_shortened_and_escaped(of_texts: tuple[Json, Json]) -> None:
    result, evidence = of_texts
    evidence["wrong"][0]["text"] = "x" * 10_000
    evidence["wrong"][1]["text"] = "<script>alert(1)</script> a\0b\x1b \u202e 👩\u200d👧 \udce9"
    evidence["words"][0]["words"][0]["word"] = "<script>"
    html = render(result, evidence)
    assert "x" * 480 + " …" in html
    assert "x" * 481 not in html
    assert Page(html).all("script") == [{}]
    assert not re.search("[\0\x1b\u202e]", html)
    assert "👩\u200d👧" in html


def test_translations_are_shown_with_source_reference_and_score(of_translations: tuple[Json, Json]) -> None:
    html = render(*of_translations)
    text = flowing(html)
    assert "+31.2 points of chrF (95 % interval" in text
    assert "Test chrF 93.4 %" in text
    first = "Source source 0 Answer (nothing) Reference reference 0"
    assert first in text
    assert "4.2 % test.en line 1 Source source 1 Answer answer 1 Reference reference 1" in text
    assert text.index("source 0") < text.index("source 23")
    assert "chrF nrefs:1|case:mixed ; BLEU nrefs:1|tok:13a" in text
    assert "copy : the source as it is" in text
    assert "memory : the translation of the most similar sentence in training" in text
    assert "208 examples for training, 36 for validation, 152 for the test." in text
    assert "nothing is cut" in text


def test_a_translation_leaves_out_what_only_classes_have(of_translations: tuple[Json, Json]) -> None:
    html = render(*of_translations)
    page, text = Page(html), flowing(html)
    ids = {attrs.get("id") for attrs in page.all("section")}
    assert "answers" in ids
    assert not ids & {"errors", "reliability"}
    assert not re.search("Confusion|Learning curve|Worth in labels|unsure|Telling|Samples|0 classes", text)
    links = {(link.get("href") or "")[1:] for link in page.all("a")}
    assert links <= ids


def test_odd_curves_of_popularity_are_left_out(of_texts: tuple[Json, Json]) -> None:
    result, evidence = of_texts
    rows = [{"of": "next", "shares": [0.1, 1.0], "half": 2}]
    whole = {"items": [1, 9], "rows": rows}
    evidence = evidence | {"answers": [{"file": "u1", "score": 0.5, "text": "took a", "label": "b"}]}
    page = flowing(render(result, evidence | {"popularity": whole}))
    assert "Half of what was taken next is of the 2 most popular items" in page
    assert "Half of what is recommended" not in page
    for odd in (None, {"items": [1], "rows": rows}, {"items": [1, 9], "rows": []}):
        assert "How popular" not in flowing(render(result, evidence | {"popularity": odd}))


def test_odd_lengths_are_left_out(of_texts: tuple[Json, Json]) -> None:
    result, evidence = of_texts
    for lengths in (None, {**evidence["lengths"], "edges": [1]}, {**evidence["lengths"], "counts": []}):
        assert "Lengths" not in flowing(render(result, evidence | {"lengths": lengths}))


def test_places_are_outlined_the_worst_first(of_masks: tuple[Json, Json]) -> None:
    html = render(*of_masks)
    page, text = Page(html), flowing(html)
    assert [image["href"] for image in page.all("image")] == [
        one["scene"]["picture"] for one in of_masks[1]["answers"]
    ]
    scenes = [svg for svg in page.all("svg") if svg.get("class") == "scene" and "role" in svg]
    assert [svg["aria-label"] for svg in scenes] == [f"test/<{n}>.png: 1 right, 1 missed" for n in range(6)]
    assert "test/<0>.png \u221220.0 % 1 right, 1 missed" in text
    assert html.count('<g class="other-class"><title>other class: dog &lt;0&gt;, is cat</title>') == 6
    assert "Reference" not in text
    assert "signature" not in text


def test_outlines_have_a_legend_that_switches_those_on_and_off_that_are_there(
    of_masks: tuple[Json, Json],
) -> None:
    boxes = [one for one in Page(render(*of_masks)).all("input") if one["type"] == "checkbox"]
    assert [one["value"] for one in boxes] == ["right", "missed", "other class", "names"]
    assert all("checked" in one for one in boxes)
    for answer in of_masks[1]["answers"]:
        for outline in answer["scene"]["outlines"]:
            outline.pop("at", None)
    assert '<input type="checkbox" value="names"' not in render(*of_masks)


def test_each_kind_of_outline_has_a_look_and_a_switch() -> None:
    look = report.look()
    for judgement in _words.JUDGEMENTS:
        place = judgement.replace(" ", "-")
        assert f".scene .{place} {{ --hue: var(--" in look
        assert f'[value="{judgement}"]:not(:checked)) :is(figure, dialog) .{place}' in look


def test_a_name_at_the_right_edge_ends_there(of_masks: tuple[Json, Json]) -> None:
    outline = of_masks[1]["answers"][0]["scene"]["outlines"][2]
    assert '<text x="14" y="17">' in render(*of_masks)
    outline["at"] = [90, 2]
    assert '<text x="92" y="17" text-anchor="end">' in render(*of_masks)


def test_only_data_uris_are_shown_as_places(of_masks: tuple[Json, Json]) -> None:
    result, evidence = of_masks
    evidence["answers"][1]["scene"]["picture"] = "https://example.org/x.png"
    assert "example.org" not in render(result, evidence)


def test_the_first_screen_of_places_has_names_and_speed(of_masks: tuple[Json, Json]) -> None:
    text = flowing(render(*of_masks))
    first = text[: text.index("Every arm")]
    assert "Test mean IoU 93.4 %" in first
    assert "Boundary F-score 80.0 % IoU of red_cell 70.0 %" in first
    assert "80 frames a second" in first
    assert "in 12.5 ms each on this machine" in text
    assert "80 frames a second at an input of 256 px" in text


def test_recordings_have_a_real_time_factor_and_no_frames(of_masks: tuple[Json, Json]) -> None:
    result, evidence = of_masks
    result["speed"]["real_time_factor"] = 0.25
    text = flowing(render(result, evidence))
    assert "0.25 s for each second of sound here" in text
    assert "0.25 s for each second of sound on this machine (the real-time factor; 2 threads)" in text
    assert "frames a second" not in text


def test_without_a_speed_none_is_told(made: tuple[Json, Json]) -> None:
    assert "frames a second" not in flowing(render(*made))


def test_labels_in_doubt_are_shown_and_the_rest_is_listed(result: Json, evidence: Json) -> None:
    assert "Labels in doubt" not in render(result, evidence)
    doubt = {"label": "ants", "probability": 0.03, "likely": "bees", "likely_probability": 0.97}
    items = [
        {**doubt, "file": "train/<one>.jpg", "picture": evidence["wrong"][0]["picture"]},
        {**doubt, "file": "train/two.jpg"},
    ]
    evidence["doubts"] = {"examples": 244, "count": 2, "items": items}
    page = render(result, evidence)
    assert "Labels in doubt: 2 of 244" in page
    assert "train/&lt;one&gt;.jpg" in page
    assert "<summary>1 more label</summary>" in page
    assert "<code>train/two.jpg</code>: ants, likely bees" in page
    evidence["doubts"] = {"examples": 244, "count": 0, "items": []}
    assert "Labels in doubt" not in render(result, evidence)
