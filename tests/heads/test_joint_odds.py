"""The odds of an object of a class: those of the product of both probabilities."""

from __future__ import annotations

import numpy as np
import onnxruntime
import pytest
import torch

from headstart.bases.passes.onnx import export
from headstart.heads._joint_odds import LEAST, logit_of, of_both


def test_it_is_the_logit_of_the_product():
    sure, classes = torch.randn(5, 1) * 3, torch.randn(5, 4) * 3
    expected = torch.logit((sure.sigmoid() * classes.sigmoid()).double())
    torch.testing.assert_close(of_both(sure, classes).double(), expected, atol=1e-3, rtol=1e-3)


@pytest.mark.parametrize("value", [-200.0, 0.0, 200.0])
def test_it_is_a_number_where_probabilities_are_none(value):
    sure = torch.full((1, 1), value, requires_grad=True)
    found = of_both(sure, torch.full((1, 3), value))
    found.sum().backward()
    assert bool(found.isfinite().all())
    assert bool(sure.grad.isfinite().all())


def test_a_graph_gives_the_same_far_below_zero():
    """Of two logits each, of an object and of a class."""

    class Both(torch.nn.Module):
        def forward(self, rows):
            return of_both(rows[:, :1], rows[:, 1:])

    rows = torch.cartesian_prod(*[torch.linspace(-40, 40, 33)] * 2)
    session = onnxruntime.InferenceSession(export(Both(), rows), providers=["CPUExecutionProvider"])
    (found,) = session.run(None, {"input": rows.numpy()})
    np.testing.assert_allclose(found, Both()(rows).numpy(), atol=2e-3)


def test_certainty_has_an_end():
    assert float(logit_of(torch.zeros(())).sigmoid()) == pytest.approx(1 - LEAST, abs=1e-6)
