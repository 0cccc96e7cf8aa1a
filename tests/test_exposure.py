"""An exposure is what a bundle keeps of how pictures are shown."""

import json
from dataclasses import asdict

import pytest

from headstart.exposure import AS_STORED, Exposure, shared
from headstart.preprocessing.image import ImagePreprocess


@pytest.mark.parametrize("one", [AS_STORED, Exposure((0.0, 7.5), True, True, (3, 2, 1))])
def test_it_comes_back_from_json(one):
    assert Exposure.of(json.loads(json.dumps(asdict(one)))) == one
    assert Exposure.of(None) == AS_STORED


def test_sets_that_share_a_backbone_share_the_widest_window():
    assert shared([Exposure((0, 5)), AS_STORED, Exposure((-3, 2))]).window == (-3, 5)
    assert shared([AS_STORED, AS_STORED]) == shared([]) == AS_STORED


def test_the_identity_of_preprocessing_without_one_is_what_it_was():
    plain = ImagePreprocess(8, (0, 0, 0), (1, 1, 1))
    assert set(plain.identity) == {"size", "mean", "std", "interpolation", "crop_fraction", "crop_mode"}
    windowed = ImagePreprocess(8, (0, 0, 0), (1, 1, 1), exposure=Exposure((0, 5)))
    assert windowed.identity["exposure"]["window"] == (0, 5)
    assert windowed.at(16).exposure == windowed.framings()[1].exposure == Exposure((0, 5))
