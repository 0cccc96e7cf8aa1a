"""A base with an encoder beside it: the joined rows, and what is trained above them."""

from dataclasses import asdict

import pytest
import torch

from headstart.bases import build, load_base
from headstart.bases.networks.cuts import cut
from headstart.bases.networks.refined import JOINED, Refined, added
from headstart.types import Architecture


@pytest.fixture(scope="module")
def base(tiny_base):
    return load_base(str(tiny_base))


@pytest.fixture
def refined(base):
    torch.manual_seed(0)
    network = Refined(asdict(base.architecture), base.card.width)
    network.base.load_state_dict(base.state)
    return network.eval()


def pictures(base, n=3):
    size = base.preprocess.size
    return torch.rand(n, 3, size, size, generator=torch.Generator().manual_seed(1))


def test_it_gives_the_features_of_both(refined, base):
    images = pictures(base)
    with torch.no_grad():
        found = refined(images)
        assert found.shape == (3, base.card.width + added())
        torch.testing.assert_close(found[:, : base.card.width], base.network()(images))


@torch.no_grad()
def test_the_cut_is_exact_and_the_base_lies_below_it(refined, base):
    images = pictures(base)
    parts = cut(refined, JOINED, images[:1])
    assert torch.equal(parts.suffix(parts.prefix(images)), refined(images))
    names = parts.suffix_parameters()
    assert names
    assert all(name.startswith("encoder.") for name in names)


def test_known_features_are_joined_alike(refined, base):
    images = pictures(base)
    with torch.no_grad():
        assert torch.equal(refined.joined(base.network()(images), images), refined.join(images))


def test_it_is_built_from_its_settings(refined, base):
    settings = {"base": asdict(base.architecture), "width": base.card.width}
    again = build(Architecture("builtin", "refined", settings))
    assert again.state_dict().keys() == refined.state_dict().keys()
