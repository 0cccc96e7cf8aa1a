"""Bare checkpoints, with whatever wrappers and prefixes, and the ones that must not be opened."""

import os
import pickle

import pytest
import timm
import torch
from safetensors.torch import save_file

from headstart.bases import load_base
from headstart.bases.checkpoint import plugin
from headstart.bases.timm import plugin as timm_family
from headstart.errors import BaseError, UnknownName


@pytest.fixture(scope="module")
def state():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        return timm.create_model("test_resnet", num_classes=4).state_dict()


@pytest.fixture(scope="module")
def expected(state, tmp_path_factory):
    file = tmp_path_factory.mktemp("plain") / "model.safetensors"
    save_file(state, file)
    return load_base(f"test_resnet@{file}")


@pytest.mark.parametrize("prefix", ["", "module.", "model.", "backbone.", "module.encoder.net."])
@pytest.mark.parametrize("wrapper", [None, "state_dict", "model", "anything"])
def test_wrappers_and_prefixes_are_seen_through(state, expected, tmp_path, prefix, wrapper):
    content = {prefix + name: value for name, value in state.items()}
    if wrapper:
        content = {wrapper: content, "epoch": 3, "optimizer": {"state": {0: {"exp_avg": torch.zeros(9)}}}}
    torch.save(content, tmp_path / "weights.pth")
    base = load_base(f"test_resnet@{tmp_path / 'weights.pth'}")
    assert base.card.sha256 == expected.card.sha256
    assert base.receipt.fresh == ()
    assert sorted(shape for _, shape in base.receipt.unused) == [(4,), (4, 96)]


def test_family_prefixes(state, expected, tmp_path):
    save_file(state, tmp_path / "weights.safetensors")
    assert (
        load_base(f"timm/test_resnet@{tmp_path / 'weights.safetensors'}").card.sha256 == expected.card.sha256
    )
    assert expected.card.licence is None
    assert expected.card.source_data is None


def test_at_signs_in_paths(state, tmp_path, timm_folder):
    file = tmp_path / "me@home" / "v1@best.pt"
    file.parent.mkdir()
    torch.save(state, file)
    assert load_base(f"test_resnet@{file}").receipt.fraction == 1
    folder, _ = timm_folder("test_resnet")
    moved = folder.rename(tmp_path / "base@v2")
    assert load_base(str(moved)).receipt.fraction == 1
    assert load_base(f"{moved}@{file}").receipt.fraction == 1


class Payload:
    def __init__(self, marker):
        self.marker = str(marker)

    def __reduce__(self):
        return os.mkdir, (self.marker,)


@pytest.mark.parametrize("suffix", ["pth", "pt", "bin", "ckpt"])
def test_a_pickle_that_does_more_is_refused_and_not_run(state, tmp_path, suffix):
    file, marker = tmp_path / f"evil.{suffix}", tmp_path / "ran"
    torch.save({**state, "extra": Payload(marker)}, file)
    with pytest.raises(BaseError, match="was refused") as caught:
        load_base(f"test_resnet@{file}")
    assert "safetensors" in caught.value.hint
    assert not marker.exists()
    file.write_bytes(pickle.dumps(Payload(marker), protocol=2))
    with pytest.raises(BaseError):
        load_base(f"test_resnet@{file}")
    assert not marker.exists()


def test_a_whole_pickled_model_is_refused(tmp_path):
    torch.save(torch.nn.Linear(2, 2), tmp_path / "model.pth")
    with pytest.raises(BaseError, match="was refused"):
        load_base(f"test_resnet@{tmp_path / 'model.pth'}")


def test_another_architecture_is_named_as_the_cause(expected, tmp_path, state):
    save_file(state, tmp_path / "model.safetensors")
    with pytest.raises(BaseError, match=r"\d+ of the \d+ weights it has by name are of another shape"):
        load_base(f"resnet18@{tmp_path / 'model.safetensors'}")


def test_a_missing_file_and_an_unknown_architecture_are_told_apart(tmp_path, state):
    with pytest.raises(BaseError, match=r"there is no file .*gone\.pth"):
        load_base(f"test_resnet@{tmp_path / 'gone.pth'}")
    torch.save(state, tmp_path / "here.pth")
    with pytest.raises(UnknownName, match="test_resnt"):
        load_base(f"test_resnt@{tmp_path / 'here.pth'}")
    with pytest.raises(UnknownName):
        load_base("nobody@nowhere")


def test_names_without_a_file_are_not_ours():
    assert plugin.locate("resnet18") is None
    assert plugin.names() == []


def test_what_is_saved_is_in_the_format_of_the_architectures_family(expected):
    parts = (expected.architecture, expected.preprocess, expected.state, None)
    assert plugin.save(*parts) == timm_family.save(*parts)
