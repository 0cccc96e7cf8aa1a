"""What the page and the table show."""

import json

import pytest


@pytest.fixture
def points(explored):
    return json.loads((explored[1].folder / "evidence.json").read_text())


def test_every_example_has_a_place_and_those_that_are_listed_a_look(explored, points):
    told = explored[1].found
    assert len(points["x"]) == len(points["y"]) == len(points["cluster"]) == len(points["name"]) == 60
    assert max(map(abs, points["x"] + points["y"])) == 1000
    listed = {points["name"].index(name) for name in told.first[:24]}
    assert listed <= {int(row) for row in points["look"]}
    assert all(look.startswith("data:image/") for look in points["look"].values())


def test_a_sheet_shows_its_own_cluster_from_the_middle_to_the_edge(explored, points):
    told = explored[1].found
    assert len(points["sheets"]) == len(told.groups)
    for number, rows in enumerate(points["sheets"]):
        assert {points["cluster"][row] for row in rows} == {number}
        assert points["name"][rows[0]] == told.groups[number].medoid
        assert len(set(rows)) == len(rows) == 8


def test_splits_and_labels_are_there_to_colour_by(points):
    assert set(points["split"]) == {"train", "test"}
    assert set(points["label"]) == {"circle", "square", "triangle"}
    assert all(label in name for label, name in zip(points["label"], points["name"], strict=True))


def test_pictures_of_one_day_have_no_age_to_colour_by(points):
    assert points["age"] is None
