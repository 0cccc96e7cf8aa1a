"""What a recommender keeps is a source like a table."""

import json

import pandas as pd
import pytest

import tastes
from headstart.data.ratings.learned import source_of
from headstart.data.reading import PLAIN, Reading
from headstart.errors import DataError
from headstart.preprocessing.ratings import RatingsPreprocess

TAKEN = {"007": {1: 30, 0: 40, 2: None}, "🍕": {}, "x": {0: 50}}


def write(folder, taken=TAKEN, **changes):
    how = RatingsPreprocess(("a", "b", "\x00z"), 2, True, None if taken is None else tastes.kept(taken))
    plain, files = how.plain()
    folder.mkdir(parents=True)
    for name, content in files.items():
        (folder / name).write_bytes(content)
    facts = {"modality": "ratings", "task": "recommendation", "preprocess": plain} | changes
    (folder / "bundle.json").write_text(json.dumps(facts), "utf-8")
    return folder


@pytest.mark.parametrize("inside", ["", "bundle"])
def test_a_bundle_or_its_run_is_read(tmp_path, inside):
    write(tmp_path / "run" / inside)
    found = source_of(str(tmp_path / "run"), PLAIN, None)
    pairs = [
        (found.users[user], found.items[item]) for user, item in zip(found.user, found.item, strict=True)
    ]
    assert pairs == [("007", "b"), ("007", "a"), ("x", "a")]
    assert found.when.tolist() == [30, 40, 50]


def test_where_nobody_knows_when_there_are_no_stamps(tmp_path):
    write(tmp_path / "run", {"x": {0: None}})
    assert source_of(str(tmp_path / "run"), PLAIN, None).when is None


def test_a_table_has_the_usual_names_whatever_the_target_s_are_called(tmp_path):
    pd.DataFrame({"user_id": ["u"], "item_id": ["i"]}).to_csv(tmp_path / "a.csv", index=False)
    found = source_of(str(tmp_path / "a.csv"), Reading(columns={"user_id": "customer"}), None)
    assert (found.users, found.items) == (("u",), ("i",))


@pytest.mark.parametrize(
    ("make", "told"),
    [
        (lambda folder: folder.mkdir(), "no recommender is in it"),
        (lambda folder: write(folder, modality="image", task="image_classification"), "image_classification"),
        (lambda folder: write(folder, preprocess={}), "damaged"),
        (lambda folder: (write(folder) / "items.json").unlink(), "damaged"),
        (lambda folder: (write(folder) / "histories.safetensors").write_bytes(b"no"), "damaged"),
        (lambda folder: write(folder, None), "nothing links its items"),
        (lambda folder: None, "is no table"),
    ],
)
def test_what_is_no_source_is_told(tmp_path, make, told):
    make(tmp_path / "it")
    with pytest.raises(DataError, match=told) as error:
        source_of(str(tmp_path / "it"), PLAIN, None)
    assert error.value.hint
