"""Recommenders are built again from their settings."""

import pytest
import torch

from headstart.bases import build
from headstart.bases.factors import FAMILY, begun, plugin
from headstart.errors import BaseError
from headstart.types import Architecture

PART = {"name": "popular", "args": {"items": 3}}


def test_one_for_each_kind_is_built_again():
    args = {"parts": {"warm": PART, "cold": PART}, "kinds": ["warm", "cold"], "few": 3}
    network = build(Architecture(FAMILY, "mixed", args))
    assert set(network.state_dict()) == {"parts.warm.popularity", "parts.cold.popularity"}


@pytest.mark.parametrize(("name", "args"), [("nothing", {}), ("popular", {"rows": 1}), ("mixed", {})])
def test_damaged_settings_are_told(name, args):
    with pytest.raises(BaseError, match="cannot be built"):
        build(Architecture(FAMILY, name, args))


def test_it_is_no_base_for_other_data():
    assert not plugin.names()
    assert plugin.locate("factors") is None
    with pytest.raises(BaseError, match="no base"):
        plugin.save(Architecture(FAMILY, "popular", {}), None, {}, None)
    base = begun()
    assert base.card.modality == "ratings"
    assert base.network()(torch.zeros(1, 2, 1)).shape == (1, 21, 4)
