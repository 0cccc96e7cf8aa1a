"""Bare checkpoints, with whatever wrappers and prefixes, and the ones that must not be opened."""

import argparse
import json
import os
import pickle
import shutil

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

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


@pytest.mark.parametrize("wrapper", ["state_dict", "model_state_dict", "model"])
def test_a_training_checkpoint_with_settings_and_an_optimizer(state, expected, tmp_path, wrapper):
    moments = {"exp_avg": {f"{name}.moment": torch.zeros(9, *value.shape) for name, value in state.items()}}
    content = {"args": argparse.Namespace(lr=0.1), "optimizer": moments, wrapper: state}
    torch.save(content, tmp_path / "last.pth")
    assert load_base(f"test_resnet@{tmp_path / 'last.pth'}").card.sha256 == expected.card.sha256


@pytest.mark.parametrize(("trained", "averaged"), [("state_dict", "state_dict_ema"), ("model", "model_ema")])
def test_averaged_weights_come_first(state, expected, tmp_path, trained, averaged):
    last = {name: value + 1 for name, value in state.items()}
    torch.save({trained: last, averaged: {f"module.{n}": v for n, v in state.items()}}, tmp_path / "c.pth")
    assert load_base(f"test_resnet@{tmp_path / 'c.pth'}").card.sha256 == expected.card.sha256
    torch.save({trained: state, averaged: None}, tmp_path / "none.pth")
    assert load_base(f"test_resnet@{tmp_path / 'none.pth'}").card.sha256 == expected.card.sha256


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


@pytest.fixture(scope="module")
def wide(timm_folder):
    """A folder of a classifier, and the network in it."""
    return timm_folder("mobilenetv2_050", 64, license="mit", tag="toys")


def test_the_weights_of_a_base_are_made_to_fit(wide):
    folder, network = wide
    base = load_base(f"mobilenetv2_035@{folder}")
    ways = {name: way for name, _, way in base.receipt.adapted}
    assert ways["blocks.1.1.conv_pw.weight"] == "sliced from (96, 16, 1, 1)"
    assert base.receipt.fraction == 1
    assert dict(base.receipt.unused) == {"classifier.weight": (5, 1280), "classifier.bias": (5,)}
    expected = network.state_dict()["blocks.6.0.conv_pwl.weight"]
    kept = torch.arange(112) * 160 // 112
    given = torch.arange(base.state["blocks.6.0.conv_pwl.weight"].shape[1])
    given = given * expected.shape[1] // len(given)
    assert torch.equal(base.state["blocks.6.0.conv_pwl.weight"], expected[kept][:, given])


def test_pictures_are_prepared_as_the_weights_know_them(wide):
    folder, _ = wide
    own, other = load_base(str(folder)), load_base(f"mobilenetv2_035@{folder}")
    assert own.preprocess.mean == other.preprocess.mean == (0.5, 0.5, 0.5)
    assert own.preprocess.size == 64
    assert other.preprocess == own.preprocess.at(224), "the side is the architecture's"
    assert (other.card.licence, other.card.source_data) == ("mit", "toys")
    assert other.identity != own.identity


def test_a_base_in_its_own_architecture_is_loaded_as_it_is(wide):
    folder, _ = wide
    same = load_base(f"mobilenetv2_050@{folder}")
    assert same.receipt.adapted == same.receipt.fresh == ()
    assert same.card.sha256 == load_base(str(folder)).card.sha256


def test_a_base_may_itself_be_an_architecture_with_a_file(wide, tmp_path):
    folder, _ = wide
    file = shutil.copy(folder / "model.safetensors", tmp_path / "me@home.safetensors")
    nested = load_base(f"mobilenetv2_035@mobilenetv2_050@{file}")
    assert nested.receipt == load_base(f"mobilenetv2_035@{folder}").receipt
    with pytest.raises(BaseError, match="of another shape"):
        load_base(f"mobilenetv2_035@{file}")


def test_what_a_base_lacks_is_not_taken_from_random_weights(wide, tmp_path):
    folder = shutil.copytree(wide[0], tmp_path / "lacking")
    state = load_file(folder / "model.safetensors")
    del state["conv_head.weight"]
    save_file(state, folder / "model.safetensors")
    fresh = load_base(f"mobilenetv2_035@{folder}").receipt.fresh
    assert fresh == (("conv_head.weight", (1280, 112, 1, 1)),)


def test_a_transformer_at_another_input_size(timm_folder, tmp_path):
    folder, _ = timm_folder("test_vit", 160)
    config = json.loads((folder / "config.json").read_text())
    config["model_args"] = {"img_size": 96}
    config["pretrained_cfg"] |= {"input_size": [3, 96, 96]}
    (tmp_path / "config.json").write_text(json.dumps(config))
    base = load_base(f"{tmp_path}@{folder}")
    assert [(name, way) for name, _, way in base.receipt.adapted] == [("pos_embed", "grid 10x10 to 6x6")]
    assert (base.preprocess.size, base.card.input_size) == (96, 96)


def test_formats_that_are_not_timms(torchvision_folder, vit_folder, tmp_path):
    folder, _ = torchvision_folder("shufflenet_v2_x1_0")
    assert load_base(f"torchvision/shufflenet_v2_x0_5@{folder}").receipt.fraction == 1
    folder, _ = vit_folder()
    narrow = tmp_path / "narrow"
    shutil.copytree(folder, narrow)
    config = json.loads((narrow / "config.json").read_text())
    (narrow / "config.json").write_text(json.dumps({**config, "hidden_size": 16, "image_size": 64}))
    (narrow / "preprocessor_config.json").write_text(json.dumps({"size": {"height": 64, "width": 64}}))
    base = load_base(f"{narrow}@{folder}")
    ways = {name: way for name, _, way in base.receipt.adapted}
    assert ways["model.embeddings.position_embeddings"] == "grid 4x4 to 8x8, sliced from (1, 17, 32)"
    assert base.receipt.fresh == ()
    glyphs = load_base("builtin/glyphs@builtin/glyphs")
    assert glyphs.receipt.fraction == 1


def test_a_base_of_another_family_is_refused_with_a_hint(wide, tiny_base):
    with pytest.raises(BaseError, match="can be taken from these weights") as caught:
        load_base(f"resnet18@{wide[0]}")
    assert "same family" in caught.value.hint
    with pytest.raises(BaseError, match="there is no file nobody, and no base of that name"):
        load_base("resnet18@nobody")


def test_a_folder_without_a_base_right_of_the_sign_is_named(tmp_path):
    with pytest.raises(BaseError, match="holds no base"):
        load_base(f"resnet18@{tmp_path}")


def test_names_without_a_file_are_not_ours():
    assert plugin.locate("resnet18") is None
    assert plugin.names() == []


def test_what_is_saved_is_in_the_format_of_the_architectures_family(expected):
    parts = (expected.architecture, expected.preprocess, expected.state, None)
    assert plugin.save(*parts) == timm_family.save(*parts)
