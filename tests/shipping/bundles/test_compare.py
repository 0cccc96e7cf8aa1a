"""Two networks are compared on the same examples: by what they give and by what the task makes of it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
import torch
from torch import nn

from headstart.errors import ExportError
from headstart.shipping.bundles import compare as _compare
from headstart.shipping.bundles.compare import compare, first_line, seconds


class Scaled(nn.Module):
    """x -> factor x; keeps how many examples came at once."""

    def __init__(self, factor: float = 1.0, most: int = 99) -> None:
        super().__init__()
        self.factor, self.most, self.sizes = factor, most, []

    def forward(self, inputs):
        self.sizes.append(len(inputs))
        if len(inputs) > self.most:
            raise RuntimeError("tied to a batch\nand more")
        return self.factor * inputs


TASK = SimpleNamespace(
    unanswered=lambda sources, preprocess: SimpleNamespace(
        batch=lambda rows: torch.tensor([[float(sources[row]), -1.0] for row in rows])
    ),
    answer=SimpleNamespace(answers=lambda model, inputs, preprocess: model(inputs).numpy()[:, 0]),
)


def asked(original: nn.Module, other: nn.Module, n: int = 20):
    return compare(TASK, None, original, other, [str(number).encode() for number in range(n)])


def test_the_difference_is_that_over_the_largest_value():
    found = asked(Scaled(), Scaled(1.5))
    assert found.difference == pytest.approx(0.5)
    assert asked(Scaled(), Scaled()).difference == 0
    np.testing.assert_allclose(found.answers, np.arange(20))
    np.testing.assert_allclose(found.others, 1.5 * np.arange(20))


@pytest.mark.parametrize(("n", "sizes"), [(1, [1]), (2, [1, 1]), (17, [16, 1]), (40, [16, 16, 7, 1])])
def test_batches_are_of_several_sizes_and_the_last_example_is_alone(n, sizes):
    one, other = Scaled(), Scaled()
    assert len(asked(one, other, n).others) == n
    assert one.sizes == other.sizes == sizes


def test_what_is_not_finite_or_of_another_shape_is_no_agreement():
    assert np.isnan(asked(Scaled(), Scaled(float("nan"))).difference)
    assert not asked(Scaled(float("inf")), Scaled(float("inf"))).difference <= 1e9
    longer = nn.Sequential(Scaled(), nn.ConstantPad1d((0, 1), 0.0))
    assert asked(Scaled(), longer).difference == float("inf")


def test_an_engine_that_cannot_run_is_an_error_and_the_original_s_error_its_own():
    with pytest.raises(ExportError) as caught:
        asked(Scaled(), Scaled(most=2))
    assert caught.value.message == "the exported graph cannot run: tied to a batch"
    with pytest.raises(RuntimeError, match="tied"):
        asked(Scaled(most=2), Scaled())


def test_seconds_are_the_median_without_the_first(monkeypatch):
    network = Scaled()
    ticks = (tick for run in range(_compare.RUNS + 1) for tick in (0.0, 100.0 if run == 0 else run))
    monkeypatch.setattr(_compare.time, "perf_counter", lambda: next(ticks))
    assert seconds(network, torch.zeros(1, 2)) == 5.0
    assert network.sizes == [1] * (_compare.RUNS + 1)


def test_what_a_library_says_is_short():
    assert first_line(RuntimeError("  one\ntwo")) == "one"
    assert first_line(RuntimeError()) == "RuntimeError"
    assert len(first_line(RuntimeError("x" * 999))) == 200
