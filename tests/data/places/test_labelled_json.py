"""The JSON of labelling tools becomes boxes and outlines."""

import json

import pytest

from boxed import answers, picture, reasons, write
from headstart.data.answers.masks import mask_of
from headstart.data.boxes.layouts import looks_like_boxes, read_boxes
from headstart.data.masks.layouts import looks_like_masks, read_masks
from headstart.data.places.labelled_json import is_labelled_json, read_labelled_json

SAME = [["cell", 0.1, 0.25, 0.5, 0.5]]
CORNERS = [[4, 5], [20, 10]]


def labelme(*shapes, image="1.png"):
    return {"version": "5", "imagePath": image, "imageWidth": 40, "imageHeight": 20, "shapes": list(shapes)}


def shape(points, kind="polygon", label="cell"):
    return {"label": label, "points": points, "shape_type": kind}


def test_shapes_of_labelme(tmp_path):
    picture(tmp_path / "train/1.png")
    picture(tmp_path / "val/2.png")
    triangle = [[4, 5], [20, 5], [12, 10]]
    write(tmp_path / "train/1.json", labelme(shape(CORNERS[::-1], "rectangle"), shape([[1, 1]], "point")))
    write(
        tmp_path / "val/2.json",
        labelme(shape(triangle), shape([[10, 10], [14, 10]], "circle", "dot"), image="..\\x\\2.png"),
    )
    assert looks_like_boxes(tmp_path)
    listing = read_boxes(tmp_path)
    assert answers(listing) == {
        "train/1.png": SAME,
        "val/2.png": [*SAME, ["dot", 0.15, 0.3, 0.35, 0.7]],
    }
    assert [row.split for row in listing.rows] == ["train", "validation"]
    assert reasons(listing) == {"train/1.png box 2": "it has no bbox"}


def test_polygons_of_labelme_are_masks(tmp_path):
    pytest.importorskip("pycocotools")
    picture(tmp_path / "1.png")
    write(tmp_path / "1.json", labelme(shape([[0, 0], [20, 0], [20, 10], [8, 18]])))
    assert looks_like_masks(tmp_path)
    (row,) = read_masks(tmp_path).rows
    mask, names = mask_of(row.label)
    assert names == ("background", "cell")
    assert mask.shape == (20, 40)
    write(tmp_path / "1.json", labelme(shape(CORNERS, "rectangle")))
    assert not looks_like_masks(tmp_path), "rectangles are boxes"


def task(result, image="/data/upload/1/0123abcd-1.png"):
    return {"id": 1, "data": {"image": image}, "annotations": [{"result": result}]}


def test_rectangles_of_label_studio_are_percent(tmp_path):
    picture(tmp_path / "images/1.png")
    place = {"x": 10.0, "y": 25.0, "width": 40.0, "height": 25.0, "rotation": 0, "rectanglelabels": ["cell"]}
    size = {"original_width": 40, "original_height": 20}
    write(tmp_path / "export.json", json.dumps([task([{"type": "rectanglelabels", "value": place, **size}])]))
    assert answers(read_boxes(tmp_path)) == {"images/1.png": SAME}
    short = [{"image": "/data/local-files/?d=images/1.png", "label": [{**place, **size}]}]
    write(tmp_path / "export.json", json.dumps(short))
    assert answers(read_boxes(tmp_path)) == {"images/1.png": SAME}


def test_create_ml_counts_from_the_middle(tmp_path):
    picture(tmp_path / "1.png")
    at = {"x": 12, "y": 7.5, "width": 16, "height": 5}
    content = [{"image": "1.png", "annotations": [{"label": "cell", "coordinates": at}]}]
    write(tmp_path / "labels.json", json.dumps(content))
    assert answers(read_boxes(tmp_path)) == {"1.png": SAME}


@pytest.mark.parametrize(
    "objects",
    [
        {"bbox": [[4, 5, 16, 5]], "categories": ["cell"]},
        {"bbox": [[4.0, 5.0, 16.0, 5.0]], "category": ["cell"], "id": [7]},
        [{"bbox": [4, 5, 16, 5], "category": "cell"}],
    ],
)
def test_objects_of_metadata(tmp_path, objects):
    for name in ("1.png", "2.png"):
        picture(tmp_path / "train" / name)
    empty = {"bbox": [], "categories": []}
    rows = [{"file_name": "1.png", "objects": objects}, {"file_name": "2.png", "objects": empty}]
    write(tmp_path / "train/metadata.jsonl", "\n".join(map(json.dumps, rows)))
    assert looks_like_boxes(tmp_path)
    listing = read_boxes(tmp_path)
    assert answers(listing) == {"train/1.png": SAME, "train/2.png": []}
    assert {row.split for row in listing.rows} == {"train"}


def test_what_names_nothing_is_left_out(tmp_path):
    root = tmp_path / "data"
    picture(tmp_path / "secret.png")
    picture(root / "1.png")
    write(root / "1.json", labelme(shape(CORNERS, "rectangle"), image="../secret.png"))
    write(root / "2.json", labelme())
    pictures, dropped = read_labelled_json(root)
    assert [one.name for one in pictures] == ["1.png"]
    assert [(one.file, one.reason) for one in dropped] == [("../secret.png", "leads outside the data folder")]


def test_other_json_is_none_of_these(tmp_path):
    for number, content in enumerate(["{", "[]", "[1]", "{}", '[{"image": "1.png"}]', '{"shapes": []}']):
        write(tmp_path / f"{number}.json", content)
    write(tmp_path / "metadata.jsonl", '{"file_name": "1.png", "label": "cat"}\n\nx')
    assert not is_labelled_json(tmp_path)


def rectangle(**more):
    value = {"x": 10, "y": 25, "width": 40, "height": 25, "rectanglelabels": ["cell"], **more}
    return {"original_width": 40, "original_height": 20, "value": value}


def test_a_turned_rectangle_of_label_studio_turns_about_its_corner(tmp_path):
    """16 x 5 pixels from (4, 5), a quarter turned clockwise: 5 to the left of the corner, and 16 down."""
    picture(tmp_path / "1.png")
    write(tmp_path / "tasks.json", [task([rectangle(x=50, y=0, rotation=90)])])
    ((label, *sides),) = answers(read_boxes(tmp_path))["1.png"]
    assert label == "cell"
    assert sides == pytest.approx([15 / 40, 0, 20 / 40, 16 / 20], abs=1e-4)


def test_answers_to_questions_are_no_boxes(tmp_path):
    picture(tmp_path / "1.png")
    choice = {"value": {"choices": ["cat"]}, "from_name": "kind", "to_name": "image", "type": "choices"}
    write(tmp_path / "tasks.json", [task([choice])])
    assert not is_labelled_json(tmp_path)
    assert not looks_like_boxes(tmp_path)


def test_what_nobody_has_finished_is_left_out_and_told(tmp_path):
    for name in ("1.png", "2.png", "3.png"):
        picture(tmp_path / name)
    cancelled = {**task([rectangle()], "2.png"), "annotations": [{"result": [], "was_cancelled": True}]}
    untouched = {**task([], "3.png"), "annotations": []}
    write(tmp_path / "tasks.json", [task([rectangle()], "1.png"), cancelled, untouched])
    listing = read_boxes(tmp_path)
    assert answers(listing) == {"1.png": SAME}
    assert {name: reasons(listing)[name] for name in ("2.png", "3.png")} == dict.fromkeys(
        ("2.png", "3.png"), "nobody has marked it yet"
    )


def test_a_picture_that_was_renamed_with_its_file_is_found(tmp_path):
    picture(tmp_path / "new.png")
    write(tmp_path / "new.json", labelme(shape(CORNERS, "rectangle"), image="old.png"))
    assert answers(read_boxes(tmp_path)) == {"new.png": SAME}
