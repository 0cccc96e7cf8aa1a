"""What ships: refitted where nothing has to be looked at, else the seed that did best on validation."""

import re
from dataclasses import replace

import numpy as np
import pytest

from benches import plan
from headstart.adaptation import Arm, Fitted, _final, against_refit, final, train_arm
from headstart.adaptation._final import best_seed, chosen
from headstart.adaptation.base import History
from headstart.adaptation.training import loop
from headstart.tasks.solvers import linear

LATE = {"kept": 5, "candidate": "ema", "steps": 6, "train": (1.0,) * 6}


def an_arm(home, *histories, strategy="finetune", right=(0.5, 0.5, 0.5)):
    """Seeds of six planned epochs, and how many of their validation rows each gets right."""
    fitted = tuple(
        Fitted(home.job(strategy, seed=seed, epochs=6, cuts=("layer2",)), {}, history, 1.0)
        for seed, history in enumerate(histories)
    )
    return Arm(
        strategy, fitted, tuple(looks(home, one, share) for one, share in zip(fitted, right, strict=False))
    )


def looks(home, one, share):
    targets = home.bench.examples.answers[one.job.validation]
    shown = np.where(np.arange(len(targets)) < share * len(targets), targets, (targets + 1) % 3)
    return np.eye(3)[shown]


def test_where_every_seed_kept_the_last_epochs_it_is_refitted(home):
    assert against_refit(an_arm(home, *[History(**LATE)] * 3), home.bench) is None
    assert against_refit(an_arm(home, *[History(**{**LATE, "kept": 3})] * 3), home.bench) is None


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"cut_short": True}, "time ended before the epochs of 1 of 3"),
        ({"diverged": True}, "1 of 3 seeds was no number|loss of 1 of 3"),
        ({"kept": 0}, "kept epochs 1 to 6 of 6"),
        ({"kept": None}, "kept epochs 0 to 6 of 6"),
    ],
)
def test_one_seed_that_was_cut_or_stopped_early_speaks_against_it(home, changes, says):

    odd = History(**{**LATE, **changes})
    assert re.search(says, against_refit(an_arm(home, History(**LATE), odd, History(**LATE)), home.bench))


def test_one_seed_does_not_tell_how_long_to_train_and_two_do(home):
    assert "1 of the 2 seeds" in against_refit(an_arm(home, History(**LATE)), home.bench)
    assert against_refit(an_arm(home, *[History(**LATE)] * 2), home.bench) is None


def test_solved_heads_and_a_fixed_number_of_steps_are_always_refitted(home):
    assert against_refit(an_arm(home, History(), strategy="frozen"), home.bench) is None
    assert against_refit(an_arm(home, History(**LATE), strategy="contrastive"), home.bench) is None
    never = [History(candidate="start", steps=6)] * 2
    assert against_refit(an_arm(home, *never), home.bench) is None, "training never helped"


def test_a_head_that_is_trained_by_steps_is_never_refitted(home, monkeypatch):
    monkeypatch.setattr(type(home.bench.task.answer), "headed", "trained")
    assert "its head is trained" in against_refit(an_arm(home, *[History(**LATE)] * 3), home.bench)


def test_the_seed_that_did_best_on_validation_ships_and_it_is_said(home, fresh):
    cut = History(**{**LATE, "cut_short": True})
    arm = an_arm(home, cut, cut, cut, right=(0.4, 1.0, 0.7))
    fitted, shipped = chosen(arm, home.bench, fresh())
    assert fitted is arm.fitted[1]
    assert (shipped.what, shipped.seed, shipped.of) == ("seed", 2, 3)
    assert "time ended" in shipped.why


def test_a_seed_that_diverged_is_the_last_to_ship(home):
    arm = an_arm(home, replace(History(**LATE), diverged=True), History(**LATE), right=(1.0, 0.5))
    assert best_seed(arm, home.bench) == 1


def test_a_refit_that_diverges_is_no_model(home, fresh, monkeypatch):
    arm = an_arm(home, *[History(**LATE)] * 3)
    lost = replace(arm.fitted[0], history=History(diverged=True))
    monkeypatch.setattr(_final, "refit", lambda *_: lost)
    fitted, shipped = chosen(arm, home.bench, fresh())
    assert fitted is arm.fitted[0]
    assert (shipped.what, shipped.why) == ("seed", "the loss of the refit was no number any more")


def test_a_solved_head_is_looked_at_without_each_fold_at_its_own_scale(home, fresh):
    arm = train_arm("frozen", "frozen", home.bench, home.splits, plan(home.bench), folder := fresh())
    made = final(arm, home.bench, folder)
    assert (made.shipped.what, made.shipped.of) == ("refit", 2)
    ((outputs, rows),) = made.looks
    assert sorted(rows) == sorted(home.bench.pool), "every example, not only those of validation"
    features = np.asarray(home.bench.features(rows=home.bench.pool), dtype=np.float64)
    solved = linear.solve(features, home.bench.examples.answers[home.bench.pool], 3)
    place = np.searchsorted(home.bench.pool, rows)
    assert not np.allclose(outputs, solved.outputs(features)[place], atol=1e-3), (
        "it has not learned from them"
    )


def test_seeds_of_a_trained_arm_are_looked_at_at_the_scale_of_what_ships(home, fresh, monkeypatch):
    monkeypatch.setattr(loop, "MIN_STEPS", 1)
    arm = train_arm(
        "finetune", "finetune", home.bench, home.splits, plan(home.bench, "finetune"), folder := fresh()
    )
    monkeypatch.setattr(_final, "against_refit", lambda *_: "it rained")
    made = final(arm, home.bench, folder)
    assert (made.shipped.what, made.shipped.why) == ("seed", "it rained")
    number = made.shipped.seed - 1
    np.testing.assert_array_equal(made.looks[number][0], arm.validation[number], "its own, as it is")
    assert [rows.tolist() for _, rows in made.looks] == [one.job.validation.tolist() for one in arm.fitted]
    grown = dict(arm.fitted[number].kept)
    for name in ("head.weight", "head.bias"):
        grown[name] = grown[name] * 20
    loud = replace(arm.fitted[number], kept=grown)
    assert _final._ratio(loud, arm.fitted[number], home.bench) == pytest.approx(20, rel=1e-3)
