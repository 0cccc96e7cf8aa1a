"""Items that are described like the user's."""

import numpy as np
import pytest

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
