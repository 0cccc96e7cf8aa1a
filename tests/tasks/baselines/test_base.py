"""Every baseline is found by its name, and reads training rows only."""

import copy

import numpy as np
import pytest

from headstart import registry
from headstart.errors import UnknownName
from headstart.tasks.baselines import base as baselines


def test_every_name_that_a_task_gives_is_one_with_a_summary():
    tasks = {name: registry.get("tasks", name) for name in registry.names("tasks")}
    named = {name for task in tasks.values() for name in task.baselines}
    assert named <= set(registry.names("tasks.baselines"))
    assert all(baselines.get(name).summary for name in named)
    with pytest.raises(UnknownName, match="no baseline called"):
        baselines.get("no_such")


@pytest.mark.parametrize("name", ["majority", "raw_pixels", "knn"])
def test_each_is_fitted_by_its_name_and_reads_training_rows_only(home, name):
    bench, rows = home.bench, home.splits.train
    assert name in bench.task.baselines
    changed = copy.copy(bench)
    changed.examples = home.scrambled().splits.examples
    first, second = (baselines.get(name).fit(one, rows) for one in (bench, changed))
    np.testing.assert_array_equal(first.outputs(home.splits.test), second.outputs(home.splits.test))
    assert first.ships == (name != "knn")
    assert baselines.get(name).deaf == (name == "majority")
