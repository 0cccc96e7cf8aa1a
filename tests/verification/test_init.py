"""The verdict: arms on the same rows, choices on validation alone; the test split chooses nothing."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from armed import looked, result
from benches import plan, same_tensors
from headstart.adaptation import adapt, draws, final
from headstart.adaptation.training import loop
from headstart.bases import build
from headstart.bases.passes import engines
from headstart.tasks.baselines import base as baselines
from headstart.tasks.solvers.neighbours import nearest
from headstart.verification import behind, final_model, measure, to_ship, verdict, verify

TRANSFER = {"frozen", "finetune"}


@pytest.fixture(scope="module", autouse=True)
def _short():
    """Two steps an epoch, PyTorch whatever is measured, one thread: others differ in the last bits."""
    torch.set_num_threads(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(loop, "MIN_STEPS", 2)
        patch.setattr(engines, "rate", lambda *_: 1.0)
        yield


@pytest.fixture(scope="module")
def work(tmp_path_factory):
    return tmp_path_factory.mktemp("work")


@pytest.fixture(scope="module")
def planned(home):
    return plan(home.bench, "finetune", seeds=2, reinit="finetune")


@pytest.fixture(scope="module")
def verified(home, planned, work):
    arms = adapt(home.bench, home.splits, planned, ["frozen", "finetune"], work)
    return verify(home.bench, home.splits, planned, arms, work)


def test_every_arm_is_there_with_the_seeds_of_the_plan(verified, home):
    names = [arm.name for arm in verified.arms]
    assert names == ["majority", "raw_pixels", "knn", "frozen", "finetune", "reinit", "scratch"]
    for arm in verified.arms:
        assert arm.test_scores.shape == (2, len(home.splits.test))
        assert len(arm.outputs) == len(arm.validation_outputs) == 2
        assert 0 <= arm.interval.low <= arm.value <= arm.interval.high <= 1
        assert arm.seconds >= 0


def test_all_arms_are_measured_on_the_same_rows(verified, home):
    targets = home.bench.examples.answers
    for arm in verified.arms:
        looks = zip(arm.validation_outputs, draws(home.splits, 2, 0), strict=True)
        hits = []
        for (outputs, rows), draw in looks:
            assert (rows == draw.validation).all()
            hits.append((outputs.argmax(1) == targets[rows]).mean())
        assert arm.validation == pytest.approx(np.mean(hits))
        for outputs, scored in zip(arm.outputs, arm.test_scores, strict=True):
            assert ((outputs.argmax(1) == targets[home.splits.test]) == scored).all()


def test_the_dull_arms_by_hand(verified, home):
    bench, targets = home.bench, home.bench.examples.answers
    majority, _, knn = verified.arms[:3]
    for seed, draw in enumerate(draws(home.splits, 2, 0)):
        share = np.bincount(targets[draw.train], minlength=3) + 1
        np.testing.assert_allclose(np.exp(majority.outputs[seed]), np.tile(share / share.sum(), (3, 1)))
        deep = np.asarray(bench.features(), dtype=np.float64)
        expected = nearest(deep, draw.train, targets, 3, home.splits.test)
        np.testing.assert_array_equal(knn.outputs[seed], expected)


def test_the_verdict_is_on_the_arms_that_are_best_on_validation(verified):
    arms = {arm.name: arm for arm in verified.arms}
    transfer = max(("frozen", "finetune"), key=lambda name: arms[name].validation)
    reference = max(("reinit", "scratch"), key=lambda name: arms[name].validation)
    said = verified.verdict
    assert arms[said.transfer].validation == arms[transfer].validation
    assert arms[said.baseline].validation == arms[reference].validation
    assert said == verdict(arms[said.transfer], arms[said.baseline])
    assert verified.shipped is to_ship(
        [arm for arm in verified.arms if arm.name not in ("knn", "reinit")], TRANSFER
    )
    assert verified.shipped.name in ("majority", "raw_pixels", "frozen", "finetune", "scratch")


def test_test_labels_choose_nothing(verified, home, planned, fresh):
    """Other test labels: the same weights and choices, other test numbers."""
    other, folder = home.scrambled(), fresh()
    arms = adapt(other.bench, other.splits, planned, ["frozen", "finetune"], folder)
    again = verify(other.bench, other.splits, planned, arms, folder)
    assert again.shipped.name == verified.shipped.name
    assert (again.verdict.transfer, again.verdict.baseline) == (
        verified.verdict.transfer,
        verified.verdict.baseline,
    )
    for one, two in zip(verified.arms, again.arms, strict=True):
        assert (one.name, one.validation) == (two.name, two.validation)
        for first, second in zip(one.outputs, two.outputs, strict=True):
            np.testing.assert_array_equal(first, second)
        for first, second in zip(*((arm.arm.fitted if arm.arm else ()) for arm in (one, two)), strict=True):
            assert same_tensors(first.kept, second.kept)
            assert first.job.recipe == second.job.recipe
    assert any(
        (one.test_scores != two.test_scores).any() for one, two in zip(verified.arms, again.arms, strict=True)
    )
    ships = [final_model(v.shipped, g.bench, fresh()) for v, g in ((verified, home), (again, other))]
    assert same_tensors(ships[0].head.state_dict(), ships[1].head.state_dict())
    assert same_tensors(ships[0].backbone.state_dict(), ships[1].backbone.state_dict())


def test_test_pictures_choose_nothing_either(verified, home):
    """Nothing that was trained or chosen on holds a test row."""
    for arm in verified.arms:
        for _, rows in arm.validation_outputs:
            assert not np.intersect1d(rows, home.splits.test).size
        for one in arm.arm.fitted if arm.arm else ():
            assert not np.intersect1d(one.job.train, home.splits.test).size
            assert not np.intersect1d(one.job.train, one.job.validation).size


def planted(gain, seed=0):
    """Two arms of six seeds on 300 examples whose hit rates differ by `gain`."""
    draws = np.random.default_rng(seed)
    hard = draws.uniform(size=(1, 300))
    luck = draws.normal(0, 0.02, (2, 6, 1))
    noise = draws.normal(0, 0.2, (2, 6, 300))
    reference, transfer = (hard + noise + luck < np.array([0.6, 0.6 + gain])[:, None, None]).astype(float)
    return verdict(result("frozen", test=transfer), result("scratch", test=reference))


@pytest.mark.parametrize(("gain", "call"), [(0.15, "helps"), (-0.15, "hurts"), (0.0, "undecided")])
def test_planted_differences_are_called(gain, call):
    calls = [planted(gain, seed).call for seed in range(12)]
    assert calls.count(call) >= 11, calls
    said = planted(gain)
    assert said.delta == pytest.approx(gain, abs=0.06)
    assert said.interval.low < said.delta < said.interval.high
    assert (said.transfer, said.baseline) == ("frozen", "scratch")


def test_only_the_seeds_that_both_have_are_compared():
    transfer = result("frozen", test=[[1, 1], [1, 0], [0, 0], [0, 0]])
    reference = result("scratch", test=[[0, 1], [1, 0]])
    for said in (verdict(transfer, reference), verdict(reference, transfer)):
        assert said.seeds == 2
        assert abs(said.delta) == pytest.approx(0.25)


@pytest.mark.parametrize(("seeds", "preliminary"), [(1, True), (2, False), (9, False)])
def test_one_seed_alone_is_preliminary(seeds, preliminary):
    said = verdict(result("a", test=np.ones((seeds, 4))), result("b", test=np.zeros((9, 4))))
    assert said.preliminary == preliminary
    assert said.interval.low > 0
    assert said.call == ("undecided" if preliminary else "helps"), "one seed alone decides nothing"
    assert said.p == 2 / 2 ** min(seeds, 9)


def test_a_difference_within_the_margin_is_none():
    arms = [result(name, test=np.ones((6, 800))) for name in "ab"]
    assert verdict(*arms).equivalent
    few = [result(name, test=np.ones((6, 40))) for name in "ab"]
    assert not verdict(*few).equivalent, "forty items that agree can still hide a few points"
    assert verdict(*few, margin=0.2).equivalent


def test_the_shipped_bundle_is_measured_on_the_test_split(home):
    asked, n = [], len(home.splits.test)

    def predict(sources):
        asked.extend(sources)
        outputs = np.zeros((len(sources), 3))
        outputs[:, 1] = 1.0
        return outputs

    measured = measure(predict, home.bench, home.splits)
    examples = home.bench.examples
    assert asked == [examples.sources[row] for row in home.splits.test]
    expected = (examples.answers[home.splits.test] == 1).mean()
    assert measured.value == measured.metrics[home.bench.task.score.name] == pytest.approx(expected)
    assert measured.outputs.shape == (n, 3)
    assert measured.interval.low <= expected <= measured.interval.high


@pytest.mark.parametrize("name", ["majority", "raw_pixels"])
def test_a_dull_arm_can_ship(verified, home, fresh, name):
    (arm,) = [arm for arm in verified.arms if arm.name == name]
    made = final_model(arm, home.bench, fresh())
    raw_pixels = baselines.get("raw_pixels").fit(home.bench, home.bench.pool)
    dull = raw_pixels.shippable()
    assert (made.architecture, made.preprocess) == (dull.architecture, dull.preprocess)
    raw = torch.from_numpy(np.array(raw_pixels.features[home.splits.test]))
    batch = home.bench.subject(made.preprocess.size).inputs.batch(home.splits.test)
    with torch.no_grad():
        outputs = made.head(made.backbone(batch))
        torch.testing.assert_close(outputs, made.head(raw), rtol=1e-3, atol=1e-3)
    assert made.width == build(made.architecture)(batch).shape[1] == raw.shape[1]
    if name == "majority":
        share = np.bincount(home.bench.examples.answers[home.bench.pool], minlength=3) + 1
        np.testing.assert_allclose(outputs.softmax(1)[0], share / share.sum(), rtol=1e-5)


def test_a_trained_arm_ships_refitted(verified, home, fresh):
    (arm,) = [arm for arm in verified.arms if arm.name == "finetune"]
    folder = fresh()
    made, expected = final_model(arm, home.bench, folder), final(arm.arm, home.bench, folder)
    assert same_tensors(made.head.state_dict(), expected.head.state_dict())
    assert replace(made, backbone=None, head=None) == replace(expected, backbone=None, head=None)


def test_the_curve_of_scratch_is_that_of_the_scratch_arm(verified, home, planned, work, monkeypatch):
    arms, seen = {arm.name: arm for arm in verified.arms}, []
    np.testing.assert_array_equal(verified.curves.scratch[-1].scores, arms["scratch"].test_scores)
    monkeypatch.setattr(
        "headstart.verification._curves", lambda *given: seen.append(given[3].name) or verified.curves
    )
    transfer = [arms[name].arm for name in ("frozen", "finetune")]
    verify(home.bench, home.splits, planned, transfer, work)
    assert seen == ["scratch"]


def test_examples_of_few_groups_are_little_evidence():
    """Of 40 validation rows, and of 60 test examples: once all on their own, once in five groups."""
    one, best = looked("frozen", 0.5), looked("finetune", 0.7)
    groups = (np.arange(40) // 8,)
    assert behind(one, best) > 2
    assert behind(one, replace(best, validation_units=groups)) < 1.5
    assert behind(one, replace(best, validation_units=(np.zeros(40),))) == 0, "one group is no evidence"
    units, test = np.arange(60) // 12, np.tile(np.arange(60) < 24, (6, 1))
    arms = [result("a", test=np.tile(np.arange(60) < 36, (6, 1))), result("b", test=test)]
    assert verdict(*arms).call == "helps"
    grouped = [replace(arm, units=units) for arm in arms]
    assert verdict(*grouped).call == "undecided"
    assert np.ptp(grouped[0].interval) > 1.5 * np.ptp(arms[0].interval)


def test_the_groups_of_the_data_reach_every_arm(home, verified):
    units = home.bench.examples.units
    for arm in verified.arms:
        assert (arm.units == units[home.splits.test]).all()
        assert all(
            (of == units[rows]).all()
            for of, (_, rows) in zip(arm.validation_units, arm.validation_outputs, strict=True)
        )
