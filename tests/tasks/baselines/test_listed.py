"""Dull recommenders learn from what may be learned from, and no more."""

import numpy as np
import pytest

from headstart.tasks.baselines import base
from tastes_bench import bench, split


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return bench(tmp_path_factory.mktemp("dull"), stamps=True)


def lists(outputs):
    return outputs[:, 1:11, 0].astype(int)


@pytest.mark.parametrize("name", ["popularity", "recent_popularity", "item_knn"])
def test_what_ships_is_what_was_tested(made, name):
    made_bench, splits = made
    fitted = base.get(name).fit(made_bench, splits.train)
    shipped = fitted.shippable()
    inputs = made_bench.subject(1).inputs
    order = splits.test[:20]
    told = shipped.backbone(inputs.batch(order)).numpy()
    assert np.array_equal(lists(told), lists(fitted.outputs(splits.test)[:20]))
    assert fitted.ships


def test_validation_is_not_told_what_it_is_asked(made):
    made_bench, splits = made
    fitted = base.get("popularity").fit(made_bench, splits.train)
    known = np.bincount(np.concatenate([made_bench.examples.answers[row].numbers for row in splits.train]))
    assert fitted.learned.popularity[known == 0].isneginf().all()
    best = {int(item) for item in np.argsort(-known, kind="stable")[:16]}
    assert set(lists(fitted.outputs(splits.validation))[:, 0].tolist()) <= best
    assert split(splits, "test")
