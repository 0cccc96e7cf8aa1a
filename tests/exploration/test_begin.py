"""What an exploration begins with."""

import numpy as np
import pytest

from headstart.bases.passes.frozen import FrozenPass
from headstart.cache import Cache
from headstart.errors import DataError
from headstart.exploration._asked import Asked
from headstart.exploration._begin import begin, benches, usable
from headstart.runtime import Runtime, Silent
from pictures import write_folder


@pytest.fixture
def begun(tmp_path, tiny_base):
    data = write_folder(tmp_path / "photos", per_class=4)
    return begin(Asked(data, base=(str(tiny_base),)), Silent())


@pytest.fixture
def bench(begun, tmp_path):
    return benches(begun, FrozenPass(Cache(tmp_path / "cache"), Runtime()))[0]


def test_no_label_is_left_in_the_examples(begun):
    assert begun.name == "image_classification"
    assert set(begun.splits.examples.targets.right.tolist()) == {""}
    assert not begun.splits.examples.targets.categories
    assert begun.labelled.answer.classes
    assert not begun.task.answer.classes


def test_a_base_at_hand_is_taken_and_said(tmp_path):
    told = []
    reporter = Silent()
    reporter.note = told.append
    found = begin(Asked(write_folder(tmp_path / "photos", per_class=2)), reporter)
    assert len(found.bases) == 1
    assert found.bases[0] in told[0]


def test_features_that_are_no_numbers_are_left_out_and_listed(begun, bench, monkeypatch):
    features = np.ones((12, 3), np.float32)
    features[4, 1] = np.nan
    monkeypatch.setattr(type(bench), "summaries", lambda self: features)
    fewer, splits, left = usable(bench, begun.splits)
    assert len(fewer.examples) == len(left) == len(splits.examples) == 11
    assert splits.dropped[-1].file == begun.splits.examples.names[4]
    assert begun.splits.examples.names[4] not in splits.examples.names
    assert len(splits.train) == 11
    features[2:] = np.inf
    with pytest.raises(DataError, match="not numbers"):
        usable(bench, begun.splits)
