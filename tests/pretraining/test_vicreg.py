"""The three terms by hand, two different views, and what keeps features from collapsing."""

from __future__ import annotations

import math
import shutil

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn

from headstart.adaptation.training.feed import LiveFeed
from headstart.data.images import views as augment
from headstart.data.images.store import PixelStore
from headstart.errors import BaseError
from headstart.preprocessing.image import ImagePreprocess
from headstart.pretraining.vicreg import WIDEST, Alike, plugin
from makings import make, sources
from pictures import write_folder

ROWS = np.array([0, 1])
FIRST = torch.tensor([[1.0, 0.0], [3.0, 0.2]])
SECOND = torch.tensor([[1.0, 1.0], [2.0, 0.0]])


def hinge(numbers):
    deviation = math.sqrt(np.var(numbers, ddof=1) + 1e-4)
    return max(0.0, 1 - deviation)


def test_the_three_terms_by_hand():
    both = torch.cat([FIRST, SECOND])
    apart = (0 + 1 + 1 + 0.04) / 4
    spread = ((hinge([1, 3]) + hinge([0, 0.2])) / 2 + (hinge([1, 2]) + hinge([1, 0])) / 2) / 2
    # covariances over n - 1 = 1: (±1)(±0.1) twice, and (±0.5)(∓0.5) twice; both triangles, over e = 2
    shared = (2 * 0.2**2 + 2 * 0.5**2) / 2
    assert Alike(1, 0, 0).loss(both, ROWS).item() == pytest.approx(apart)
    assert Alike(0, 1, 0).loss(both, ROWS).item() == pytest.approx(spread)
    assert Alike(0, 0, 1).loss(both, ROWS).item() == pytest.approx(shared)
    assert Alike().loss(both, ROWS).item() == pytest.approx(25 * apart + 25 * spread + shared)


def test_one_point_for_everything_is_alike_and_costs_for_not_varying():
    both = torch.ones(8, 3)
    assert Alike(25, 0, 1).loss(both, np.arange(4)).item() == 0
    assert Alike(0, 1, 0).loss(both, np.arange(4)).item() == pytest.approx(1 - 1e-2)


def test_numbers_that_say_the_same_cost_and_independent_ones_do_not():
    views = torch.tensor([[1.0, 1.0], [1.0, -1.0], [-1.0, 1.0], [-1.0, -1.0]])
    same = views[:, :1].expand(-1, 2)
    only = Alike(0, 0, 1)
    assert only.loss(torch.cat([views, views]), np.arange(4)).item() == pytest.approx(0)
    assert only.loss(torch.cat([same, same]), np.arange(4)).item() == pytest.approx(2 * (4 / 3) ** 2)


def test_the_terms_are_computed_in_single_precision():
    both = torch.cat([FIRST, SECOND])
    half = Alike().loss(both.half(), ROWS)
    assert half.dtype == torch.float32
    assert half.item() == pytest.approx(Alike().loss(both, ROWS).item(), rel=1e-2)


def test_there_is_no_validation_to_ask_for():
    with pytest.raises(NotImplementedError):
        Alike().validation(FIRST, ROWS)


def test_two_different_strong_views_of_each_picture(tmp_path):
    files = sorted(write_folder(tmp_path / "few", per_class=1).rglob("*.png"))
    inputs = PixelStore(files, ImagePreprocess(24, (0.5,) * 3, (0.5,) * 3))
    live = LiveFeed(inputs, 3, "cpu")
    views = plugin.feed(live).fetch(np.array([0, 2]), 0, 0)
    assert views.shape == (4, 24, 24, 3)
    assert not np.array_equal(views[:2], views[2:])
    assert len({view.tobytes() for view in (*views, *live.fetch(np.array([0, 2]), 0, 0))}) == 6
    # of distortion's, not of the milder views that other trainings see
    strong = inputs.distorted()
    side = plugin.feed(live).live[0]
    np.testing.assert_array_equal(views[:2], side.fetch(np.array([0, 2]), 0, 0))
    assert side.inputs._view.__qualname__ == strong._view.__qualname__ == augment.distortion(1).__qualname__


def test_the_expander_is_four_times_as_wide_up_to_a_bound():
    for width, wide in ((6, 24), (2048, WIDEST)):
        head = plugin.head(sources([0, 1]), width)
        assert [one.out_features for one in head if isinstance(one, nn.Linear)] == [wide] * 3
        assert head(torch.randn(3, width)).shape == (3, wide)


@pytest.mark.parametrize(("objective", "spread"), [(Alike(), 1.0), (Alike(varied=0, uncorrelated=0), 0.0)])
def test_without_the_variance_term_embeddings_collapse(objective, spread):
    """A linear encoder of noisy views: its embeddings spread by 1, or all go to one point."""
    draws = torch.Generator().manual_seed(0)
    points = torch.randn(64, 4, generator=draws)
    encoder = torch.randn(4, 4, generator=draws).requires_grad_()
    optimizer = torch.optim.Adam([encoder], lr=0.05)
    for _ in range(200):
        views = [points + 0.3 * torch.randn(64, 4, generator=draws) for _ in range(2)]
        loss = objective.loss(torch.cat(views) @ encoder, np.arange(64))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (points @ encoder).std(0).mean().item() == pytest.approx(spread, abs=0.15)


@pytest.mark.parametrize("method", ["vicreg", "rotation"])
def test_a_backbone_that_collapsed_is_refused_and_nothing_is_written(method, made, photos, tmp_path):
    """Its last rectifiers are dead: every picture has the same features, and no gradient wakes them."""
    dead = shutil.copytree(made.folder, tmp_path / "dead")
    state = load_file(dead / "model.safetensors")
    for name, tensor in state.items():
        if name.startswith("layer4") and tensor.ndim == 1 and "running" not in name:
            tensor.fill_(0.0 if name.endswith("weight") else -1.0)
    save_file(state, dead / "model.safetensors")
    with pytest.raises(BaseError, match="the features collapsed") as caught:
        make(photos, tmp_path / "base", method, base=str(dead))
    assert "--method" in caught.value.hint
    left = {path.name for path in (tmp_path / "base").iterdir()}
    assert left == {"settings.json", "log.jsonl", "work"}
