"""FPN's decoder; what it shares with others is in test_segmenter.py."""

import pytest
import torch

from headstart.heads.fpn import FPN, WIDTH, plugin
from headstart.types import Maps

SHAPES = ((6, 16, 12), (200, 8, 6), (12, 4, 3), (5, 2, 2))


@pytest.fixture(autouse=True)
def _seeded():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        yield


def maps_of(n=1):
    return [torch.randn(n, *shape) for shape in SHAPES]


def test_a_level_has_a_step_for_each_finer_one_and_the_finest_has_one():
    head, seen = FPN(Maps(SHAPES, 32), ("a", "b")), {}
    assert [len(steps) for steps in head.steps] == [1, 1, 2, 3]
    for level, steps in enumerate(head.steps):
        for step in steps:
            step.register_forward_hook(
                lambda _, given, found, level=level: seen.setdefault(level, []).append(tuple(found.shape[1:]))
            )
    head.decoded(maps_of())
    sides = [(WIDTH, h, w) for _, h, w in SHAPES]
    assert seen == {0: sides[:1], 1: sides[1:2], 2: [sides[2], sides[1]], 3: sides[:0:-1]}


def test_what_is_classified_is_the_sum_of_all_levels():
    head, maps, risen = FPN(Maps(SHAPES, 32), ("a", "b")), maps_of(2), []
    spied = head._risen
    head._risen = lambda *given: (risen.append(spied(*given)), risen[-1])[1]
    found = head.decoded(maps)
    assert [tuple(one.shape) for one in risen] == [(2, WIDTH, 16, 12)] * 4
    torch.testing.assert_close(found, risen[0] + risen[1] + risen[2] + risen[3])


def test_coarser_maps_reach_finer_levels_and_not_the_other_way():
    """Of the pyramid, before its levels are added up."""
    head, maps = FPN(Maps(SHAPES, 32), ("a", "b")), maps_of()
    levels = []
    head._risen = lambda _, one: levels.append(one) or torch.zeros(1)
    head.decoded(maps)
    head.decoded([*maps[:2], -maps[2], maps[3]])
    before, after = levels[:4], levels[4:]
    assert [torch.equal(*pair) for pair in zip(before, after, strict=True)] == [False, False, False, True]


def test_the_plugin_builds_it_for_the_maps():
    head = plugin.build(Maps(SHAPES, 32), ("a", "b"), {})
    assert isinstance(head, FPN)
    assert (head.side, head.labels) == (32, ("a", "b"))
