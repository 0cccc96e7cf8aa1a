"""A base from a name to its card."""

import json

import pytest
import torch
from safetensors.torch import load_file, save_file

from headstart import registry
from headstart.bases import facts, load_base
from headstart.errors import BaseError, ContractError


def test_a_base_repeats_and_is_ready_to_use(tiny_base, images):
    first, second = load_base(str(tiny_base)), load_base(str(tiny_base))
    assert first.card == second.card == facts(str(tiny_base))
    assert first.name == str(tiny_base)
    network = first.network()
    assert not network.training
    with torch.no_grad():
        features = network(images(32))
    assert features.shape == (2, first.card.width)
    assert torch.equal(features, second.network()(images(32)))


def test_weights_that_are_missing_are_drawn_alike_and_the_generator_is_left_alone(tiny_base, tmp_path):
    state = load_file(tiny_base / "model.safetensors")
    del state["layer1.0.conv1.weight"]
    save_file(state, tmp_path / "model.safetensors")
    (tmp_path / "config.json").write_text((tiny_base / "config.json").read_text())
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(1)
        before = torch.random.get_rng_state()
        first = load_base(str(tmp_path))
        assert torch.equal(torch.random.get_rng_state(), before)
        torch.manual_seed(2)
        second = load_base(str(tmp_path))
    assert [name for name, _ in first.receipt.fresh] == ["layer1.0.conv1.weight"]
    assert first.card.sha256 == second.card.sha256


def test_build_gives_random_weights(tiny_base):
    base = load_base(str(tiny_base))
    built = base.build(None).state_dict()
    assert built.keys() == base.state.keys()
    assert not torch.equal(built["layer1.0.conv1.weight"], base.state["layer1.0.conv1.weight"])


def test_another_modality_is_refused(tiny_base):
    with pytest.raises(BaseError, match="base for image, the task needs one for text") as caught:
        load_base(str(tiny_base), modality="text")
    assert caught.value.hint


def test_a_network_for_other_images_is_refused(timm_folder):
    folder, _ = timm_folder("test_resnet", args={"in_chans": 1})
    with pytest.raises(BaseError, match="does not take one example of shape"):
        load_base(str(folder))


def test_features_have_to_be_pooled(timm_folder):
    folder, _ = timm_folder("test_resnet")
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "model_args": {"global_pool": ""}}))
    with pytest.raises(BaseError, match="one row of features"):
        load_base(str(folder))


@pytest.mark.realdata
@pytest.mark.parametrize(
    ("name", "width", "mean"),
    [
        ("mobilenet_v1_imagenet", 1024, 0.5),
        ("mobilenet_v2_imagenet", 1280, 0.5),
        ("mobilenet_v2_inat_bird", 1280, 0.5),
        ("squeezenet1_1_imagenet", 512, 0.485),
    ],
)
def test_real_weights_are_loaded_whole(shared, name, width, mean):
    base = load_base(str(shared / "weights" / name))
    assert base.receipt.fraction == 1
    assert base.receipt.fresh == ()
    assert base.card.width == width
    assert base.preprocess.mean[0] == mean
    assert len(base.card.stages) >= 8
    assert {value.dtype for value in base.state.values()} <= {torch.float32, torch.int64}


def test_a_base_whose_preprocessing_is_no_plug_in_is_refused_before_it_is_used(tiny_base, monkeypatch):
    known = registry.names
    monkeypatch.setattr(registry, "names", lambda folder: [name for name in known(folder) if name != "image"])
    with pytest.raises(ContractError, match="a modality called `image`, which is not installed") as caught:
        load_base(str(tiny_base))
    assert "headstart.preprocessing" in caught.value.hint
