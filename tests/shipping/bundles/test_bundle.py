"""A bundle is written whole, gives back the very network, and is refused when anything about it is off."""

from __future__ import annotations

import io
import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from headstart.errors import BundleError
from headstart.preprocessing.image import ImagePreprocess
from headstart.shipping.bundles import bundle
from headstart.types import Architecture

PARTS = bundle.Parts(
    task="image_classification",
    architecture=Architecture("builtin", "pixels", {"side": 4}),
    preprocess=ImagePreprocess(32, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4), "bilinear", 0.9, "squash"),
    labels=("ñandú", "red fox"),
    width=48,
    facts={"arm": "raw_pixels"},
)


@pytest.fixture
def network() -> tuple[nn.Module, nn.Module]:
    from headstart.bases import build

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        return build(PARTS.architecture, 32), nn.Linear(48, 2)


@pytest.fixture
def folder(tmp_path, network) -> Path:
    bundle.write(tmp_path / "bundle", PARTS, *network)
    return tmp_path / "bundle"


def test_what_was_written_is_read_back(folder, network):
    parts, read = bundle.read(folder)
    assert parts == PARTS
    assert not read.training
    images = torch.rand(3, 3, 32, 32, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        expected = nn.Sequential(*network).eval()(images)
        assert torch.equal(read(images), expected)


def test_the_same_model_is_the_same_bytes(folder, network, tmp_path):
    bundle.write(tmp_path / "again", PARTS, *network)
    for name in ("model.safetensors", "bundle.json"):
        assert (tmp_path / "again" / name).read_bytes() == (folder / name).read_bytes()


def test_a_bundle_replaces_an_older_one_and_leaves_nothing_beside_it(folder, network):
    (folder / "old.txt").write_text("old")
    (folder.parent / ".bundle.part").mkdir()
    (folder.parent / ".bundle.part" / "half").write_text("half")
    bundle.write(folder, PARTS, *network)
    assert sorted(path.name for path in folder.iterdir()) == [
        "bundle.json",
        "model.safetensors",
        "trained_on.safetensors",
    ]
    assert [path.name for path in folder.parent.iterdir()] == ["bundle"]


def test_a_write_that_fails_leaves_the_older_bundle(folder, network, monkeypatch):
    before = (folder / "model.safetensors").read_bytes()

    def full(path: Path, data: bytes) -> None:
        if path.name == "bundle.json":
            raise OSError("no space left on device")
        path.write_bytes(data)

    monkeypatch.setattr(bundle, "write_atomically", full)
    with pytest.raises(OSError, match="no space"):
        bundle.write(folder, PARTS, *network)
    assert (folder / "model.safetensors").read_bytes() == before
    bundle.read(folder)


def change(edit: Callable[[dict[str, Any]], Any]) -> Callable[[Path], None]:
    """Spoil a value in bundle.json."""

    def spoil(folder: Path) -> None:
        plain = json.loads((folder / "bundle.json").read_text("utf-8"))
        edit(plain)
        (folder / "bundle.json").write_text(json.dumps(plain))

    return spoil


def weights(edit: Callable[[dict[str, torch.Tensor]], Any]) -> Callable[[Path], None]:
    """Spoil a tensor."""

    def spoil(folder: Path) -> None:
        state = load_file(folder / "model.safetensors")
        edit(state)
        save_file(state, folder / "model.safetensors")

    return spoil


def cut(name: str, size: int) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:size])


def pickled(folder: Path) -> None:
    buffer = io.BytesIO()
    torch.save({"x": torch.zeros(1)}, buffer)
    (folder / "model.safetensors").write_bytes(buffer.getvalue())


SPOILERS = {
    "cut weights": cut("model.safetensors", 300),
    "weights cut at the last byte": lambda folder: cut(
        "model.safetensors", (folder / "model.safetensors").stat().st_size - 1
    )(folder),
    "empty weights": cut("model.safetensors", 0),
    "pickled weights": pickled,
    "cut settings": cut("bundle.json", 100),
    "a list": lambda folder: (folder / "bundle.json").write_text("[]"),
    "bytes that are no text": lambda folder: (folder / "bundle.json").write_bytes(b"\xff\xfe"),
    "no schema": change(lambda plain: plain.pop("schema")),
    "another schema": change(lambda plain: plain.update(schema="headstart/bundle/2")),
    "no architecture": change(lambda plain: plain.pop("architecture")),
    "a family that is a path": change(lambda plain: plain["architecture"].update(family="../../x")),
    "a family that is a module": change(lambda plain: plain["architecture"].update(family="os.path")),
    "a family that is machinery": change(lambda plain: plain["architecture"].update(family="base")),
    "a family that is hidden": change(lambda plain: plain["architecture"].update(family="_cuts")),
    "a family that is no text": change(lambda plain: plain["architecture"].update(family=["builtin"])),
    "an unknown network": change(lambda plain: plain["architecture"].update(name="nothing")),
    "arguments of another network": change(lambda plain: plain["architecture"].update(args={"x": 1})),
    "arguments that are no object": change(lambda plain: plain["architecture"].update(args=[1])),
    "a task that is a path": change(lambda plain: plain.update(task="../cli")),
    "an unknown task": change(lambda plain: plain.update(task="telepathy")),
    "one label more": change(lambda plain: plain["labels"].append("third")),
    "one label less": change(lambda plain: plain["labels"].pop()),
    "labels that are no list": change(lambda plain: plain.update(labels=7)),
    "another width": change(lambda plain: plain.update(width=49)),
    "a width of nothing": change(lambda plain: plain.update(width=None)),
    "no preprocessing": change(lambda plain: plain.update(preprocess=None)),
    "an unknown option of it": change(lambda plain: plain["preprocess"].update(colour="grey")),
    "no mean": change(lambda plain: plain["preprocess"].pop("mean")),
    "no facts": change(lambda plain: plain.pop("facts")),
    "a tensor is missing": weights(lambda state: state.pop("head.bias")),
    "a tensor too many": weights(lambda state: state.update(extra=torch.zeros(1))),
    "a tensor of another shape": weights(lambda state: state.update({"head.bias": torch.zeros(3)})),
}


@pytest.mark.parametrize("name", SPOILERS)
def test_a_damaged_bundle_is_refused_with_a_hint(folder, name):
    SPOILERS[name](folder)
    with pytest.raises(BundleError) as caught:
        bundle.read(folder)
    assert "bundle" in caught.value.message
    assert "run" in caught.value.hint


@pytest.mark.parametrize("name", ["model.safetensors", "bundle.json"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(BundleError, match=f"it has no {name}"):
        bundle.read(folder)


def test_what_is_no_folder_at_all_is_refused(folder, tmp_path):
    for wrong in (tmp_path / "nothing", folder / "bundle.json", tmp_path):
        with pytest.raises(BundleError):
            bundle.read(wrong)


def test_a_bundle_can_be_moved_and_runs_without_what_trains(finished, tmp_path):
    from stories import said_outside

    shutil.copytree(finished.bundle, tmp_path / "elsewhere")
    refuse = """
import sys
from importlib.abc import MetaPathFinder
training = ("adaptation", "verification", "ranking", "pipeline", "partial")
gone = tuple(f"headstart.{name}" for name in training)
for name in [name for name in sys.modules if name.startswith(gone)]:
    del sys.modules[name]
class Gone(MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        if name.startswith(gone):
            raise ImportError(f"{name} is not here")
sys.meta_path.insert(0, Gone())
import headstart
for name in training:
    vars(headstart).pop(name, None)
"""
    rows = finished.read("evidence.json")["predictions"]
    inputs = [finished.data / row["file"] for row in rows]
    done = said_outside("predict", "elsewhere", *inputs, "--json", cwd=tmp_path, before=refuse)
    assert done.code == 0, done.err
    records = [json.loads(line) for line in done.out.splitlines()]
    assert [record["label"] for record in records] == [row["predicted"] for row in rows]
    stopped = said_outside("run", finished.data, cwd=tmp_path, before=refuse)
    assert "is not here" in stopped.err, "the training code was there after all"
    assert np.isfinite([record["probability"] for record in records]).all()
