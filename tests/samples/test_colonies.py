"""A box lies around its colony."""

from __future__ import annotations

import json

import numpy as np

from headstart.samples import colonies


def test_boxes_hold_what_stands_out():
    draws = np.random.default_rng(0)
    for _ in range(5):
        image, found = colonies.dish(draws)
        pixels = np.asarray(image, float)
        inside = np.zeros(pixels.shape[:2], bool)
        for kind, (x, y, wide, high) in found:
            assert kind in (0, 1)
            middle = pixels[int(y + high / 2), int(x + wide / 2)]
            assert np.abs(middle - pixels[0, 0]).max() > 20
            inside[max(0, int(y) - 2) : int(y + high) + 3, max(0, int(x) - 2) : int(x + wide) + 3] = True
        assert np.abs(pixels[~inside] - np.median(pixels[~inside], 0)).max() < 20


def test_each_picture_of_each_split_is_annotated(tmp_path):
    colonies.write(tmp_path, 0)
    for split, many in colonies.SPLITS.items():
        told = json.loads((tmp_path / split / "_annotations.coco.json").read_text())
        assert {one["file_name"] for one in told["images"]} == {
            p.name for p in (tmp_path / split).glob("*.png")
        }
        assert len(told["images"]) == many
        numbers = [one["id"] for one in told["annotations"]]
        assert numbers == list(range(len(numbers)))
