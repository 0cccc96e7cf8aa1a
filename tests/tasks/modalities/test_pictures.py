"""The window of training pictures reaches the base, the bundle, and what a person is shown."""

import io
import json

import numpy as np
import pytest
from PIL import Image
from torch import nn

from headstart import data
from headstart.bases import build
from headstart.cache import Cache
from headstart.data.images.store import PixelStore
from headstart.exposure import AS_STORED, Exposure
from headstart.preprocessing.image import ImagePreprocess
from headstart.shipping.bundles import bundle
from headstart.shipping.bundles.predict import Predictor
from headstart.tasks import task_named
from headstart.tasks.modalities.pictures import MOST_SENT, OPTIONS, Pictures
from headstart.types import Architecture

PREPROCESS = ImagePreprocess(16, (0.5,) * 3, (0.2,) * 3, crop_fraction=1.0)


@pytest.fixture
def photos(tmp_path):
    """Twelve pictures of two classes, of 12 bits in 16."""
    draws = np.random.default_rng(0)
    for name in ("bright", "dark"):
        (tmp_path / "photos" / name).mkdir(parents=True)
        for number in range(6):
            numbers = draws.integers(0, 4096 if name == "bright" else 400, (16, 16)).astype(np.uint16)
            Image.fromarray(numbers).save(tmp_path / "photos" / name / f"{number}.png")
    return tmp_path / "photos"


def test_a_base_is_shown_the_window_of_training_pictures(photos, tmp_path):
    task = task_named("image_classification")
    splits = data.load(photos, task)
    preprocess = task.preprocess(PREPROCESS, splits.examples, splits.train.tolist())
    low, high = preprocess.exposure.window
    assert (low < 10, 4000 < high < 4096) == (True, True)
    store = PixelStore(splits.examples.sources, preprocess, Cache(tmp_path / "cache"))
    assert store.encoded(np.arange(12)).max() > 250
    plain = PixelStore(splits.examples.sources, PREPROCESS, Cache(tmp_path / "cache"))
    assert plain.encoded(np.arange(12)).max() < 20  # the cache does not mix the two up


@pytest.mark.parametrize("name", ["image_classification", "object_detection", "segmentation"])
def test_a_person_sees_what_the_base_sees(photos, name):
    task, picture = task_named(name), photos / "bright" / "0.png"
    exposure = Exposure((0, 4095))
    windowed = task.shown_as(ImagePreprocess(8, (0,) * 3, (1,) * 3, exposure=exposure)).modality
    assert windowed.shown(picture, 16) != task.modality.shown(picture, 16)
    assert (task.modality.exposure, windowed.exposure) == (AS_STORED, exposure)
    assert task.shown_as(PREPROCESS).modality == task.modality == Pictures()


def test_a_bundle_keeps_its_window_and_predicts_with_it(photos, tmp_path):
    preprocess = ImagePreprocess(16, (0.5,) * 3, (0.2,) * 3, exposure=Exposure((0.0, 4095.0)))
    architecture = Architecture("builtin", "pixels", {"side": 4})
    parts = bundle.Parts("image_classification", architecture, preprocess, ("bright", "dark"), 48, {})
    bundle.write(tmp_path / "bundle", parts, build(architecture, 16), nn.Linear(48, 2))
    predictor = Predictor(tmp_path / "bundle")
    assert predictor.parts == parts
    bright, dark = (photos / name / "0.png" for name in ("bright", "dark"))
    assert np.abs(predictor.outputs([bright]) - predictor.outputs([dark])).max() > 0.01
    facts = json.loads((tmp_path / "bundle" / "bundle.json").read_text())
    del facts["preprocess"]["exposure"]  # a bundle from before there were any
    (tmp_path / "bundle" / "bundle.json").write_text(json.dumps(facts))
    old = Predictor(tmp_path / "bundle")
    assert old.parts.preprocess.exposure == AS_STORED
    assert "convert it to 8 bits" in next(old.predict([dark]))["error"]


def test_the_window_of_a_bundle_cannot_be_set_again():
    task = task_named("image_classification")
    assert not set(OPTIONS) & set(task.shipped(PREPROCESS).options)
    assert set(OPTIONS) <= set(task.options)
    text = task_named("text_classification")
    assert text.shipped(None).modality is text.shown_as(None).modality is text.modality


def test_a_page_is_told_its_size_and_what_is_too_large(tmp_path):
    def written(side):
        stream = io.BytesIO()
        Image.new("1", (side, 10)).save(stream, "PNG")
        return stream.getvalue()

    assert Pictures().charted(written(30)) == {"width": 30, "height": 10}
    assert Pictures().excess(written(30)) is None
    assert "pixels" in Pictures().excess(written(MOST_SENT // 10 + 1))
    for broken in (b"", b"no picture", written(30)[:20]):
        assert Pictures().excess(broken)
