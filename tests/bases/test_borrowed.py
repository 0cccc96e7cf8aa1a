"""Families that borrow the networks of others."""

import pytest
import torch

from headstart import registry
from headstart.bases import load_base
from headstart.bases._borrowed import Borrowed, build


@pytest.fixture(scope="module")
def base(tiny_base):
    return load_base(str(tiny_base))


def test_the_other_family_builds_and_saves(base):
    network = Borrowed().build(base.architecture)
    assert network.state_dict().keys() == base.state.keys()
    saved = Borrowed().save(base.architecture, base.preprocess, base.state, None)
    own = registry.get("bases", base.architecture.family)
    other = own.save(base.architecture, base.preprocess, base.state, None)
    assert saved.settings == other.settings
    assert all(torch.equal(saved.state[name], other.state[name]) for name in other.state)


def test_a_size_is_passed_on():
    vit = registry.get("bases", "timm").locate("timm/vit_tiny_patch16_224").architecture
    tokens = [build(vit, size).state_dict()["pos_embed"].shape[1] for size in (224, 96)]
    assert tokens == [1 + 14 * 14, 1 + 6 * 6]


def test_it_has_no_names_of_its_own():
    assert Borrowed().names() == []
