"""An exported network predicts in the place of PyTorch's where it is whole and of the same weights."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from torch import nn

from headstart.bases.passes.onnx import export as as_onnx
from headstart.shipping.bundles import exported
from headstart.shipping.bundles.export import export
from headstart.shipping.bundles.exported import INPUTS, OUTPUTS, Exported, current
from headstart.shipping.bundles.predict import Predictor


@pytest.fixture(scope="module")
def whole(finished, tmp_path_factory) -> Path:
    """A bundle with its export; do not change it."""
    folder = shutil.copytree(finished.bundle, tmp_path_factory.mktemp("exported") / "bundle")
    export(folder, finished.data)
    return folder


@pytest.fixture
def folder(whole, tmp_path) -> Path:
    """The same, at another place, to be changed."""
    return shutil.copytree(whole, tmp_path / "moved")


def test_it_gives_what_the_network_gives_for_any_number_of_inputs():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Flatten(), nn.Linear(4 * 36, 5)).eval()
    found = Exported(as_onnx(network, torch.zeros(2, 3, 8, 8), INPUTS, [OUTPUTS]))
    images = torch.rand(5, 3, 8, 8, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        for some in (images, images[:1], images.to(memory_format=torch.channels_last)):
            torch.testing.assert_close(found(some), network(some), rtol=1e-4, atol=1e-5)


def test_a_bundle_with_an_export_is_predicted_by_it(whole, finished):
    pictures = sorted(finished.data.rglob("*.png"))
    plain, found = Predictor(finished.bundle), Predictor(whole)
    assert not isinstance(plain.network, Exported)
    assert isinstance(found.network, Exported)
    for one, other in zip(plain.predict(pictures), found.predict(pictures), strict=True):
        assert (one["label"], one["abstain"]) == (other["label"], other["abstain"])
        assert one["probability"] == pytest.approx(other["probability"], abs=1e-4)


def test_it_keeps_the_head_that_answers_are_read_by(whole, finished):
    kept, own = Predictor(whole).network.head, Predictor(finished.bundle).network[-1]
    assert kept.state_dict().keys() == own.state_dict().keys()
    assert all((kept.state_dict()[name] == own.state_dict()[name]).all() for name in own.state_dict())


def record(**changes: object) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        plain = json.loads((folder / "export.json").read_text("utf-8"))
        (folder / "export.json").write_text(json.dumps(plain | changes))

    return change


def longer(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes() + b"\0")


def other_weights(folder: Path) -> None:
    """The head's bias is another, as if the model had been trained again."""
    from safetensors.torch import load_file, save_file

    state = load_file(folder / "model.safetensors")
    state["head.bias"] += 1.0
    save_file(state, folder / "model.safetensors", {"format": "pt"})


STALE = {
    "other weights": other_weights,
    "another graph": longer("model.onnx"),
    "no graph": lambda folder: (folder / "model.onnx").unlink(),
    "no record": lambda folder: (folder / "export.json").unlink(),
    "half a record": lambda folder: (folder / "export.json").write_text('{"schema": '),
    "a record that is a list": lambda folder: (folder / "export.json").write_text("[]"),
    "bytes for a record": lambda folder: (folder / "export.json").write_bytes(b"\xff"),
    "another schema": record(schema="headstart/export/2"),
    "hashes of nothing": record(sha256={}),
    "hashes that are none": record(sha256=None),
}


@pytest.mark.parametrize("name", STALE)
def test_a_stale_export_is_left_alone_and_pytorch_predicts(folder, finished, name):
    assert isinstance(current(folder), Exported)
    STALE[name](folder)
    assert current(folder) is None
    predictor = Predictor(folder)
    assert not isinstance(predictor.network, Exported)
    assert "label" in next(predictor.predict(sorted(finished.data.rglob("*.png"))[:1]))


def test_a_graph_that_this_onnx_runtime_does_not_take_is_left_alone(folder):
    (folder / "model.onnx").write_bytes(b"no graph")
    hashes = json.loads((folder / "export.json").read_text("utf-8"))["sha256"]
    record(sha256=hashes | {"model.onnx": exported.digest(b"no graph")})(folder)
    assert current(folder) is None
