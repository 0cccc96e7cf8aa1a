"""A group of one target is trained as a run of its own; of several, each has its own head and answers."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benches import base, fresh, ground, home, home_of_layers, recipe, same_tensors
from headstart import adaptation
from headstart.adaptation import _start
from headstart.adaptation.training import loop
from headstart.bases.base import INPUT
from headstart.joint import Group, Target
from headstart.tasks.solvers import linear

__all__ = ["base", "fresh", "home", "home_of_layers"]


@pytest.fixture(autouse=True)
def _few_steps(monkeypatch):
    monkeypatch.setattr(loop, "MIN_STEPS", 2)


@pytest.fixture(scope="module")
def targets(home, tmp_path_factory):
    """Two sets of pictures with other classes, on one base."""
    folder = tmp_path_factory.mktemp("other")
    other = ground(
        home.bench.base, folder / "two", home.bench.passes.cache, classes=("disc", "box"), per_class=6, seed=1
    )
    return [Target(name, one.bench, one.splits) for name, one in (("three", home), ("two", other))]


@pytest.fixture
def short(home):
    return recipe("finetune", home.bench, epochs=2, cuts=(INPUT,), live=True, views=0)


@pytest.fixture
def group(targets):
    return Group("multi", targets, [0, 1], adaptation.strategy_named("finetune"))


@pytest.mark.parametrize(
    ("name", "ground"), [("finetune", "home"), ("warm_init", "home"), ("lora", "home_of_layers")]
)
def test_a_target_alone_is_fitted_as_in_a_run_of_its_own(name, ground, short, fresh, request):
    home = request.getfixturevalue(ground)
    alone = Group("single", [Target("one", home.bench, home.splits)], [0], adaptation.strategy_named(name))
    joint = adaptation.fit(alone.job(0, short, 1), alone.bench, fresh())
    drawn = alone.draws(0, 1)[0]
    job = home.job(name, seed=1, train=drawn.train, validation=drawn.validation)
    own = adaptation.fit(adaptation.Job(**{**vars(job), "recipe": short}), home.bench, fresh())
    kept = {key.replace("head.each.0.", "head."): one for key, one in joint.kept.items()}
    assert kept.pop("head.log_variance").tolist() == [0.0]
    assert same_tensors(kept, own.kept)
    assert joint.history.validation == own.history.validation
    (look,) = alone.looks(joint)
    np.testing.assert_array_equal(look.validation_outputs, adaptation.outputs(own, home.bench, look.rows))


def test_each_head_begins_as_the_solution_for_its_own_rows(group, targets, short):
    job = group.job(0, short, 0)
    heads = _start.start(job, group.bench).head.each
    for head, target, draw in zip(heads, targets, group.draws(0, 0), strict=True):
        features = np.asarray(target.bench.features(rows=draw.train), dtype=np.float64)
        right, k = target.bench.examples.answers[draw.train], len(target.bench.examples.categories)
        np.testing.assert_allclose(
            head.weight.detach().numpy(), linear.solve(features, right, k).weight, rtol=1e-5
        )


def test_all_heads_learn_and_each_is_looked_at_on_its_own_rows(group, targets, short, fresh):
    folder = fresh()
    job = group.job(0, adaptation.race(group.job(0, short, 0), group.bench, folder, np.inf), 0)
    assert job.recipe.rate in job.strategy.rates
    fitted = adaptation.fit(job, group.bench, folder)
    assert adaptation.fitted_file(job, folder).name == "multi-0+1-0.safetensors"
    assert fitted.kept["head.log_variance"].shape == (2,)
    backbone, heads = adaptation.model_of(fitted, group.bench)
    for place, (look, target) in enumerate(zip(group.looks(fitted), targets, strict=True)):
        inputs = target.bench.subject(job.recipe.size).inputs.batch(look.rows)
        with torch.no_grad():
            expected = heads.each[place](backbone(inputs)).numpy()
        np.testing.assert_allclose(look.validation_outputs, expected, atol=1e-4)
        assert len(look.scores) == len(target.splits.test)
