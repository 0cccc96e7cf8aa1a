"""Refining: it starts as the frozen model, and where the base sees nothing, the encoder learns."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from benches import recipe, renamed
from headstart.adaptation._fit import fit, outputs
from headstart.registry import get


def test_it_starts_where_the_frozen_model_ends(home, fresh):
    job = home.job("refine", keep="start", validation=np.zeros(0, dtype=np.int64))
    refined = fit(replace(job, recipe=replace(job.recipe, epochs=0)), home.bench, fresh())
    frozen = fit(home.job("frozen"), home.bench, fresh())
    rows = home.splits.test
    np.testing.assert_allclose(
        outputs(refined, home.bench, rows), outputs(frozen, home.bench, rows), rtol=1e-4, atol=1e-4
    )


@pytest.mark.slow
def test_with_a_blind_base_the_encoder_learns(home, base, fresh):
    state = {name: torch.zeros_like(tensor) for name, tensor in base.state.items()}
    bench = home.bench.with_base(renamed(base, "blind", state=state))
    rows, targets = home.splits.train, home.bench.examples.answers
    one = recipe("refine", bench, epochs=25, rate=3e-3, keep="trained")
    job = replace(home.full_length("refine"), recipe=one)
    right = (outputs(fit(job, bench, fresh()), bench, rows).argmax(1) == targets[rows]).mean()
    blind = (outputs(fit(home.job("frozen"), bench, fresh()), bench, rows).argmax(1) == targets[rows]).mean()
    assert blind < 0.5
    assert right > 0.8


def test_it_is_a_fallback_and_says_so():
    assert not get("adaptation", "refine").proves
    assert "safe" in get("adaptation", "refine").summary
