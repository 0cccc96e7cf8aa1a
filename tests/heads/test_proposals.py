"""What the second stage looks at: what torchvision would, for any number of images at once."""

import numpy as np
import pytest
import torch
from torch import nn
from torchvision.models.detection.rpn import RegionProposalNetwork
from torchvision.ops import MultiScaleRoIAlign

from headstart.heads import _proposals
from headstart.heads._proposals import GRID, OVERLAP, POOLED, PROPOSALS, SAMPLES, pooled, proposed

COUNTS = [400, 120, 30]
SIDE = 256


def drawn(n=3, seed=0):
    draws = np.random.default_rng(seed)
    low, size = (
        draws.uniform(-0.1, 0.9, (n, sum(COUNTS), 2)),
        np.exp(draws.uniform(-4, 0, (n, sum(COUNTS), 2))),
    )
    boxes = np.round(np.concatenate([low, low + size], 2) * GRID) / GRID
    return torch.from_numpy(boxes).float(), torch.from_numpy(draws.normal(size=(n, sum(COUNTS)))).float()


@pytest.mark.parametrize("seed", range(3))
@pytest.mark.parametrize("candidates", [50, 300])
def test_the_proposals_are_torchvisions(seed, candidates, monkeypatch):
    monkeypatch.setattr(_proposals, "CANDIDATES", candidates)
    boxes, sure = drawn(seed=seed)
    most = {"training": candidates, "testing": candidates}, {"training": PROPOSALS, "testing": PROPOSALS}
    network = RegionProposalNetwork(nn.Identity(), nn.Identity(), 0.7, 0.3, 256, 0.5, *most, OVERLAP)
    expected, _ = network.filter_proposals(boxes * SIDE, sure.flatten()[:, None], [(SIDE, SIDE)] * 3, COUNTS)
    found, real = proposed(boxes, sure, COUNTS)
    assert found.shape == (3, PROPOSALS, 4)
    for mine, there, right in zip(found, real, expected, strict=True):
        assert there.sum() == len(right)
        assert not mine[there == 0].any()
        kept = mine[there > 0] * SIDE
        assert sorted(kept.tolist()) == pytest.approx(np.array(sorted(right.tolist())), abs=1e-3)


def test_no_image_depends_on_the_others():
    boxes, sure = drawn(40)
    boxes += 1e-5 * torch.randn(boxes.shape, generator=torch.Generator().manual_seed(0))
    together = proposed(boxes, sure, COUNTS)
    for image in (0, 17, 39):
        alone = proposed(boxes[[image]], sure[[image]], COUNTS)
        for one, same in zip(alone, together, strict=True):
            assert torch.equal(one[0], same[image])


def test_they_come_in_the_order_of_their_anchors_and_empty_ones_last():
    boxes = torch.tensor(
        [[[0.5, 0.5, 0.9, 0.9], [0.1, 0.1, 0.3, 0.3], [0.2, 0.2, 0.2, 0.4], [1.1, 0, 1.2, 1]]]
    )
    found, real = proposed(boxes, torch.tensor([[0.0, 1.0, 2.0, 3.0]]), [4])
    torch.testing.assert_close(found[0, :2], boxes[0, :2], atol=1 / GRID, rtol=0)
    assert real[0].tolist() == [1, 1] + [0] * (PROPOSALS - 2)


@pytest.mark.parametrize("levels", [1, 3])
def test_what_is_seen_is_what_torchvision_sees(levels):
    draws = np.random.default_rng(0)
    sides = [2 * SIDE // 8 // 2**level for level in range(levels)]
    maps = [torch.from_numpy(draws.normal(size=(3, 5, side, side))).float() for side in sides]
    low, size = draws.uniform(0, 0.3, (3, 20, 2)), np.exp(draws.uniform(-3, -0.2, (3, 20, 2)))
    boxes = torch.from_numpy(np.concatenate([low, low + size], 2)).float()
    names = [str(number) for number, _ in enumerate(maps)]
    plain = MultiScaleRoIAlign(names, POOLED, SAMPLES)
    expected = plain(dict(zip(names, maps, strict=True)), list(boxes * 2 * SIDE), [(2 * SIDE, 2 * SIDE)] * 3)
    found = pooled(maps, boxes)
    assert found.shape == (60, 5, POOLED, POOLED)
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    if levels > 1:
        assert len(set(plain.map_levels(list(boxes * 2 * SIDE)).tolist())) > 1


def test_empty_proposals_are_seen_as_numbers():
    assert pooled([torch.randn(2, 3, 8, 8), torch.randn(2, 3, 4, 4)], torch.zeros(2, 4, 4)).isfinite().all()
