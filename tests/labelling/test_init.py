"""Suggestions come from a bundle's own features and answers, and leave out what has a label."""

from __future__ import annotations

import shutil

import pytest
from PIL import Image

import dense
from headstart import labelling
from headstart.errors import RunError, SettingsError
from headstart.labelling import Asked
from headstart.runtime import Silent
from headstart.suggested import require_doubts
from pairs_of_runs import like
from pictures import write_folder
from texts import write_bundle


@pytest.fixture(scope="module")
def heap(finished, tmp_path_factory):
    """20 new pictures, two of them twice; and three that the run learned from or was tested on."""
    folder = write_folder(tmp_path_factory.mktemp("heap"), ["heap"], per_class=20, seed=5, size=(120, 96))
    for number in (0, 1):
        with Image.open(folder / "heap" / f"heap_{number:03}.png") as image:
            image.save(folder / f"again_{number}.jpg", quality=92)
    rows = finished.read("evidence.json")["predictions"]
    tested, learned = (
        rows[0]["file"],
        next(
            path.relative_to(finished.data).as_posix()
            for path in sorted(finished.data.rglob("*.png"))
            if path.relative_to(finished.data).as_posix() not in {row["file"] for row in rows}
        ),
    )
    shutil.copy(finished.data / tested, folder / "tested.png")
    shutil.copy(finished.data / learned, folder / "learned.png")
    with Image.open(finished.data / learned) as image:
        image.resize((320, 256), Image.Resampling.BICUBIC).save(folder / "larger.png")
    return folder


@pytest.fixture(scope="module")
def found(finished, heap):
    return labelling.suggest(Asked(finished.bundle, heap, 8), Silent())


def test_as_many_as_are_asked_for_each_once(found):
    files = [one.file for one in found.suggested.to_label]
    assert len(files) == len(set(files)) == len(found.sources) == 8
    assert all(0 <= one.unsure <= 1 and one.probability >= 1 / 3 for one in found.suggested.to_label)
    assert found.suggested.to_label[0].likely[0] in ("circle", "square", "triangle")


def test_what_has_a_label_is_not_suggested_nor_a_near_copy_of_it(finished, heap):
    everything = labelling.suggest(Asked(finished.bundle, heap, 100), Silent()).suggested
    files = {one.file for one in everything.to_label}
    assert not files & {"tested.png", "learned.png", "larger.png"}
    assert everything.known == 3
    assert len(files & {"again_0.jpg", "heap/heap_000.png"}) == 1
    assert len(files) == everything.examples == 20
    assert any("all that have no label" in note for note in everything.notes)


def test_a_bundle_alone_knows_what_it_learned_from(finished, heap, tmp_path):
    alone = shutil.copytree(finished.bundle, tmp_path / "elsewhere")
    told = labelling.suggest(Asked(alone, heap, 100), Silent()).suggested
    files = {one.file for one in told.to_label}
    assert "learned.png" not in files
    assert "tested.png" in files, "nothing beside the bundle says what it was tested on"
    assert any("near copies of labelled examples were not looked for" in note for note in told.notes)
    assert told.doubts is None


def test_texts_are_suggested_as_pictures_are(tmp_path):
    bundle = write_bundle(tmp_path / "bundle")
    lines = tmp_path / "heap.txt"
    lines.write_text("so dull\nlovely songs\nnot bad at all\nneither here nor there\n", "utf-8")
    told = labelling.suggest(Asked(bundle, lines, 2), Silent()).suggested
    assert len(told.to_label) == 2
    assert {one.likely[0] for one in told.to_label} <= {"bad", "good"}


def test_answers_without_probabilities_are_refused(tmp_path, tiny_base, heap):
    bundle = dense.write_bundle(tmp_path / "bundle", "segmentation", tiny_base)
    with pytest.raises(SettingsError, match="have no probability") as error:
        labelling.suggest(Asked(bundle, heap), Silent())
    assert "headstart explore" in error.value.hint


def test_a_count_of_none_is_refused(finished, heap):
    with pytest.raises(SettingsError, match="at least 1"):
        labelling.suggest(Asked(finished.bundle, heap, 0), Silent())


def test_labels_in_doubt_are_those_that_the_run_keeps(finished, tmp_path):
    kept = finished.read("evidence.json")["doubts"]
    assert require_doubts(finished.folder).count == kept["count"]

    def older(_, evidence):
        del evidence["doubts"]

    with pytest.raises(RunError, match="keeps no labels in doubt"):
        require_doubts(like(finished.folder, tmp_path / "older", older))
    with pytest.raises(RunError):
        require_doubts(tmp_path)
