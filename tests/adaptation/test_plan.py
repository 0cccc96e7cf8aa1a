"""The plan: as much as the time allows, nothing that it does not, and the same when it is read back."""

import json

import pytest

from benches import Listening
from headstart import registry
from headstart.adaptation import _plan, _recipes
from headstart.adaptation._boundaries import boundaries
from headstart.adaptation._costs import Costs, Counts, Way
from headstart.adaptation._pairs import KEEP, SIZE
from headstart.adaptation._plan import Plan, Planner, make
from headstart.adaptation._plan_record import CURVE
from headstart.adaptation.training import speed
from headstart.adaptation.training.speed import Speeds
from headstart.bases.base import INPUT
from headstart.bases.networks.refined import JOINED
from headstart.runtime import Clock, Runtime

TRANSFER = ("frozen", "finetune")


@pytest.fixture
def planned(home, monkeypatch):
    """`planned(minutes, strategies, cost)`: a plan for 100 examples at `cost` seconds a training step."""

    def go(minutes, strategies=TRANSFER, cost=2e-3, counts=None, below=1e-3, slowness=1.0):
        def measured(bench, cuts, sizes, half, strategies):
            wholes = {size: cost * (size / 32) ** 2 for size in (32, 24, 16)}
            return Speeds(
                cost / 4,
                cost / 10,
                {**dict.fromkeys(cuts, cost / 5), JOINED: cost / 5},
                dict.fromkeys(cuts, below),
                wholes,
            )

        monkeypatch.setattr(speed, "measure", measured)
        monkeypatch.setattr(Clock, "slowness", slowness)
        bench = home.with_runtime(Runtime(clock=Clock(minutes)))
        bench.features()
        return make(bench, counts or Counts(130, 100, 80, 20, 20), strategies, 7)

    return go


def test_with_plenty_of_time_nothing_is_left_out(planned, home):
    plan = planned(60.0)
    assert (plan.seeds, plan.seed, plan.minutes, plan.threads) == (6, 7, 60.0, 1)
    assert set(plan.recipes) == {"frozen", "finetune", "scratch"}
    assert list(plan.seconds) == ["frozen", "finetune", "reinit", "scratch", "learning curve"]
    assert plan.curve_seeds == 3
    assert plan.recipes["finetune"].cuts == (*boundaries(home.bench.base.card, 130, 1e12), INPUT)
    assert plan.recipes["finetune"].epochs == _recipes.PART_EPOCHS[1]
    assert plan.recipes["scratch"].size == 32
    assert plan.recipes["frozen"].epochs == 0
    assert plan.reinit == "finetune"
    assert plan.notes == ()


@pytest.mark.parametrize("minutes", [0.3, 0.5, 1.0, 2.0, 4.0, 10.0, 40.0])
@pytest.mark.parametrize("cost", [2e-4, 2e-3, 2e-2])
@pytest.mark.parametrize(
    "strategies",
    [
        TRANSFER,
        ("frozen",),
        ("finetune", "warm_init"),
        (*TRANSFER, "refine"),
        (*TRANSFER, "contrastive", "lora"),
    ],
)
def test_a_plan_fits_its_time_or_says_what_does_not(planned, minutes, cost, strategies):
    plan = planned(minutes, strategies, cost)
    work = _plan.MARGIN * (60 * minutes - _plan.RESERVE)
    weak = plan.recipes["scratch"].epochs < _recipes.WHOLE_EPOCHS[0]
    assert _plan.FEWEST_SEEDS <= plan.seeds <= _plan.MOST_SEEDS
    # stages have whole epochs, so that a recipe can take a little more than a share of its epochs says
    assert weak or sum(plan.seconds.values()) <= work * 1.05
    assert {"frozen", "scratch"} <= plan.recipes.keys()
    assert plan.reinit in plan.recipes
    for name in strategies:
        assert (name in plan.seconds) == (name in plan.recipes or name == "frozen")
        assert (name in plan.seconds) != any(name in note for note in plan.notes)
    assert weak == any("weak reference" in note for note in plan.notes)
    assert (plan.curve_seeds > 0) == ("learning curve" in plan.seconds)
    if not weak and len(plan.seconds) > len(strategies) + 1:
        assert (plan.curve_seeds == 0) == any("learning curve" in note for note in plan.notes)
    for name, recipe in plan.recipes.items():
        stages = registry.get("adaptation", name).stages(recipe.cuts, recipe.epochs)
        assert sum(stage.epochs for stage in stages) == recipe.epochs, name


def test_less_time_gives_fewer_seeds_and_epochs_never_more(planned):
    plans = [planned(minutes) for minutes in (0.3, 0.6, 1.2, 2.5, 5.0, 10.0, 30.0)]
    seeds = [plan.seeds for plan in plans]
    assert seeds == sorted(seeds)
    assert seeds[0] < seeds[-1] == 6
    assert plans[0].recipes["scratch"].size <= plans[-1].recipes["scratch"].size


def test_contrastive_tuning_has_steps_of_its_own(planned, home):
    recipe = planned(60.0, ("frozen", "contrastive")).recipes["contrastive"]
    lowest = home.bench.base.card.stages[0]
    assert (recipe.epochs, recipe.batch, recipe.cuts, recipe.live) == (1, SIZE, (lowest,), True)
    assert recipe.keep == KEEP
    plan = planned(0.5, ("frozen", "contrastive"), cost=5e-3)
    assert "contrastive" not in plan.recipes
    assert any("contrastive" in note for note in plan.notes)


def test_what_does_not_fit_is_left_out_and_said(planned):
    plan = planned(0.2, cost=0.5)
    assert plan.seeds == _plan.FEWEST_SEEDS
    assert "finetune" not in plan.recipes
    assert "finetune" not in plan.seconds
    assert plan.reinit == "frozen"
    assert any("finetune" in note for note in plan.notes)
    assert plan.recipes["scratch"].size == 16
    assert plan.recipes["scratch"].epochs > 0


def test_inherited_weights_keep_the_bases_input_side(planned):
    for minutes in (1.0, 3.0, 30.0):
        plan = planned(minutes, ("warm_init",))
        if "warm_init" in plan.recipes:
            assert plan.recipes["warm_init"].size == 32
    assert "warm_init" in plan.recipes
    assert plan.recipes["warm_init"].cuts == ()


def test_on_a_busy_machine_more_is_kept_for_what_ships(planned):
    own, busy = planned(1.0), planned(1.0, slowness=3.0)
    assert (own.shipping, busy.shipping) == (_plan.RESERVE, 3 * _plan.RESERVE)
    assert sum(busy.seconds.values()) <= 1.05 * _plan.MARGIN * (60 - 3 * _plan.RESERVE)
    assert sum(busy.seconds.values()) < sum(own.seconds.values())


def test_without_minutes_the_estimate_is_the_budget(planned):
    quick, slow = planned(None, cost=1e-4), planned(None, cost=5e-3)
    for plan in (quick, slow):
        estimate = sum(plan.seconds.values()) + _plan.RESERVE
        assert plan.minutes == pytest.approx(max(0.5, estimate / 60), abs=0.1)
        assert plan.minutes <= _plan.DEFAULT_MINUTES
    assert quick.minutes < slow.minutes


def test_more_examples_are_taken_in_larger_batches(planned):
    assert planned(60.0).recipes["scratch"].batch == 16
    many = planned(60.0, counts=Counts(1_000, 800, 600, 200, 20)).recipes["scratch"]
    assert many.batch == 32
    assert many.epochs * 600 / 32 <= _recipes.MOST_STEPS


def test_a_plan_comes_back_from_json(planned):
    for plan in (planned(5.0), planned(0.2, cost=0.5)):
        assert Plan.from_json(json.loads(json.dumps(plan.as_json()))) == plan


def test_each_arm_may_take_its_share_of_what_is_left(planned):
    plan, left = planned(5.0), 1_000.0
    for arm in set(plan.seconds) - {CURVE}:
        assert 0 < plan.allowance(arm, left) <= left
    for arm in (name for name in plan.seconds if name != CURVE):
        left -= plan.allowance(arm, left)
    assert left == pytest.approx(0), "the curve takes what others leave"
    assert plan.allowance("finetune", 100.0) > plan.allowance("frozen", 100.0)


def test_the_plan_is_announced_arm_by_arm(planned):
    reporter, plan = Listening(), planned(0.2, cost=0.5)
    plan.announce(reporter)
    text = "\n".join(reporter.notes)
    assert f"{plan.seeds} paired seeds" in reporter.notes[0]
    for arm in plan.seconds:
        assert f"{arm}: " in text
    for note in plan.notes:
        assert note in text


def test_engines_are_written_down(planned, home):
    home.bench.features()
    identity = home.bench.base.identity
    assert planned(1.0).engines == {identity: home.bench.passes.choices[identity].engine}


def planner(work, head=True, counts=None, ready=0.0, batch=None):
    """For a task whose head is trained by steps, if `head` says so."""
    speeds = Speeds(1e-3, 1e-3, {}, {}, {16: 5e-3}, head=1e-3)
    way = Way(views=(0,), references=("scratch",), curve=False, batch=batch, head=head)
    counts = counts or Counts(130, 100, 80, 20, 20)
    return _plan.Planner(Costs(speeds, counts, (INPUT,), 16, ready, way), work)


def test_where_not_even_a_trained_head_fits_it_is_planned_for_its_fewest_epochs():
    plan = planner(0.0).draft(TRANSFER)
    assert plan.recipes.keys() == {"frozen", "scratch"}
    assert (plan.recipes["frozen"].head_epochs, plan.recipes["frozen"].views) == (_recipes.HEAD_EPOCHS[0], 0)
    assert plan.recipes["scratch"].epochs == 1
    assert [note for note in plan.notes if "frozen" in note] == ["the time hardly suffices for frozen"]
    assert any("finetune" in note for note in plan.notes)
    plenty = planner(600.0).draft(TRANSFER)
    assert plenty.recipes["frozen"].head_epochs == _recipes.HEAD_EPOCHS[1]
    assert not plenty.notes


def test_only_what_trains_nothing_but_a_head_is_planned_so():
    assert planner(0.0).draft(("finetune",)).recipes.keys() == {"scratch"}
    assert planner(0.0, head=False).draft(TRANSFER).recipes["frozen"].head_epochs == 0


def test_a_trained_head_of_a_tiny_set_is_planned_with_its_repeats_its_looks_and_its_builds():
    tiny = planner(600.0, counts=Counts(14, 12, 9, 3, 3), ready=0.5, batch=8).draft(("frozen",))
    recipe, runs = tiny.recipes["frozen"], tiny.seeds + 1  # a rate that is not raced, and the refit
    assert recipe.head_epochs == _recipes.HEAD_EPOCHS[1]
    shown = 9 * 8  # eight steps of eight need the nine examples eight times
    looked = 0.7 * 8  # a batch that is not full hardly costs less
    assert tiny.seconds["frozen"] == pytest.approx(runs * (60 * (shown + looked) * 1e-3 + 0.5))
    hurried = planner(30.0, counts=Counts(14, 12, 9, 3, 3), ready=0.5, batch=8).draft(("frozen",))
    assert hurried.recipes["frozen"].head_epochs < 60
    assert sum(hurried.seconds.values()) <= 30.0


@pytest.mark.parametrize("build", [0.0, 0.25])
def test_what_a_run_costs_besides_its_steps_is_planned(home, monkeypatch, build):
    told = []
    speeds = Speeds(1e-3, 1e-3, {}, {}, {32: 5e-3}, build=build)
    monkeypatch.setattr(speed, "measure", lambda *_: speeds)
    monkeypatch.setattr(
        _plan, "Planner", lambda costs, work: (told.append(costs.ready), Planner(costs, work))[1]
    )
    make(home.with_runtime(Runtime(clock=Clock(60.0))), Counts(130, 100, 80, 20, 20), ("frozen",), 7)
    assert told == [pytest.approx(_plan.BUILDS * build, abs=0.01)]
