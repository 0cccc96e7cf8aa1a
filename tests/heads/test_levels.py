"""A row of features as levels of one width, and where their places are."""

import pytest
import torch
from torchvision.ops.feature_pyramid_network import LastLevelMaxPool, LastLevelP6P7

from headstart.errors import ContractError
from headstart.heads._levels import Levels, grouped, places, require

SHAPES = [(6, 8, 8), (8, 5, 5), (12, 3, 3)]


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def row(maps):
    return torch.cat([one.flatten(1) for one in maps], 1)


@pytest.mark.parametrize(
    ("extra", "more"),
    [(None, []), (LastLevelMaxPool(), [(2, 2)]), (LastLevelP6P7(16, 16), [(2, 2), (1, 1)])],
)
def test_levels_have_one_width_and_the_sides_that_they_say(extra, more):
    levels = Levels(SHAPES, 16, extra)
    assert levels.sides == ((8, 8), (5, 5), (3, 3), *more)
    found = levels(row([torch.randn(2, *shape) for shape in SHAPES]))
    assert [tuple(one.shape) for one in found] == [(2, 16, *side) for side in levels.sides]


def test_the_scale_of_a_map_does_not_matter_and_coarse_maps_reach_fine_levels():
    levels, maps = Levels(SHAPES, 16), [torch.randn(1, *shape) for shape in SHAPES]
    with torch.no_grad():
        first = levels(row(maps))
        scaled = levels(row([100 * maps[0], *maps[1:]]))
        coarse = levels(row([*maps[:2], maps[2].flip(2)]))
    torch.testing.assert_close(first[0], scaled[0], atol=1e-2, rtol=0)
    assert (first[0] - coarse[0]).abs().max() > 0.1


@pytest.mark.parametrize(("c", "groups"), [(32, 4), (8, 1), (12, 1), (3, 1)])
def test_channels_are_normalised_in_groups_where_they_can_be(c, groups):
    assert grouped(c).num_groups == groups


def test_places_of_oblong_maps_stand_in_the_middle_of_their_cells():
    centres, strides = places([(2, 4), (1, 1)])
    assert centres[[1, 4, 8]].tolist() == [[0.375, 0.25], [0.125, 0.75], [0.5, 0.5]]
    assert strides[[1, 8]].tolist() == [[0.25, 0.5], [1, 1]]


@pytest.mark.parametrize(
    ("shapes", "labels"), [([], ["a"]), ([(3, 4, 4)], []), ([(3, 4, 4), (3, 8, 8)], ["a"])]
)
def test_what_a_detector_cannot_be_made_of(shapes, labels):
    with pytest.raises(ContractError, match="finest first"):
        require(shapes, labels)
