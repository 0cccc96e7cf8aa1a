"""Folders of whole detectors: the base, the head beside it, and how pictures are prepared."""

from __future__ import annotations

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

import detectors
from headstart.bases import load_base, transformers
from headstart.bases.detectors import plugin
from headstart.bases.formats.detr import upper_half
from headstart.bases.networks.maps import mapped
from headstart.errors import BaseError
from headstart.preprocessing.image import ImagePreprocess


@pytest.fixture(scope="module", params=detectors.KINDS)
def kind(request):
    return request.param


@pytest.fixture(scope="module")
def folder(kind, tmp_path_factory):
    return detectors.write(tmp_path_factory.mktemp("detector"), kind)[0]


@pytest.fixture(scope="module")
def base(folder):
    return load_base(str(folder), "image")


def rewritten(folder, into, change, **settings):
    """The same detector with other weights."""
    into.mkdir()
    for name in ("config.json", "preprocessor_config.json"):
        (into / name).write_text((folder / name).read_text())
    if settings:
        config = json.loads((into / "config.json").read_text())
        (into / "config.json").write_text(json.dumps({**config, **settings}))
    save_file(change(load_file(folder / "model.safetensors")), into / "model.safetensors")
    return load_base(str(into))


def test_it_takes_the_folder_and_no_other_family_does(folder, base):
    assert base.architecture.family == "detectors"
    assert transformers.plugin.locate(str(folder)) is None


def test_the_receipt_is_of_the_base_alone(kind, base):
    """The head's weights are not unused; what makes queries of noisy true boxes is."""
    assert base.receipt.fresh == ()
    assert base.receipt.fraction == 1
    noisy = {"model.denoising_class_embed.weight"} if kind != "detr" else set()
    assert {name for name, _ in base.receipt.unused} == noisy


def test_the_head_comes_whole_and_with_its_classes(kind, base):
    head = base.head
    assert (head.architecture.family, head.architecture.name) == ("heads", "detr")
    assert head.architecture.args["model_type"] == kind
    assert json.loads(json.dumps(head.architecture.args)) == head.architecture.args
    assert head.labels == detectors.NAMES
    own = upper_half(head.architecture.args, len(detectors.NAMES), drawn=False).state_dict()
    assert head.state.keys() == {f"detector.{name}" for name in own}
    assert all(head.state[f"detector.{name}"].shape == value.shape for name, value in own.items())


def test_half_precision_becomes_whole(folder, base, tmp_path):
    def halved(state):
        return {name: value.half() if value.is_floating_point() else value for name, value in state.items()}

    found = rewritten(folder, tmp_path / "half", halved, dtype="float16")
    assert {value.dtype for value in found.build(None).parameters()} == {torch.float32}
    assert found.receipt.fraction == 1
    assert {value.dtype for value in found.head.state.values() if value.is_floating_point()} == {
        torch.float32
    }
    for name, value in found.head.state.items():
        torch.testing.assert_close(value, base.head.state[name], atol=2e-3, rtol=2e-3)


def test_a_checkpoint_without_a_head_brings_none(folder, base, tmp_path):
    def lower(state):
        return {name: value for name, value in state.items() if "decoder" not in name and "enc_" not in name}

    found = rewritten(folder, tmp_path / "lower", lower)
    assert found.head is None
    assert found.card.sha256 == base.card.sha256


def test_what_is_saved_is_the_same_base(base, tmp_path):
    saved = plugin.save(base.architecture, base.preprocess, base.state, None)
    for name, content in saved.settings.items():
        (tmp_path / name).write_text(json.dumps(content))
    save_file(
        {name: value.contiguous() for name, value in saved.state.items()}, tmp_path / "model.safetensors"
    )
    again = load_base(str(tmp_path))
    assert again.card.sha256 == base.card.sha256
    assert again.preprocess == base.preprocess
    assert again.head is None


def test_its_maps_are_the_encoders_and_train_in_parts(kind, base):
    found = mapped(base, 8)
    network = found.network()
    sides = [2] if kind == "detr" else [8, 4, 2]
    assert network.shapes == tuple((16, side, side) for side in sides)
    assert found.card.stages == network.maps[:-1]
    # every parameter is behind some map, the coarsest map's own are those of the last layers
    assert {name for names in network.parts.values() for name in names} == dict(
        network.named_parameters()
    ).keys()
    if kind == "detr":
        return
    above = network.above("levels.1")
    assert above
    assert all("encoder.downsample_convs.1" in name or "encoder.pan_blocks.1" in name for name in above)
    assert set(above) < set(network.above("levels.0")) < dict(network.named_parameters()).keys()


@pytest.mark.parametrize(
    ("size", "side"),
    [
        ({"shortest_edge": 800, "longest_edge": 1333}, 800),
        ({"height": 640, "width": 640}, 640),
        ({"height": 480, "width": 640}, 480),
        ({"longest_edge": 70}, 64),
        (800, 800),
        (3, 32),
    ],
)
def test_the_whole_picture_in_a_square_of_about_its_size(size, side, tmp_path):
    processor = {"size": size, "image_mean": [0.4] * 3, "image_std": [0.2] * 3, "resample": 3}
    folder, _ = detectors.write(tmp_path, "detr", processor)
    found = plugin.locate(str(folder)).preprocess
    assert found == ImagePreprocess(side, (0.4,) * 3, (0.2,) * 3, "bicubic", 1.0, "squash")


@pytest.mark.parametrize("size", ["large", {}, {"height": 0}, -1])
def test_a_size_that_is_none_is_refused(size, tmp_path):
    folder, _ = detectors.write(tmp_path, "detr", {"size": size})
    with pytest.raises(BaseError, match="should say a side in pixels"):
        plugin.locate(str(folder))
