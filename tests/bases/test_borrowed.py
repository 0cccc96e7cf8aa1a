"""Families that borrow the networks of others."""

import torch

from headstart import registry
from headstart.bases import load_base
from headstart.bases._borrowed import Borrowed, build


def test_the_other_family_builds_and_saves(base):
    network = Borrowed().build(base.architecture)
    assert network.state_dict().keys() == base.state.keys()
    saved = Borrowed().save(base.architecture, base.preprocess, base.state, None)
    own = registry.get("bases", base.architecture.family)
    other = own.save(base.architecture, base.preprocess, base.state, None)
    assert saved.settings == other.settings
    assert all(torch.equal(saved.state[name], other.state[name]) for name in other.state)


def test_a_size_is_passed_on(tiny_base):
    assert type(build(load_base(str(tiny_base)).architecture, 64)).__name__ != "NoneType"
    assert Borrowed().names() == []
