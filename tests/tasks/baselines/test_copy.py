"""The source as it is."""

from types import SimpleNamespace

import numpy as np

from headstart.tasks.baselines.copy import plugin


def test_the_copy_is_the_source_as_it_is():
    bench = SimpleNamespace(examples=SimpleNamespace(sources=(b"rain", b"the sea", b"snow")))
    model = plugin.fit(bench, np.array([0]))
    assert model.outputs(np.array([2, 1])).tolist() == ["snow", "the sea"]
    assert not model.ships
