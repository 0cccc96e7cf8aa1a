"""Two folders with the same things, and two that are numbered alike."""

import numpy as np
from PIL import Image

from headstart.data.folders.tree import grown
from headstart.data.folders.twins import are_numbered, have_equal_names, second_are_masks


def node(root, names, channels=3, most=256):
    root.mkdir()
    for number, name in enumerate(names):
        shape = (6, 6, channels) if channels > 1 else (6, 6)
        pixels = np.random.default_rng(number).integers(0, most, shape, dtype=np.uint8)
        Image.fromarray(pixels).save(root / name)
    return grown(root, root)


def test_equal_names(tmp_path):
    one, other = node(tmp_path / "a", ["x.png", "y.png"]), node(tmp_path / "b", ["x_mask.png", "y_mask.png"])
    assert have_equal_names([one, one])
    assert not have_equal_names([one, other])
    assert have_equal_names([one, other], marked=True)


def test_one_of_ten_may_have_no_twin(tmp_path):
    names = [f"{letter}.png" for letter in "abcdefghij"]
    one, most, half = (
        node(tmp_path / "a", names),
        node(tmp_path / "b", names[:9]),
        node(tmp_path / "c", names[:5]),
    )
    assert have_equal_names([one, most])
    assert not have_equal_names([one, half])


def test_numbered(tmp_path):
    assert are_numbered(node(tmp_path / "a", [f"cat ({number}).png" for number in range(5)]))
    assert are_numbered(node(tmp_path / "b", ["oak.png", "ash.png", "elm.png"])), "too few to tell"
    assert not are_numbered(node(tmp_path / "c", ["oak.png", "ash.png", "elm.png", "fir.png"]))


def test_masks_have_few_values(tmp_path):
    names = ["1.png", "2.png"]
    photos, masks, grey = (
        node(tmp_path / "a", names),
        node(tmp_path / "b", names, channels=1, most=3),
        node(tmp_path / "c", names, channels=1),
    )
    assert second_are_masks(photos, masks, tmp_path)
    assert second_are_masks(grey, masks, tmp_path)
    assert not second_are_masks(masks, photos, tmp_path)
    assert not second_are_masks(photos, grey, tmp_path)
    assert not second_are_masks(masks, masks, tmp_path)
    (tmp_path / "b/1.png").write_bytes(b"damaged")
    assert not second_are_masks(photos, masks, tmp_path)
