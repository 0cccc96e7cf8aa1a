"""Arms: paired seeds, the race on the first one, deadlines, and the refit that ships."""

import json
from dataclasses import replace

import numpy as np
import pytest
import torch

from benches import Listening, plan, same_tensors
from headstart import adaptation
from headstart.adaptation import Arm, Fitted, draws, pace_of, refit, strategy_named, train_arm
from headstart.adaptation.base import History
from headstart.adaptation.training import loop
from headstart.cache import Cache
from headstart.errors import SettingsError
from headstart.runtime import Clock, Runtime, derive


@pytest.fixture
def short(monkeypatch):
    monkeypatch.setattr(loop, "MIN_STEPS", 1)


def test_draws_are_paired_and_hold_no_test_row(home):
    first, again = draws(home.splits, 3, 0), draws(home.splits, 3, 0)
    pool = sorted([*home.splits.train, *home.splits.validation])
    for one, other in zip(first, again, strict=True):
        assert (one.train == other.train).all()
        assert sorted([*one.train, *one.validation]) == pool
    assert (first[0].train == home.splits.train).all()
    assert len({one.validation.tobytes() for one in first}) == 3


def test_an_arm_is_raced_once_and_fitted_with_every_seed(home, fresh, short):
    folder = fresh()
    arm = train_arm("finetune", "finetune", home.bench, home.splits, plan(home.bench, "finetune"), folder)
    assert [one.job.number for one in arm.fitted] == [0, 1]
    assert len({one.job.recipe.rate for one in arm.fitted}) == 1
    assert arm.note is None
    assert len(list(folder.glob("finetune-rate*-0.safetensors"))) == 3
    assert len(list(folder.glob("*.safetensors"))) == 3 + 2
    for one, look, draw in zip(arm.fitted, arm.validation, draws(home.splits, 2, 0), strict=True):
        assert (one.job.train == draw.train).all()
        assert (one.job.validation == draw.validation).all()
        np.testing.assert_array_equal(look, adaptation.outputs(one, home.bench, draw.validation))
    assert arm.seconds == sum(one.seconds for one in arm.fitted)


def test_paired_seeds_and_draws_are_derived_from_that_of_the_plan(home, fresh):
    """Counted up from it, runs with neighbouring seeds would share all trainings but one."""
    arms, folders = [], []
    for seed in (0, 1):
        folders.append(fresh())
        ours = replace(plan(home.bench, seeds=6), seed=seed)
        arms.append(train_arm("frozen", "frozen", home.bench, home.splits, ours, folders[-1]))
        assert [one.job.seed for one in arms[-1].fitted] == [
            derive(seed, "arm", number) for number in range(6)
        ]
        for one, draw in zip(arms[-1].fitted, draws(home.splits, 6, seed), strict=True):
            assert (one.job.train == draw.train).all()
    first, second = ([one.job for one in arm.fitted] for arm in arms)
    assert len({job.seed for job in (*first, *second)}) == 12
    assert (first[0].train == second[0].train).all(), "the cut itself"
    later = [job.validation.tobytes() for job in (*first[1:], *second[1:])]
    assert len({*later, first[0].validation.tobytes()}) == 11
    assert not set(first[0].views) & set(second[0].views)
    files = {path.name for path in folders[1].iterdir()}
    assert files == {f"frozen-{number}.safetensors" for number in range(6)}, "short and readable"


def test_reinit_runs_a_strategy_on_random_weights(home, fresh):
    arm = train_arm("reinit", "frozen", home.bench, home.splits, plan(home.bench), fresh())
    assert arm.name == "reinit"
    assert all(one.job.fresh and one.job.strategy is strategy_named("frozen") for one in arm.fitted)
    ours = train_arm("frozen", "frozen", home.bench, home.splits, plan(home.bench), fresh())
    assert not any(one.job.fresh for one in ours.fitted)


def test_a_used_up_budget_leaves_out_seeds_and_says_so(home, fresh, short):
    reporter = Listening()
    bench = home.with_runtime(Runtime(clock=Clock(1e-6), reporter=reporter))
    folder = fresh()
    arm = train_arm("scratch", "scratch", bench, home.splits, plan(bench, seeds=3), folder)
    assert len(arm.fitted) == len(arm.validation) == 1
    assert "1 of 3 seeds" in arm.note
    assert arm.fitted[0].history.cut_short
    assert any("seed 1 of 3" in note for note in reporter.notes)


def test_trainings_side_by_side_are_said(home, fresh, short, monkeypatch):
    serial = lambda function, jobs, _processes=1: (function(*job) for job in jobs)  # noqa: E731
    monkeypatch.setattr(adaptation.workers, "each", serial)
    reporter = Listening()
    bench = home.with_runtime(Runtime(reporter=reporter))
    train_arm("scratch", "scratch", bench, home.splits, replace(plan(bench, seeds=2), processes=2), fresh())
    assert "scratch: 2 trainings, 2 side by side" in reporter.notes


def test_heads_that_are_solved_have_their_first_seeds_even_late(home, fresh):
    late = home.with_runtime(Runtime(clock=Clock(1e-6)))
    arm = train_arm("frozen", "frozen", late, home.splits, plan(home.bench, "frozen", seeds=2), fresh())
    assert len(arm.fitted) == 2


def test_seeds_that_were_fitted_before_are_taken_even_late(home, fresh):
    folder = fresh()
    train_arm("frozen", "frozen", home.bench, home.splits, plan(home.bench, "frozen", seeds=3), folder)
    late = home.with_runtime(Runtime(clock=Clock(1e-6)))
    arm = train_arm("frozen", "frozen", late, home.splits, plan(home.bench, "frozen", seeds=3), folder)
    assert len(arm.fitted) == 3
    assert arm.note is None


def test_a_rate_that_was_decided_is_not_raced_again(home, fresh, short):
    """Whatever time is left when a run goes on."""
    written, folder = {}, fresh()

    def once(name, make):
        if name not in written:
            written[name] = make()
        return written[name]

    names = ("scratch", "scratch", home.bench, home.splits, plan(home.bench), folder)
    arm = train_arm(*names, once)
    assert written == {"rate-of-scratch": arm.fitted[0].job.recipe.rate, "seeds-of-scratch": len(arm.fitted)}
    written["rate-of-scratch"] = other = 0.123
    assert {one.job.recipe.rate for one in train_arm(*names[:-1], fresh(), once).fitted} == {other}
    written["seeds-of-scratch"] = 1
    again = train_arm(*names, once)
    assert len(again.fitted) == len(again.validation) == 1, "there was no time for a second one"


def test_the_pace_is_that_of_the_last_arm_that_tells(home):
    slow, quick, silent = (Arm("a", (), (), pace=pace) for pace in (3.0, 0.5, None))
    assert [pace_of(arms) for arms in ([], [silent], [slow, silent], [slow, quick])] == [1.0, 1.0, 3.0, 1.0]


def test_strategies_that_are_not_planned_are_left_out(home, fresh):
    arms = adaptation.adapt(home.bench, home.splits, plan(home.bench), ["finetune", "frozen"], fresh())
    assert [arm.name for arm in arms] == ["frozen"]


def an_arm(home, *histories, strategy="finetune"):
    fitted = tuple(
        Fitted(home.job(strategy, seed=seed, epochs=6, cuts=("layer2",)), {}, history, 1.0)
        for seed, history in enumerate(histories)
    )
    return Arm(strategy, fitted, ())


def test_the_refit_takes_the_median_epoch_and_the_usual_candidate(home, fresh, short):
    arm = an_arm(
        home,
        History(kept=0, candidate="ema"),
        History(kept=3, candidate="interpolated"),
        History(kept=1, candidate="interpolated"),
    )
    fitted = refit(arm, home.bench, fresh())
    assert len(fitted.history.train) == 2
    assert fitted.history.candidate == "interpolated"
    assert (fitted.job.train == home.bench.pool).all()
    assert len(fitted.job.validation) == 0
    assert fitted.job.recipe.epochs == 2, "the learning rate falls to zero within them"


def test_the_refit_averages_where_the_seeds_kept_single_weights(home, fresh, short):
    arm = an_arm(home, *[History(kept=1, candidate="trained")] * 3)
    assert refit(arm, home.bench, fresh()).history.candidate == "ema"


def test_where_training_never_helped_the_solved_head_is_refitted(home, fresh):
    arm = an_arm(home, History(), History(kept=3, candidate="ema"), History())
    fitted = refit(arm, home.bench, fresh())
    assert fitted.history.steps == 0
    assert set(fitted.kept) == {"head.weight", "head.bias"}


def test_the_final_model_is_the_refitted_arm(home, base, fresh):
    arm = train_arm("frozen", "frozen", home.bench, home.splits, plan(home.bench), folder := fresh())
    final = adaptation.final(arm, home.bench, folder)
    assert (final.architecture, final.width) == (base.architecture, base.card.width)
    assert final.preprocess == base.preprocess.at(32)
    assert same_tensors(final.backbone.state_dict(), base.network().state_dict())
    refitted = refit(arm, home.bench, folder)
    assert torch.equal(final.head.weight, refitted.kept["head.weight"])
    assert not torch.equal(final.head.weight, arm.fitted[0].kept["head.weight"]), "it has more examples"


def test_a_plan_is_made_once(home, monkeypatch):
    kept = {}

    def once(name, make):
        if name not in kept:
            kept[name] = json.dumps(make())
        return json.loads(kept[name])

    asked = (("frozen",), 4)
    bench = home.with_runtime(Runtime(clock=Clock(0.3)))
    first = adaptation.plan_once(bench, home.splits, *asked, once)
    monkeypatch.setattr(adaptation, "make", None)
    assert adaptation.plan_once(bench, home.splits, *asked, once) == first
    assert (first.seed, "frozen" in first.recipes) == (4, True)


def test_the_first_pass_keeps_the_boundaries_of_fine_tuning(base, tmp_path):
    cache = Cache(tmp_path)
    (kept,) = adaptation.planned([base], ["frozen", "finetune"], 10, cache).values()
    assert kept
    assert set(kept) <= set(base.card.stages)
    assert adaptation.planned([base], ["frozen", "warm_init"], 10, cache) == {base.name: ()}
    assert adaptation.planned([base], ["finetune"], 10, Cache(tmp_path, budget=100)) == {base.name: ()}


def test_alone_a_strategy_without_steps_needs_no_measuring(home, monkeypatch):
    monkeypatch.setattr(adaptation, "make", lambda *_: pytest.fail("speeds were measured"))
    asked = (["frozen"], 3, lambda name, make: make())
    made = adaptation.plan_once(home.bench, home.splits, *asked, references=False)
    assert (made.seeds, made.seed, list(made.recipes)) == (1, 3, ["frozen"])
    with pytest.raises(pytest.fail.Exception):
        adaptation.plan_once(home.bench, home.splits, *asked)


def test_a_plan_without_any_of_the_strategies_says_what_to_do(home, fresh):
    with pytest.raises(SettingsError, match="does not suffice for finetune, warm_init") as caught:
        adaptation.adapt(home.bench, home.splits, plan(home.bench), ["finetune", "warm_init"], fresh())
    assert "--minutes" in caught.value.hint
