"""Contrastive tuning: classes are drawn together, and the head is solved on what came of it."""

from dataclasses import replace

import numpy as np
import torch

from benches import NOBODY, plan
from headstart.adaptation import refit, train_arm
from headstart.adaptation._fit import fit, model_of, outputs
from headstart.adaptation._pairs import KEEP, steps_of
from headstart.adaptation._race import race
from headstart.adaptation.training import loop as _loop
from headstart.registry import get
from headstart.tasks.solvers import linear


def features_of(fitted, home, rows):
    backbone, _ = model_of(fitted, home.bench)
    with torch.no_grad():
        return backbone(home.bench.subject(32).inputs.batch(rows)).numpy()


def spread(features, targets):
    """Mean cosine of pairs of one class less that of others."""
    unit = features / np.linalg.norm(features, axis=1, keepdims=True)
    cosines, same = unit @ unit.T, targets[:, None] == targets[None]
    own = same & ~np.eye(len(targets), dtype=bool)
    return cosines[own].mean() - cosines[~same].mean()


def test_classes_are_drawn_together_and_the_head_is_the_solution(home, base, fresh):
    rows, targets = home.splits.train, home.bench.examples.answers
    job = home.job("contrastive", keep=KEEP, cuts=(base.card.stages[0],), rate=1e-3)
    fitted = fit(job, home.bench, fresh())
    tuned, before = features_of(fitted, home, rows), home.bench.features()[rows]
    assert spread(tuned, targets[rows]) > spread(before, targets[rows]) + 0.02
    solved = linear.solve(tuned.astype(float), targets[rows], 3)
    np.testing.assert_allclose(outputs(fitted, home.bench, rows), solved.outputs(tuned), atol=2e-2)
    assert fitted.history.steps == steps_of(len(rows))
    assert (fitted.history.candidate, fitted.history.kept, fitted.history.validation) == (KEEP, 0, ())


def test_the_refit_takes_the_same_formula(home, fresh, monkeypatch):
    made = plan(home.bench, "contrastive")
    short = replace(made.recipes["contrastive"], keep=KEEP, epochs=1)
    made = replace(made, recipes={**made.recipes, "contrastive": short})
    arm = train_arm("contrastive", "contrastive", home.bench, home.splits, made, fresh())
    again = refit(arm, home.bench, fresh())
    assert again.history.steps == steps_of(len(home.bench.pool))
    assert (again.history.candidate, again.job.recipe.epochs) == (KEEP, 1)


def test_nothing_is_raced(home, fresh):
    folder = fresh()
    found = race(home.job("contrastive"), home.bench, folder, 1e9)
    assert (found.rate, list(folder.iterdir())) == (get("adaptation", "contrastive").rates[0], [])


def test_where_the_loss_is_no_number_the_base_stays_as_it_is(home, fresh, monkeypatch):
    monkeypatch.setattr(_loop.Loop, "_step", lambda *_: float("nan"))
    fitted = fit(home.job("contrastive", keep=KEEP), home.bench, fresh())
    assert (fitted.history.diverged, fitted.history.candidate, fitted.history.kept) == (True, "start", None)
    plain = fit(home.job("frozen"), home.bench, fresh())
    rows = home.splits.test
    np.testing.assert_allclose(
        outputs(fitted, home.bench, rows), outputs(plain, home.bench, rows), rtol=0.02, atol=0.05
    )


def test_one_example_of_a_class_is_enough(home, fresh):
    targets = home.bench.examples.answers
    rows = np.array([np.flatnonzero(targets == label)[0] for label in range(3)])
    fitted = fit(home.full_length("contrastive", train=rows, validation=NOBODY), home.bench, fresh())
    assert np.isfinite(outputs(fitted, home.bench, home.splits.test)).all()


def test_nothing_is_dropped_while_pairs_are_compared(home, fresh, monkeypatch):
    modes, step = [], _loop.Loop._step

    def noted(loop, model, *rest):
        modes.append(model.training)
        return step(loop, model, *rest)

    monkeypatch.setattr(_loop.Loop, "_step", noted)
    fit(home.job("contrastive"), home.bench, fresh())
    assert set(modes) == {False}
