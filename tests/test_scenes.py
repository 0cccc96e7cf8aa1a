"""The whole story of places in pictures: boxes and masks of a few coloured squares."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from importlib.resources import files
from pathlib import Path

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from PIL import ExifTags, Image
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

import headstart
import scenery
from boxed import coco as write_coco
from headstart import registry
from headstart.data.answers import boxes, masks
from headstart.settings import read
from headstart.shipping.bundles.predict import Predictor
from headstart.tasks.answers import boxes as found_boxes
from scenery import GROUND, NAMES, SIDE, WRITE, scenes, write_masks
from stories import KILL, PLENTY, Finished, said, said_apart, same_run, shorten

TASKS = list(WRITE)


def shrink(patch: pytest.MonkeyPatch) -> None:
    """Short plans and small inputs from here on."""
    shorten(patch)
    scenery.shrink(patch.setattr)


def run(task: str, home: Path, base: Path, other_test: bool = False) -> Finished:
    data, folder = WRITE[task](home / "data", other_test=other_test), home / "run"
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        told = said("run", data, "--base", base, "--minutes", PLENTY, "--out", folder, "--json")
    assert told.code == 0, told.err
    return Finished(data, base, folder, told)


@pytest.fixture(scope="module")
def runs(tiny_base, tmp_path_factory) -> dict[str, Finished]:
    """A run of each task, each on its own data."""
    return {task: run(task, tmp_path_factory.mktemp(task), tiny_base) for task in TASKS}


@pytest.fixture(scope="module", params=TASKS)
def task(request) -> str:
    return request.param


@pytest.fixture
def one(runs, task) -> Finished:
    return runs[task]


@pytest.fixture
def detector(runs) -> Finished:
    return runs["object_detection"]


def test_everything_is_there_and_says_what_it_should(one, task):
    result = one.read("result.json")
    schema = json.loads(files("headstart.shipping.report").joinpath("result.schema.json").read_text("utf-8"))
    assert [error.message for error in Draft202012Validator(schema).iter_errors(result)] == []
    left = {path.relative_to(one.folder).as_posix() for path in one.folder.rglob("*") if path.is_file()}
    named = ("evidence.json", "log.jsonl", "report.html", "result.json", "settings.json")
    bundle = ("README.md", "bundle.json", "model.safetensors", "trained_on.safetensors")
    assert left == {*named, *(f"bundle/{name}" for name in bundle)}
    assert one.said.json == result
    counts = result["data"]["per_class"]
    assert set(counts) == set(result["data"]["labels"])
    assert all(0 < one["train"] <= result["data"]["train"] == 14 for one in counts.values())
    assert "one may have several, or none" in (one.folder / "report.html").read_text("utf-8")
    head = registry.get("tasks", task).answer.head_architecture.name
    assert result["chosen"]["head"] == head
    assert f", head {head}" in (one.folder / "report.html").read_text("utf-8")
    assert f"Head: `{head}`" in (one.bundle / "README.md").read_text("utf-8")
    assert result["task"] == task
    plugin = registry.get("tasks", task)
    arms = [arm["name"] for arm in result["arms"]]
    assert arms == [*plugin.baselines, *plugin.strategies, *plugin.references]
    assert result["data"]["labels"] == sorted([*NAMES, *[GROUND] * (task == "segmentation")])
    assert result["metric"]["value"] == pytest.approx(result["metrics"][plugin.score.name])
    assert result["data"]["dropped"]["count"] == 0


def test_training_learns_the_squares(one):
    """Of a transferred arm: one that never moved does not beat what knows no picture."""
    values = {arm["name"]: arm["value"] for arm in one.read("result.json")["arms"]}
    still, near = (values[name] for name in list(values)[:2])
    assert min(values["frozen"], values["finetune"]) > max(still, near)


def test_each_arm_with_a_pretrained_base_trains_its_head_first(one):
    recipes = one.read("settings.json")["plan"]["recipes"]
    assert recipes["frozen"]["head_epochs"] > 0 == recipes["frozen"]["epochs"]
    assert recipes["finetune"]["head_epochs"] > 0 < recipes["finetune"]["epochs"]
    assert recipes["scratch"]["head_epochs"] == 0 < recipes["scratch"]["epochs"]
    curves = one.read("evidence.json")["curves"]
    assert {name: len(seed["train"]) for name, (seed, *_) in curves.items()} == {
        name: recipe["head_epochs"] + recipe["epochs"] for name, recipe in recipes.items()
    }


def test_evaluating_the_bundle_gives_the_metric_of_the_run(one):
    found, result = headstart.evaluate(one.bundle, one.data), one.read("result.json")
    assert found.split == "test"
    for part, near in (("value", True), ("interval", True), ("name", False), ("n", False)):
        expected = result["metric"][part]
        assert getattr(found.metric, part) == (pytest.approx(expected, rel=1e-6) if near else expected)
    assert found.metrics == pytest.approx(result["metrics"], rel=1e-6)


def test_the_bundle_says_the_same_in_a_process_of_its_own(one, tmp_path, commands):
    pictures = sorted((one.data / "test").rglob("*.png"))[:3]
    here = [json.dumps(record) for record in headstart.predict(one.bundle, pictures)]
    outside = said_apart(commands, "predict", one.bundle, *pictures, "--json", cwd=tmp_path)
    assert outside.code == 0, outside.err
    assert [json.loads(line) for line in outside.out.splitlines()] == [json.loads(line) for line in here]


def test_answers_of_the_bundle_are_those_of_the_evidence(one):
    rows = {row["file"]: row["predicted"] for row in one.read("evidence.json")["predictions"]}
    assert len(rows) == 6
    sources = [one.data / name for name in rows]
    assert Predictor(one.bundle).outputs(sources).tolist() == list(rows.values())


@pytest.mark.slow
def test_other_annotations_of_the_test_split_change_no_weight(one, task, tiny_base, tmp_path):
    """Those of other pictures, and of boxes one of a class that nothing else has."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("scenery.coco", _with_a_stranger)
        other = run(task, tmp_path, tiny_base, other_test=True)
    assert other.weights == one.weights
    assert other.read("result.json")["metric"]["value"] != one.read("result.json")["metric"]["value"]
    assert other.read("result.json")["chosen"] == one.read("result.json")["chosen"]
    plans = [which.read("settings.json")["plan"]["recipes"] for which in (one, other)]
    assert plans[0] == plans[1]


def _with_a_stranger(images, size):
    """COCO's JSON; in the test split, which has six pictures, the first box is of a new class."""
    made = write_coco(images, size)
    if len(images) == 6:
        made["categories"].append({"id": 9, "name": "stranger"})
        made["annotations"][0]["category_id"] = 9
    return made


@pytest.mark.slow
def test_the_settings_repeat_the_run(runs, tmp_path):
    first = runs["segmentation"]
    with pytest.MonkeyPatch.context() as patch:
        shrink(patch)
        done = said("run", "--from", first.folder / "settings.json", "--out", tmp_path / "again")
    assert done.code == 0, done.err
    same_run(tmp_path / "again", first)


@pytest.mark.slow
def test_a_run_that_is_killed_while_only_its_head_learns_ends_the_same(detector, tmp_path, commands):
    command = ("run", detector.data, "--base", detector.base, "--minutes", PLENTY)
    in_the_head = KILL.format(name="finetune-0.checkpoint", time=2)
    assert said_apart(commands, *command, cwd=tmp_path, before=in_the_head).code == -9
    (folder,) = (tmp_path / "runs").iterdir()
    assert (folder / "work" / "finetune-0.checkpoint").exists()
    recipe = json.loads((folder / "settings.json").read_text("utf-8"))["plan"]["recipes"]["finetune"]
    assert recipe["head_epochs"] >= 1, "otherwise the kill came later"
    done = said_apart(commands, *command, cwd=tmp_path)
    assert done.code == 0, done.err
    same_run(folder, detector)


@pytest.mark.slow
def test_a_run_goes_on_from_the_bundle_of_another(one, task, tmp_path, monkeypatch):
    shrink(monkeypatch)
    asked = ("--strategy", "frozen", "--minutes", PLENTY, "--json")
    told = said("run", one.data, "--base", one.folder, "--out", tmp_path / "run", *asked)
    assert told.code == 0, told.err
    k = len(told.json["data"]["labels"])
    assert f"frozen: {k} of {k} classes start from the base's own output rows" in told.json["notes"]
    assert told.json["chosen"]["head"] == one.read("result.json")["chosen"]["head"]
    frozen = next(arm for arm in told.json["arms"] if arm["name"] == "frozen")
    assert frozen["value"] >= 0.9 * one.read("result.json")["metric"]["value"]


@pytest.mark.slow
def test_a_head_that_is_asked_for_is_taken_instead_of_the_one_that_was_brought(
    detector, tmp_path, monkeypatch
):
    shrink(monkeypatch)
    asked = ("--head", "ssdlite", "--strategy", "frozen", "--minutes", PLENTY, "--json")
    told = said("run", detector.data, "--base", detector.folder, "--out", tmp_path / "run", *asked)
    assert told.code == 0, told.err
    assert told.json["chosen"]["head"] == "ssdlite"
    assert not [note for note in told.json["notes"] if "start from" in note]
    assert json.loads((tmp_path / "run" / "bundle" / "bundle.json").read_text())["head"]["name"] == "ssdlite"
    assert read(tmp_path / "run" / "settings.json").head == "ssdlite"


def test_its_own_training_pictures_prove_nothing_with_a_bundle_as_the_base(detector, tmp_path):
    data = tmp_path / "data"
    shutil.copytree(detector.data, data)
    shutil.rmtree(data / "test")
    (data / "train").rename(data / "test")
    (data / "valid").rename(data / "train")
    told = said("run", data, "--base", detector.bundle, "--minutes", PLENTY, "--out", tmp_path / "run")
    assert told.code == 1
    assert "was pre-trained on 14 of the 14 test examples" in told.err


def test_the_metric_is_that_of_pycocotools_in_pixels(detector, tmp_path, capsys):
    """On the annotations as they were written, and what was found in the pixels of the pictures."""
    stated = detector.data / "test" / "_annotations.coco.json"
    plain = json.loads(stated.read_text("utf-8"))
    for number, annotation in enumerate(plain["annotations"], start=1):
        left, top, width, height = annotation["bbox"]
        annotation.update(id=number, iscrowd=0, area=width * height)
    right = tmp_path / "right.json"
    right.write_text(json.dumps({"info": {}, **plain}), "utf-8")
    images = {f"test/{one['file_name']}": one for one in plain["images"]}
    numbers = {one["name"]: one["id"] for one in plain["categories"]}
    found = []
    for row in detector.read("evidence.json")["predictions"]:
        image = images[row["file"]]
        with Image.open(detector.data / row["file"]) as picture:
            width, height = picture.size
        for box in boxes.boxes_of(row["predicted"]):
            size = (box.right - box.left) * width, (box.bottom - box.top) * height
            place = {"bbox": [box.left * width, box.top * height, *size], "score": box.score}
            found.append({"image_id": image["id"], "category_id": numbers[box.name], **place})
    assert len(found) > 10
    truth = COCO(right)
    judge = COCOeval(truth, truth.loadRes(found), "bbox")
    judge.evaluate()
    judge.accumulate()
    judge.summarize()
    capsys.readouterr()
    result = detector.read("result.json")
    assert 0.02 < judge.stats[0] < 0.98
    assert result["metric"]["value"] == pytest.approx(judge.stats[0], abs=1e-6)
    assert result["metrics"]["ap50"] == pytest.approx(judge.stats[1], abs=1e-6)


@pytest.fixture
def odd(tmp_path) -> Iterator[dict[str, Path]]:
    """One scene in many kinds of files; `plain` is the usual one."""
    (made,) = scenes(1, seed=2).values()
    image = made.image
    grey = np.asarray(image.convert("L")).astype(np.uint16)
    exif = Image.Exif()
    exif[ExifTags.Base.Orientation] = 6
    other = Image.new("RGB", image.size, "white")
    see_through = image.convert("RGBA")
    see_through.putalpha(255)
    kinds = {
        "plain.png": (image, {}),
        "grey.png": (image.convert("L"), {}),
        "grey_of_16_bits.png": (Image.fromarray(grey * 257), {}),
        "grey_as_rgb.png": (image.convert("L").convert("RGB"), {}),
        "cmyk.jpg": (image.convert("CMYK"), {"quality": 95}),
        "turned.png": (image.transpose(Image.Transpose.ROTATE_90), {"exif": exif}),
        "moving.png": (image, {"save_all": True, "append_images": [other]}),
        "alpha.png": (see_through, {}),
        "large.jpg": (image.resize((5120, 3968), Image.Resampling.NEAREST), {"quality": 90}),
    }
    for name, (one, how) in kinds.items():
        one.save(tmp_path / name, **how)
    return {name: tmp_path / name for name in kinds}


def test_boxes_in_all_kinds_of_pictures_are_in_the_pixels_that_a_viewer_shows(detector, odd, monkeypatch):
    monkeypatch.setattr(found_boxes, "SHOWN", 0.0)
    found = dict(zip(odd, headstart.predict(detector.bundle, list(odd.values())), strict=True))
    assert [record.get("error") for record in found.values()] == [None] * len(odd)
    assert all(record["boxes"] for record in found.values())
    plain = found["plain.png"]["boxes"]
    for same in ("turned.png", "moving.png", "alpha.png"):
        assert found[same]["boxes"] == plain, same
    assert found["grey.png"]["boxes"] == found["grey_as_rgb.png"]["boxes"]
    assert found["grey_of_16_bits.png"]["boxes"] == found["grey.png"]["boxes"]
    for name, record in found.items():
        width, height = (5120, 3968) if name == "large.jpg" else (64, 48)
        corners = np.array([box["box"] for box in record["boxes"]])
        assert (corners >= 0).all()
        assert (corners <= [width, height, width, height]).all()
        assert (corners[:, 2:] > corners[:, :2]).all()
    large = np.array([box["box"] for box in found["large.jpg"]["boxes"]])
    assert large.max() > 1000, "in its own pixels"


def test_masks_of_all_kinds_of_pictures(runs, odd):
    bundle = runs["segmentation"].bundle
    found = dict(zip(odd, Predictor(bundle).outputs(list(odd.values())).tolist(), strict=True))
    for same in ("turned.png", "moving.png", "alpha.png"):
        assert found[same] == found["plain.png"], same
    assert found["grey.png"] == found["grey_of_16_bits.png"] == found["grey_as_rgb.png"]
    assert {masks.mask_of(one)[0].shape for one in found.values()} == {(SIDE, SIDE)}
    assert len(set(found.values())) > 2


def test_masks_that_cannot_be_used_are_named_by_check(tmp_path):
    data = write_masks(tmp_path / "data", {"train": 6, "valid": 3, "test": 3})
    Image.new("L", (63, 48)).save(data / "train" / "masks" / "00.png")
    Image.fromarray(np.full((48, 64), 7, np.uint8)).save(data / "test" / "masks" / "01.png")
    record = said("check", data, "--task", "segmentation", "--json").json
    dropped = {one["file"]: one["reason"] for one in record["dropped"]["items"]}
    assert len(dropped) == 2
    size, value = dropped["train/images/00.png"], dropped["test/images/01.png"]
    assert "63 x 48" in size
    assert "64 x 48" in size
    assert "7" in value
    assert "classes.txt" in value
