"""The records cannot be changed, and say what they say."""

from __future__ import annotations

import dataclasses
import inspect
import subprocess
import sys

import numpy as np
import pytest

from headstart import types
from headstart.preprocessing.image import ImagePreprocess
from headstart.preprocessing.text import TextPreprocess
from headstart.preprocessing.translation import PairPreprocess
from headstart.targets import of_classes, of_one_kind
from headstart.types import Examples, Finding, Splits

RECORDS = [
    record for _, record in inspect.getmembers(types, inspect.isclass) if dataclasses.is_dataclass(record)
]


@pytest.fixture
def splits() -> Splits:
    examples = Examples(("a", "b"), (b"1", b"2"), ("d1", "d2"), of_classes(np.array([0, 1]), ("x", "y")))
    rows = (np.array([0]), np.array([1]), np.array([], dtype=np.int64))
    return Splits(examples, *rows, (), (), "f", False)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: record.__name__)
def test_every_record_is_frozen_and_documented(record):
    assert record.__dataclass_params__.frozen
    assert not record.__doc__.startswith(f"{record.__name__}(")


def test_classes_are_what_there_is_to_stratify_by(splits):
    one = splits.examples
    assert (one.targets.kinds, one.strata.tolist(), one.copies) == (("x", "y"), [0, 1], ("d1", "d2"))
    other = dataclasses.replace(one, targets=of_one_kind(["x", "y"]), folded=("f", "f"))
    assert (other.targets.kinds, other.strata.tolist()) == (("examples",), [0, 0])
    assert other.copies == ("f", "f")


def test_a_changed_copy_leaves_the_original(splits):
    changed = splits.but(fingerprint="g", validation=np.array([0]))
    assert (splits.fingerprint, changed.fingerprint) == ("f", "g")
    assert splits.validation.tolist() == [1]
    assert changed.examples is splits.examples
    with pytest.raises(dataclasses.FrozenInstanceError):
        splits.fingerprint = "h"


def test_counts_are_of_examples_and_items(splits):
    assert len(splits.examples) == 2
    assert Finding("leak", "two files", ("a", "b")).count == 2
    assert Finding("imbalance", "uneven").count == 0


def test_another_input_size_keeps_everything_else():
    one = ImagePreprocess(224, (0.4,) * 3, (0.2,) * 3, "bilinear", 0.9, "squash")
    assert one.at(96) == ImagePreprocess(96, (0.4,) * 3, (0.2,) * 3, "bilinear", 0.9, "squash")
    assert one.size == 224


def test_the_records_know_no_torch():
    code = "import sys, headstart.types; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], timeout=300).returncode == 0


@pytest.mark.parametrize("classes", [True, False])
def test_answers_are_numbers_of_classes_or_each_ones_own(classes):
    numbers, texts = np.array([1, 0, 1]), ["two", "one", "two"]
    targets = of_classes(numbers, ("one", "two")) if classes else of_one_kind(texts)
    found = Examples(("a", "b", "c"), (b"",) * 3, ("d",) * 3, targets)
    if classes:
        assert found.answers is numbers
        assert found.categories == targets.kinds == ("one", "two")
        assert found.strata.tolist() == [1, 0, 1]
    else:
        assert found.answers.tolist() == texts
        assert (found.categories, targets.kinds) == ((), ("examples",))
        assert found.strata.tolist() == [0, 0, 0]


def test_pairs_are_texts_of_another_modality():
    found = PairPreprocess("{}", 40, 40)
    assert (found.modality, found.unit, found.at(8).size) == ("translation", "tokens", 8)
    assert isinstance(found.at(8), PairPreprocess)
    assert found.identity == TextPreprocess("{}", 40, 40).identity


def test_some_of_the_examples_stay_on_their_sides(splits):
    fewer = splits.only(np.array([1]))
    assert fewer.examples.names == ("b",)
    assert fewer.examples.sources == (b"2",)
    assert fewer.examples.answers.tolist() == [1]
    assert fewer.examples.targets.members == ((1,),)
    assert (fewer.train.tolist(), fewer.validation.tolist(), fewer.test.tolist()) == ([], [0], [])
    assert splits.only(np.array([0, 1])).validation.tolist() == [1]


def test_splits_are_told_in_a_line(splits):
    assert (
        repr(splits.but(layout="folders")) == "Splits('folders', train=1, validation=1, test=0, left out=0)"
    )
