"""What detectors without a library's settings are told by: names of classes, terms, pictures."""

from __future__ import annotations

import pytest

from headstart.bases import _coco
from headstart.preprocessing.image import ImagePreprocess


def test_the_classes_are_cocos_in_their_order():
    names = _coco.coco()
    assert len(set(names)) == len(names) == 80
    assert (names[0], names[2], names[11], names[79]) == ("person", "car", "stop sign", "toothbrush")


@pytest.mark.parametrize(
    ("config", "k", "names"),
    [
        ({}, 80, _coco.coco()),
        ({"label_names": ["ant", "bee"]}, 2, ("ant", "bee")),
        ({"label_names": ["ant", "bee"]}, 3, ("N/A",) * 3),
        ({"label_names": ["ant", "bee"]}, 80, _coco.coco()),
        ({}, 3, ("N/A",) * 3),
    ],
)
def test_names_of_classes_are_told_or_cocos_or_unknown(config, k, names):
    assert _coco.class_names(config, k) == names


@pytest.mark.parametrize(
    ("config", "expected"),
    [
        ({}, (None, None)),
        ({"source_data": "a", "license": "MIT"}, ("a", "MIT")),
        ({"source_task": "b", "licence": "BSD"}, ("b", "BSD")),
        ({"source_data": "a", "source_task": "b", "license": "MIT", "licence": "BSD"}, ("a", "MIT")),
    ],
)
def test_terms_are_those_of_the_settings(config, expected):
    assert _coco.terms(config) == expected


def test_pictures_are_whole_and_keep_their_numbers():
    expected = ImagePreprocess(64, (0.0,) * 3, (1 / 255,) * 3, "bilinear", 1.0, "squash")
    assert _coco.whole_picture(64, 255.0) == expected
