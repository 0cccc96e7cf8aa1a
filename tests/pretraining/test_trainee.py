"""A backbone and its head before and after training."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from headstart import registry
from headstart.cache import Cache
from headstart.pretraining import _start
from headstart.pretraining._trainee import Trainee
from headstart.runtime import Runtime
from headstart.sources import Sources
from headstart.tasks.image_classification import plugin as images
from makings import ARCHITECTURE, asked, loaded


@pytest.fixture
def trainee(photos, tmp_path):
    def make(seed=0, method="supervised"):
        sources = Sources(images, ("photos",), (loaded(photos),))
        begun = _start.start(None, ARCHITECTURE, 32, "image", seed)
        plain = asked(photos, tmp_path / "base", method, seed=seed)
        plugin = registry.get("pretraining", method)
        return Trainee(plain, plugin, sources, begun, Runtime(), Cache(tmp_path / "cache"))

    return make


def flat(parts: tuple[nn.Module, ...]) -> torch.Tensor:
    return torch.cat([one.detach().flatten() for part in parts for one in part.parameters()])


@pytest.mark.parametrize("method", ["supervised", "vicreg"])
def test_the_start_repeats_for_a_seed_and_differs_for_another(trainee, method):
    first, again, other = (flat(trainee(seed, method).parts()) for seed in (0, 0, 1))
    assert torch.equal(first, again)
    assert not torch.equal(first, other)


def test_values_are_the_metric_of_each_own_validation_and_none_without_labels(trainee):
    one = trainee()
    backbone, _, head = one.parts()
    (splits,) = one.sources.splits
    with torch.no_grad():  # a head that always says class 1
        head.each[0].bias[1] += 100.0
    right = float((splits.examples.answers[splits.validation] == 1).mean())
    assert one.values(backbone.eval(), head.eval()) == [pytest.approx(right)]
    assert trainee(method="rotation").values(backbone, head) == [None]
