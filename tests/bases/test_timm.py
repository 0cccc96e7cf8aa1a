"""One code path loads every architecture of timm's, as its settings say."""

import json

import pytest
import timm
import torch
from safetensors.torch import load_file, save_file

from headstart.bases import load_base
from headstart.bases.base import Classes
from headstart.bases.timm import plugin
from headstart.errors import BaseError, UnknownName

NETWORKS = {
    "vgg11": (32, {"mlp_ratio": 1 / 256}, 4096),
    "test_resnet": (32, {}, 96),
    "inception_v3": (75, {}, 2048),
    "mobilenetv2_035": (32, {}, 1280),
    "test_efficientnet": (32, {}, 256),
    "vit_tiny_patch16_224": (32, {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 2}, 24),
}


@pytest.mark.parametrize("name", NETWORKS)
def test_features_are_those_of_the_original(name, timm_folder, images):
    size, args, width = NETWORKS[name]
    folder, original = timm_folder(name, size, args)
    base = load_base(str(folder))
    original.reset_classifier(0)
    with torch.no_grad():
        features = base.network()(images(size))
        assert torch.equal(features, original(images(size)))
    assert features.shape == (2, width)
    assert base.card.width == width
    assert base.receipt.fresh == ()
    assert base.receipt.fraction == 1
    assert {shape[0] for _, shape in base.receipt.unused} <= {5, 1000}


def test_half_precision_is_loaded_as_float32(timm_folder):
    folder, original = timm_folder("test_resnet", half=True)
    state = load_base(str(folder)).state
    assert {value.dtype for value in state.values()} == {torch.float32, torch.int64}
    name = "layer1.0.conv1.weight"
    assert torch.equal(state[name], original.state_dict()[name].half().float())


def test_model_args_are_followed(timm_folder, images):
    folder, _ = timm_folder("mobilenetv2_035", 32, {"pad_type": "same"})
    same = load_base(str(folder))
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_args": {}}))
    plain = load_base(str(folder))
    assert same.architecture.args == {"pad_type": "same"}
    with torch.no_grad():
        assert not torch.allclose(same.network()(images(32)), plain.network()(images(32)), atol=1e-4)
    assert same.card.sha256 == plain.card.sha256


def test_pretrained_cfg_is_followed(timm_folder):
    facts = {
        "interpolation": "bilinear",
        "crop_pct": 0.9,
        "crop_mode": "squash",
        "license": "mit",
        "tag": "birds",
    }
    folder, _ = timm_folder("test_resnet", 48, **facts)
    located = plugin.locate(str(folder))
    preprocess = located.preprocess
    assert (preprocess.size, preprocess.mean, preprocess.std) == (48, (0.5,) * 3, (0.25,) * 3)
    assert (preprocess.interpolation, preprocess.crop_fraction, preprocess.crop_mode) == (
        "bilinear",
        0.9,
        "squash",
    )
    assert (located.source_data, located.licence) == ("birds", "mit")


def test_a_vit_is_built_for_another_size(timm_folder, images):
    args = {"patch_size": 8, "embed_dim": 24, "depth": 2, "img_size": 32}
    folder, _ = timm_folder("vit_tiny_patch16_224", 32, args, fixed_input_size=True)
    base = load_base(str(folder))
    assert base.build(16)(images(16)).shape == (2, 24)


def test_where_a_folder_does_not_say_that_its_size_is_fixed_the_catalogue_does(timm_folder):
    args = {"patch_size": 8, "embed_dim": 24, "depth": 2, "img_size": 32}
    folder, _ = timm_folder("vit_tiny_patch16_224", 32, args)
    config = json.loads((folder / "config.json").read_text())
    del config["model_args"]["img_size"]
    (folder / "config.json").write_text(json.dumps(config))
    assert load_base(str(folder)).architecture.args["img_size"] == 32
    assert "img_size" not in load_base(str(timm_folder("test_resnet", 32)[0])).architecture.args


def test_a_checkpoint_of_another_size_is_resampled_by_timms_rule(timm_folder):
    args = {"patch_size": 8, "embed_dim": 24, "depth": 2}
    folder, _ = timm_folder("vit_tiny_patch16_224", 64, {**args, "img_size": 64})
    config = json.loads((folder / "config.json").read_text())
    config["model_args"]["img_size"] = 32
    config["pretrained_cfg"]["input_size"] = [3, 32, 32]
    (folder / "config.json").write_text(json.dumps(config))
    base = load_base(str(folder))
    assert base.receipt.fresh == ()
    assert ("pos_embed", (1, 17, 24)) in base.receipt.loaded
    state = load_file(folder / "model.safetensors")
    save_file({f"module.{name}": value for name, value in state.items()}, folder / "model.safetensors")
    assert load_base(str(folder)).card.sha256 == base.card.sha256


def test_settings_cannot_make_it_open_a_file(timm_folder, tmp_path):
    folder, _ = timm_folder("test_resnet")
    config = json.loads((folder / "config.json").read_text())
    config["model_args"] = {"checkpoint_path": str(tmp_path / "elsewhere.pth"), "pretrained": True}
    (folder / "config.json").write_text(json.dumps(config))
    assert load_base(str(folder)).architecture.args == {}


def test_pytorch_model_bin_is_read_where_there_is_no_safetensors(timm_folder):
    folder, _ = timm_folder("test_resnet")
    expected = load_base(str(folder)).card.sha256
    torch.save(load_file(folder / "model.safetensors"), folder / "pytorch_model.bin")
    (folder / "model.safetensors").unlink()
    assert load_base(str(folder)).card.sha256 == expected


def test_weights_may_be_a_link(timm_folder, tmp_path):
    folder, _ = timm_folder("test_resnet")
    blob = (folder / "model.safetensors").rename(tmp_path / "4f2a")
    (folder / "model.safetensors").symlink_to(blob)
    assert load_base(str(folder)).receipt.fraction == 1


def test_names_of_the_catalogue_are_found_without_fetching():
    located = plugin.locate("timm/mobilenetv2_100.ra_in1k")
    assert plugin.locate("mobilenetv2_100").preprocess == located.preprocess
    assert located.preprocess.mean == (0.485, 0.456, 0.406)
    assert (located.source_data, located.licence) == ("ra_in1k", "apache-2.0")
    assert "timm/mobilenetv2_100.ra_in1k" in plugin.names()


def test_names_that_are_not_timms():
    assert plugin.locate("resnet18.no_such_tag") is None
    assert plugin.locate("hf-hub:somebody/model") is None
    with pytest.raises(UnknownName) as caught:
        plugin.locate("timm/resnt18")
    assert "timm/resnet18`" in caught.value.hint


def test_a_rule_that_stumbles_over_a_foreign_file_ends_in_a_plain_error(timm_folder):
    folder, _ = timm_folder("vit_tiny_patch16_224", 32, {"img_size": 32, "depth": 2})
    save_file({"pos_embed": torch.zeros(3)}, folder / "model.safetensors")
    with pytest.raises(BaseError, match="of the network's numbers"):
        load_base(str(folder))


def test_settings_that_cannot_be_built_are_an_error(timm_folder):
    folder, _ = timm_folder("test_resnet")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_args": {"no_such_option": 1}}))
    with pytest.raises(BaseError, match="no_such_option"):
        load_base(str(folder))


def test_random_weights_come_from_the_global_generator():
    architecture = plugin.locate("test_resnet").architecture
    with torch.random.fork_rng(devices=[]):
        states = []
        for seed in (1, 1, 2):
            torch.manual_seed(seed)
            states.append(plugin.build(architecture).state_dict()["layer1.0.conv1.weight"])
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])
    assert timm.is_model(architecture.name)


def saved(base, folder, classes=None):
    """What the family writes of a base, in a folder."""
    found = plugin.save(base.architecture, base.preprocess, base.state, classes)
    folder.mkdir()
    for name, settings in found.settings.items():
        (folder / name).write_text(json.dumps(settings))
    save_file(found.state, folder / "model.safetensors")
    return found


@pytest.mark.parametrize("name", ["test_resnet", "vit_tiny_patch16_224", "mobilenetv2_035"])
def test_a_base_that_is_saved_is_found_again_and_timm_loads_it_with_its_classes(
    name, timm_folder, images, tmp_path
):
    size, args, width = NETWORKS[name]
    facts = {"interpolation": "bilinear", "crop_pct": 0.9, "crop_mode": "squash", "std": [0.2, 0.3, 0.4]}
    base = load_base(str(timm_folder(name, size, args, fixed_input_size="img_size" in args, **facts)[0]))
    draws = torch.Generator().manual_seed(1)
    classes = Classes(("a", "b|"), torch.randn(2, width, generator=draws), torch.randn(2, generator=draws))
    saved(base, tmp_path / "saved", classes)
    again = load_base(str(tmp_path / "saved"))
    assert (again.architecture, again.preprocess) == (base.architecture, base.preprocess)
    assert again.card.sha256 == base.card.sha256
    assert again.receipt.fresh == ()
    whole = timm.create_model(f"local-dir:{tmp_path / 'saved'}", pretrained=True).eval()
    with torch.no_grad():
        expected = base.network()(images(size)) @ classes.weight.T + classes.bias
        torch.testing.assert_close(whole(images(size)), expected)
    assert whole.num_classes == 2
    assert tuple(whole.pretrained_cfg["label_names"]) == classes.labels
    assert list(whole.pretrained_cfg["input_size"]) == [3, size, size]


def test_classes_are_left_out_where_timms_output_layer_has_another_shape(timm_folder, tmp_path):
    base = load_base(str(timm_folder("test_resnet")[0]))
    without = saved(base, tmp_path / "without")
    wrong = saved(base, tmp_path / "wrong", Classes(("a", "b"), torch.ones(2, 5), torch.ones(2)))
    for found in (without, wrong):
        assert found.state.keys() == base.state.keys()
        config = found.settings["config.json"]
        assert (config["num_classes"], config["pretrained_cfg"]["num_classes"]) == (0, 0)
        assert "label_names" not in config
    for folder in ("without", "wrong"):
        network = timm.create_model(f"local-dir:{tmp_path / folder}", pretrained=True)
        assert network.num_classes == 0
