"""Recommenders of factors: each way learns what it may, and is the same when it is built again."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import tastes
from headstart.bases.base import Classes
from headstart.bases.factors import begun
from headstart.data.ratings.histories import History
from headstart.preprocessing.ratings import RatingsPreprocess
from headstart.tasks.fitters import factors, solved
from headstart.tasks.fitters.taken import _taken
from headstart.tasks.scores.rankings import ndcg
from headstart.tasks.solvers.factorisation import Settings
from tastes_bench import bench


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factors, "TRIED", (Settings(width=8, penalty=0.01),))
        yield bench(tmp_path_factory.mktemp("ways"), users=160, items=True)


@pytest.fixture(scope="module", params=factors.ways())
def kept(request, made):
    one, splits = made
    about = one.examples, one.base, splits.train, splits.validation
    return request.param, factors.fit(request.param, *about)


def test_it_is_built_again_from_what_is_kept(kept, made):
    one, splits = made
    architecture, network = factors.model(kept[1])
    again = torch.nn.Module.state_dict(network)
    assert all(torch.equal(kept[1][f"{architecture.name}.{name}"], tensor) for name, tensor in again.items())


def test_validation_is_answered_before_it_is_learned_from(kept, made):
    one, splits = made
    about = one.examples, one.base.preprocess
    before = factors.outputs(kept[1], *about, splits.validation)
    after = factors.outputs(kept[1], *about, splits.validation[:-1])
    right = one.examples.answers[splits.validation]
    assert len(before) == len(splits.validation)
    assert ndcg(after, right[:-1]).mean() >= ndcg(before, right).mean() - 0.1
    assert not np.array_equal(before[:-1], after)


def test_users_of_whom_only_the_source_knows_get_what_they_like(kept, made):
    way, found = kept
    one, splits = made
    outputs = factors.outputs(found, one.examples, one.base.preprocess, splits.test)
    scores, cold = ndcg(outputs, one.examples.answers[splits.test]), one.examples.strata[splits.test] == 2
    dull = {"scratch", "warm_init"}
    assert (scores[cold].mean() > 0.45) == (way not in dull)
    assert set(outputs[cold, 0, 0].astype(int)) == ({0} if way in dull else {2})


def test_one_for_each_kind_answers_as_its_parts(made):
    one, splits = made
    about = one.examples, one.base.preprocess
    parts = {
        kind: factors.model(factors.fit(way, one.examples, one.base, splits.train, splits.validation))
        for kind, way in (("warm", "scratch"), ("few", "blend"), ("cold", "frozen"))
    }
    _, network = factors.mixed(parts)
    told = factors.recommends(network, *about, splits.test)
    for number, kind in enumerate(parts):
        rows = one.examples.strata[splits.test] == number
        own = factors.recommends(parts[kind][1], *about, splits.test[rows])
        assert np.allclose(told[rows], own, atol=1e-5)  # other batches add up in another order


def test_arms_share_what_they_solve(made, monkeypatch):
    one, splits = made
    calls, plain = [], solved.factorised
    _taken.cache_clear()
    monkeypatch.setattr(
        solved, "factorised", lambda *given, **more: (calls.append(1), plain(*given, **more))[1]
    )
    for way in ("scratch", "frozen", "mapping", "blend"):
        factors.fit(way, one.examples, one.base, splits.train, splits.validation)
    assert len(calls) == 6, "target, source and both: of training, and of that with validation"


@pytest.mark.parametrize(("when", "taken"), [(99, True), (100, False), (150, False)])
def test_factors_that_know_what_comes_after_the_cut_are_not_taken(monkeypatch, when, taken):
    how = RatingsPreprocess(("a",), 1, known=tastes.kept({"u": {0: when}}))
    classes = Classes(("a",), torch.ones(1, 2), torch.zeros(1))
    monkeypatch.setattr(factors, "learned", lambda name: replace(begun(), preprocess=how, classes=classes))
    examples = SimpleNamespace(sources=(History("u", at=100).encoded(), History("v", ("a",)).encoded()))
    assert (factors._learned("a base", examples).classes is classes) == taken


def test_a_longer_list_takes_longer(made):
    one, _ = made
    each = {way: factors.seconds(way, one.examples) for way in factors.ways()}
    assert 0 < each["scratch"] < each["mapping"] < each["finetune"] < each["blend"]
    assert each["blend"] >= each["frozen"] + each["mapping"]  # it does all of both, and more
    assert "scratch" in factors.ways()
    assert factors.base(None, one.examples, one.passes).name == "source data"
