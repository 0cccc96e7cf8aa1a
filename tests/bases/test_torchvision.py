"""torchvision's classifiers lose their output layer, whatever it is called."""

import json

import pytest
import torch
from huggingface_hub import constants
from safetensors.torch import save_file
from torch import nn

from headstart.bases import load_base
from headstart.bases.base import Classes
from headstart.bases.torchvision import plugin
from headstart.errors import BaseError, UnknownName
from headstart.preprocessing.image import ImagePreprocess
from headstart.types import Architecture

WIDTHS = {"squeezenet1_1": 512, "resnet18": 512, "mobilenet_v3_small": 1024, "shufflenet_v2_x0_5": 1024}


@pytest.mark.parametrize("name", ["squeezenet1_1", "resnet18"])
def test_a_folder_is_loaded_whole(name, torchvision_folder, images):
    folder, original = torchvision_folder(name, 64, license="bsd-3-clause")
    base = load_base(str(folder))
    output = original.classifier if name == "squeezenet1_1" else original
    setattr(output, "1" if name == "squeezenet1_1" else "fc", nn.Identity())
    with torch.no_grad():
        assert torch.equal(base.network()(images(64)), original(images(64)))
    assert base.card.width == WIDTHS[name]
    assert base.card.licence == "bsd-3-clause"
    assert base.receipt.fresh == ()
    assert {shape[0] for _, shape in base.receipt.unused} == {1000}
    assert base.preprocess.interpolation == "bilinear"


@pytest.mark.parametrize("name", ["mobilenet_v3_small", "shufflenet_v2_x0_5"])
def test_the_output_layer_is_found_by_running(name, images):
    network = plugin.build(Architecture("torchvision", name)).eval()
    assert network(images(64)).shape == (2, WIDTHS[name])


@pytest.mark.parametrize("name", ["inception_v3", "googlenet"])
def test_auxiliary_heads_are_left_out(name, images):
    network = plugin.build(Architecture("torchvision", name))
    assert isinstance(network.train()(images(96)), torch.Tensor)
    assert not any("aux" in child.lower() for child, _ in network.named_parameters())


def test_a_network_of_fixed_size_is_built_for_another():
    located = plugin.locate("torchvision/vit_b_32")
    assert located.architecture.args == {"image_size": 224}
    assert plugin.build(Architecture("torchvision", "vit_b_32", {"image_size": 64}), 32).image_size == 32


def test_the_catalogue_says_how_pictures_are_prepared():
    located = plugin.locate("torchvision/inception_v3")
    assert located.preprocess.size == 299
    assert located.preprocess.crop_fraction == pytest.approx(299 / 342)
    assert located.architecture.args == {"transform_input": True}
    assert plugin.locate("squeezenet1_1").source_data == "IMAGENET1K_V1"


def test_offline_is_said_with_a_way_out(monkeypatch, tmp_path):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(BaseError, match="could not be fetched") as caught:
        load_base("torchvision/squeezenet1_1")
    assert "torchvision/squeezenet1_1@FILE" in caught.value.hint


def test_the_hub_cache_is_used_before_the_network(monkeypatch, tmp_path, torchvision_folder):
    _, original = torchvision_folder("squeezenet1_1", 64)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    (tmp_path / "hub" / "checkpoints").mkdir(parents=True)
    torch.save(original.state_dict(), tmp_path / "hub" / "checkpoints" / "squeezenet1_1-b8a52dc0.pth")
    assert load_base("torchvision/squeezenet1_1").receipt.fraction == 1


def test_unknown_names():
    assert plugin.locate("no_such_network") is None
    with pytest.raises(UnknownName) as caught:
        plugin.locate("torchvision/resnt18")
    assert "resnet18" in caught.value.hint


def test_a_base_that_is_saved_is_found_again_without_its_classes(tmp_path):
    architecture = Architecture("torchvision", "resnet18", {})
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        state = plugin.build(architecture).state_dict()
    preprocess = ImagePreprocess(32, (0.4, 0.5, 0.6), (0.2, 0.3, 0.4), "bicubic", 0.8, "squash")
    found = plugin.save(architecture, preprocess, state, Classes(("a",), torch.ones(1, 512), torch.ones(1)))
    assert found.state.keys() == state.keys()
    for file, settings in found.settings.items():
        (tmp_path / file).write_text(json.dumps(settings))
    save_file(found.state, tmp_path / "model.safetensors")
    base = load_base(str(tmp_path))
    assert (base.architecture, base.preprocess) == (architecture, preprocess)
    assert (base.receipt.fresh, base.receipt.unused) == ((), ())
    assert all(torch.equal(tensor, base.state[name]) for name, tensor in state.items())
    # where the shape depends on the side, that is written too
    vit = Architecture("torchvision", "vit_b_16", {"image_size": 32})
    settings = plugin.save(vit, preprocess, {}, None).settings["config.json"]
    (tmp_path / "config.json").write_text(json.dumps(settings))
    assert plugin.locate(str(tmp_path)).architecture == vit
