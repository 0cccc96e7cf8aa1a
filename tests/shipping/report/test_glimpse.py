"""A few examples for the first screen: one of each class, or a few tested ones."""

from __future__ import annotations

from headstart.plain import read
from headstart.shipping.report.evidence import Evidence
from headstart.shipping.report.glimpse import PICTURES, TEXTS, glimpse


def labels(evidence):
    return [one.label for one in glimpse(read(Evidence, evidence))]


def test_of_classes_the_first_example_of_each():
    samples = {"ants": [{"text": "a"}, {"text": "b"}], "none": [], "bees": [{"text": "c"}]}
    found = glimpse(read(Evidence, {"samples": samples}))
    assert [(one.label, one.shown.text) for one in found] == [("ants", "a"), ("bees", "c")]


def test_no_more_than_there_is_room_for_spread_over_all():
    many = {f"class {number:02}": [{"picture": "data:image/png;base64,AAAA"}] for number in range(26)}
    assert labels({"samples": many}) == [f"class {5 * place:02}" for place in range(PICTURES)]
    texts = {name: [{"text": "so"}] for name in many}
    assert labels({"samples": texts}) == ["class 00", "class 25"]
    assert TEXTS == 2


def test_without_classes_answers_and_of_places_their_pictures(of_masks, of_translations):
    masks = glimpse(read(Evidence, of_masks[1]))
    assert [one.label for one in masks] == [f"test/<{number}>.png" for number in range(6)]
    assert masks[1].shown.picture == of_masks[1]["answers"][1]["scene"]["picture"]


def test_where_nothing_can_be_shown_there_is_none():
    assert labels({}) == []
    assert labels({"samples": {"ants": [{"sound": "data:audio/wav;base64,A"}]}, "answers": []}) == []
