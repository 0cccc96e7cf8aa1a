"""Digits are real, drawn at random, and none is in both splits."""

from __future__ import annotations

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

from headstart.samples import digits


def test_so_many_of_each_and_none_twice(tmp_path):
    digits.write_some(tmp_path, 0, labels=2, tests=3)
    files = sorted(tmp_path.rglob("*.png"))
    assert len({path.stem for path in files}) == len(files) == 50
    pictures, targets = load_digits(return_X_y=True)
    for path in files[::7]:
        assert path.parent.name == str(targets[int(path.stem)])
        shown = np.asarray(Image.open(path), float).ravel() * 16 / 255
        np.testing.assert_allclose(shown, pictures[int(path.stem)], atol=0.05)
    for digit in range(10):
        assert len(list((tmp_path / "train" / str(digit)).iterdir())) == 2
        assert len(list((tmp_path / "test" / str(digit)).iterdir())) == 3
