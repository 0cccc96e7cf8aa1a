"""The page of two runs: the difference first, what flipped with pictures, nothing from outside."""

from __future__ import annotations

from dataclasses import replace

from headstart.compared import Flipped, Told
from headstart.shipping.report.compared import render
from headstart.types import Outline, Scene
from pairs_of_runs import COMPARED

PICTURE = "data:image/png;base64,AAAA"


def flipped(**more) -> Flipped:
    return Flipped("a/<one>.png", "cat", Told("dog", 0.0, 0.9), Told("cat", 1.0, 0.8), **more)


def test_the_page_says_the_difference_and_shows_what_flipped():
    page = render(replace(COMPARED, gained=(flipped(picture=PICTURE),), notes=("mind this",)))
    assert "new is better than old: +10.0 points" in page
    assert "Only new is right: 3 examples" in page
    assert "Only old is right: 1 example<" in page
    assert f'<img src="{PICTURE}"' in page
    assert "a/&lt;one&gt;.png" in page
    assert "Mind this." in page
    assert 'old: <b class="text">dog</b>, 90.0' in page


def test_nothing_is_asked_for_outside_the_page():
    page = render(replace(COMPARED, gained=(flipped(picture="https://elsewhere/x.png"),)))
    assert "https://" not in page
    assert "<script" not in page


def test_texts_are_quoted_and_places_are_outlined_for_both_runs():
    texts = render(replace(COMPARED, lost=(flipped(text="so <b>dull</b>"),)))
    assert "so &lt;b&gt;dull&lt;/b&gt;</blockquote>" in texts
    scenes = [Scene(PICTURE, (9, 9), (Outline(kind, "cat", "M0 0"),), kind) for kind in ("missed", "right")]
    told = [Told("", score, scene=scene) for score, scene in zip((0.2, 0.7), scenes, strict=True)]
    boxes = render(
        replace(COMPARED, classes=False, gained=(replace(flipped(), first=told[0], second=told[1]),))
    )
    assert boxes.count(f'<image href="{PICTURE}"') == 2
    assert 'aria-label="old, a/&lt;one&gt;.png: missed"' in boxes
    assert 'aria-label="new, a/&lt;one&gt;.png: right"' in boxes
    assert boxes.count('type="checkbox"') == 2
    assert "new is better: 3 examples" in boxes


def test_a_loss_is_told_without_points():
    page = render(replace(COMPARED, metric="log_loss", range=(0.0, None), higher_is_better=False))
    assert "lower log loss is better" in page
    assert "points of log loss" not in page
