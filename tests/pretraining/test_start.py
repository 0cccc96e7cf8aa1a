"""Random weights of a seed in any architecture, or the weights of a base; and what does not fit is said."""

from __future__ import annotations

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from headstart.bases import load_base
from headstart.bases.formats.fingerprints import SEEN, contents, shortened
from headstart.errors import BaseError, UnknownName
from headstart.pretraining._start import SIDE, start
from makings import ARCHITECTURE


def weights(begun):
    return torch.cat([parameter.flatten() for parameter in begun.build().parameters()])


def test_an_architecture_starts_from_the_random_weights_of_its_seed():
    before = torch.random.get_rng_state()
    begun = start(None, ARCHITECTURE, 32, "image", 5)
    assert torch.equal(weights(begun), weights(begun))
    assert torch.equal(weights(begun), weights(start(None, ARCHITECTURE, 32, "image", 5)))
    assert not torch.equal(weights(begun), weights(start(None, ARCHITECTURE, 32, "image", 6)))
    assert torch.equal(torch.random.get_rng_state(), before)
    assert (begun.base, begun.preprocess.size, begun.seen.tolist()) == (None, 32, [])
    assert start(None, ARCHITECTURE, None, "image", 0).preprocess.size == SIDE


def test_an_architecture_may_be_a_folder_of_which_only_the_network_is_taken(tiny_base):
    begun = start(None, str(tiny_base), 32, "image", 0)
    assert torch.equal(weights(begun), weights(start(None, ARCHITECTURE, 32, "image", 0)))


def test_a_base_is_gone_on_from(tiny_base):
    begun = start(str(tiny_base), None, None, "image", 5)
    base = load_base(str(tiny_base))
    assert all(torch.equal(value, base.state[name]) for name, value in begun.build().state_dict().items())
    assert begun.preprocess == base.preprocess
    assert begun.base.card == base.card
    assert start(str(tiny_base), None, 48, "image", 0).preprocess == base.preprocess.at(48)


def test_what_a_base_has_seen_stays_known(tiny_base, tmp_path):
    (tmp_path / "base").mkdir()
    for file in tiny_base.iterdir():
        (tmp_path / "base" / file.name).write_bytes(file.read_bytes())
    seen = shortened(["ab" * 32])
    (tmp_path / "base" / SEEN).write_bytes(contents(seen))
    np.testing.assert_array_equal(start(str(tmp_path / "base"), None, None, "image", 0).seen, seen)


@pytest.fixture
def vit(tmp_path):
    """A folder that describes a ViT of timm's for 32 pixels."""
    config = {
        "architecture": "vit_tiny_patch16_224",
        "model_args": {"img_size": 32, "patch_size": 8, "embed_dim": 24, "depth": 1},
        "pretrained_cfg": {"input_size": [3, 32, 32], "fixed_input_size": True},
    }
    (tmp_path / "vit").mkdir()
    (tmp_path / "vit" / "config.json").write_text(json.dumps(config))
    return tmp_path / "vit"


def test_a_shape_that_depends_on_the_side_is_built_for_the_one_asked_for(vit):
    begun = start(None, str(vit), 48, "image", 0)
    assert begun.architecture.args["img_size"] == 48
    assert begun.build().pos_embed.shape[1] == 1 + 6 * 6
    assert begun.build().eval()(torch.zeros(1, 3, 48, 48)).shape == (1, 24)


def test_a_base_of_one_side_only_says_so(vit):
    save_file(start(None, str(vit), 32, "image", 0).build().state_dict(), vit / "model.safetensors")
    with pytest.raises(BaseError, match="takes pictures of 32 pixels only") as caught:
        start(str(vit), None, 48, "image", 0)
    assert "--size" in caught.value.hint
    assert start(str(vit), None, 32, "image", 0).preprocess.size == 32


def test_a_side_that_the_network_does_not_take_is_said():
    for architecture, size in (("timm/inception_v3", 16), ("torchvision/vit_b_16", 40)):
        with pytest.raises(BaseError, match=f"{architecture}` does not take pictures of {size}") as caught:
            start(None, architecture, size, "image", 0)
        assert "--size" in caught.value.hint
        assert "\n" not in caught.value.message


def test_what_is_not_there_or_of_another_kind_is_said(tmp_path):
    with pytest.raises(UnknownName, match="timm/resnet10s"):
        start(None, "timm/resnet10s", 32, "image", 0)
    with pytest.raises(UnknownName):
        start(str(tmp_path / "gone"), None, None, "image", 0)
    with pytest.raises(BaseError, match="a network for image, the task needs one for text"):
        start(None, ARCHITECTURE, 32, "text", 0)
