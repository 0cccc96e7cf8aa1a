"""The demo's data are real digits, five labels a class, and its story is told to the end."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from headstart import demo, registry
from headstart.errors import RunError
from headstart.runtime import Silent


@pytest.fixture
def few(monkeypatch):
    """The first 120 digits in place of all."""
    from sklearn import datasets

    pictures, targets = datasets.load_digits(return_X_y=True)
    monkeypatch.setattr(datasets, "load_digits", lambda return_X_y: (pictures[:120], targets[:120]))
    return pictures[:120], targets[:120]


@pytest.fixture
def three(few, monkeypatch):
    """Of the first 120 digits the noughts, ones and twos."""
    from sklearn import datasets

    pictures, targets = few
    own = targets < 3
    monkeypatch.setattr(datasets, "load_digits", lambda return_X_y: (pictures[own], targets[own]))
    return targets[own]


def test_five_of_each_digit_are_for_training_and_the_rest_for_test(few, tmp_path):
    pictures, targets = few
    first = demo.digits(tmp_path / "digits")
    train = sorted((tmp_path / "digits" / "train").rglob("*.png"))
    test = sorted((tmp_path / "digits" / "test").rglob("*.png"))
    assert len(train) == 50
    assert len(test) == 70
    for digit in range(10):
        assert sum(path.parent.name == str(digit) for path in train) == 5
    assert first in test
    for path in [*train[:5], first]:
        row = int(path.stem)
        assert path.parent.name == str(targets[row])
        shown = np.asarray(Image.open(path), dtype=float).ravel() * 16 / 255
        np.testing.assert_allclose(shown, pictures[row], atol=0.05)


def test_no_digit_is_in_both_splits(few, tmp_path):
    demo.digits(tmp_path)
    assert len({path.stem for path in tmp_path.rglob("*.png")}) == 120


def test_a_place_that_cannot_be_written_is_said(few, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(RunError) as caught:
        demo.digits(tmp_path / "file" / "digits")
    assert "--out" in caught.value.hint


def test_the_story_ends_with_a_prediction(three, tmp_path, short):
    result, prediction = demo.story(tmp_path / "demo", seed=0, minutes=10, reporter=Silent())
    assert result.folder == tmp_path / "demo" / "run"
    offered = [row["base"] for row in result.record["ranking"]]
    installed = registry.get("bases", "builtin").names()
    assert set(offered) == {name for name in demo.BASES if name in installed}
    assert result.chosen.base in offered
    assert result.metric.n == len(three) - 15
    assert prediction["label"] in "012"
    assert prediction["input"].startswith(str(tmp_path / "demo" / "digits" / "test"))
