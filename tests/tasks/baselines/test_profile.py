"""Items that are described like the user's."""

import numpy as np
import pandas as pd
import pytest

import tastes
from headstart import data, ranking, tasks
from headstart.bases.passes.frozen import FrozenPass
from headstart.cache import Cache
from headstart.data.reading import Reading
from headstart.runtime import Clock, Silent, detect
from headstart.tasks.baselines import base
from tastes_bench import bench


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return bench(tmp_path_factory.mktemp("profile"), items=True)


def test_users_get_what_has_the_words_of_theirs_and_new_items_too(made):
    one, splits = made
    outputs = base.get("profile").fit(one, splits.train).outputs(splits.test)
    categories = one.examples.categories
    new = categories.index("new")
    for row, answer in zip(splits.test.tolist(), outputs, strict=True):
        kind = one.examples.strata[row]
        assert answer[0, 0] == (kind != 2), "of whom nothing is known is told what is popular"
        groups = [int(categories[int(item)][1:]) // 10 for item in answer[1:4, 0] if item not in (-1, new)]
        assert kind == 2 or len(set(groups)) <= 2
    assert (outputs[:, 1, 2] == new).any()


def test_an_item_with_many_words_counts_no_more_than_one_with_few(made):
    one, splits = made
    words = base.get("profile").fit(one, splits.train).shippable().backbone.words
    lengths = words[words.abs().sum(1) > 0].norm(dim=1).numpy()
    assert len(lengths) > 10
    np.testing.assert_allclose(lengths, 1, rtol=1e-5)


def test_there_is_none_where_nothing_is_described(made, tmp_path):
    names = ("popularity", "profile")
    assert base.fitting(names, made[0]) == list(names)
    assert base.fitting(names, bench(tmp_path)[0]) == ["popularity"]


def test_what_ships_answers_as_it_was_tested(made):
    one, splits = made
    fitted = base.get("profile").fit(one, splits.train)
    inputs = one.subject(1).inputs
    told = fitted.shippable().backbone(inputs.batch(splits.test[:9])).numpy()
    assert np.array_equal(told[..., 0], fitted.outputs(splits.test)[:9, :, 0])


def test_where_all_descriptions_are_empty_it_is_what_is_popular(tmp_path):
    target, source = tastes.write(tmp_path)
    items = pd.read_csv(tastes.described(tmp_path)).assign(genres="")
    items.to_csv(tmp_path / "items.csv", index=False)
    options = {"source_data": str(source), "shared": "users", "items": str(tmp_path / "items.csv")}
    task = tasks.task_named("recommendation", options)
    splits = data.load(target, task, 0, Reading(options=options))
    assert any("41 of them share no word" in one.message for one in splits.findings)
    passes = FrozenPass(Cache(tmp_path / "cache"), detect(Clock(), Silent()))
    (one,) = ranking.benches(task, splits, [task.fitter.base(None, splits.examples, passes)], passes)
    told, popular = (base.get(name).fit(one, splits.train) for name in ("profile", "popularity"))
    counts = [fitted.outputs(splits.test)[:, 1:6, 1] for fitted in (told, popular)]
    assert np.array_equal(*counts)  # of equal ones any may be first
    assert (told.outputs(splits.test)[:, 0, 0] == 0).all()
