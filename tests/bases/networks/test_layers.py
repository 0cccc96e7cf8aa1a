"""The mean over layers is that of transformers' own hidden states, and bases are ranked on it."""

import numpy as np
import pytest
import torch

import languages
from headstart import data
from headstart.bases import load_base
from headstart.bases.networks.layers import LayerMean
from headstart.bases.passes.frozen import FrozenPass
from headstart.cache import Cache
from headstart.ranking import benches, rank
from headstart.runtime import Runtime
from headstart.tasks.text_classification import plugin as texts

WHOLE = {"bert": ("model.embeddings", "model.encoder.layer.0"), "gpt2": ("model.drop", "model.h.0")}
"""The cuts that are whole layers; what the last one gives are the features."""


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    home = tmp_path_factory.mktemp("layers")
    return {name: languages.write(home / name, name) for name in WHOLE}


@pytest.fixture(scope="module")
def bases(folders):
    return {name: load_base(str(folder), "text") for name, (folder, _) in folders.items()}


def of_transformers(network, base, numbers):
    """(n, d), each text alone: pooled at every layer, the embeddings included, then averaged."""
    found = []
    for row in numbers:
        with torch.no_grad():
            states = network.base_model(
                input_ids=row[row >= 0][None], output_hidden_states=True
            ).hidden_states
        assert len(states) == languages.LAYERS + 1
        pooled = [state[0, -1] if base.network().pooling == "last" else state[0].mean(0) for state in states]
        found.append(torch.stack(pooled).mean(0))
    return torch.stack(found)


@pytest.mark.parametrize("name", WHOLE)
def test_it_is_the_mean_of_all_hidden_states(name, folders, bases):
    base, network = bases[name], folders[name][1]
    assert set(WHOLE[name]) <= set(base.card.stages)
    numbers = languages.tokens(base.preprocess)
    with torch.no_grad():
        found = LayerMean(base.network(), WHOLE[name])(numbers)
    torch.testing.assert_close(found, of_transformers(network, base, numbers), rtol=0, atol=1e-5)


def test_a_stage_of_another_width_takes_no_part(bases):
    network = bases["bert"].network()
    numbers = languages.tokens(bases["bert"].preprocess)
    with torch.no_grad():
        wider = LayerMean(network, ("model.encoder.layer.0.intermediate", *WHOLE["bert"]))(numbers)
        torch.testing.assert_close(wider, LayerMean(network, WHOLE["bert"])(numbers))


def test_without_stages_it_is_the_features(bases):
    network, numbers = bases["bert"].network(), languages.tokens(bases["bert"].preprocess)
    with torch.no_grad():
        assert torch.equal(LayerMean(network, ())(numbers), network(numbers))


def test_bases_are_ranked_on_it(folders, bases, tmp_path):
    splits = data.load(languages.write_short_texts(tmp_path / "texts", 6), texts)
    two = benches(texts, splits, list(bases.values()), FrozenPass(Cache(tmp_path / "cache"), Runtime()))
    for bench, name in zip(two, bases, strict=True):
        rows = bench.pool[:5]
        batch = bench.subject(bench.base.preprocess.size).inputs.batch(rows)
        with torch.no_grad():
            expected = LayerMean(bench.base.network(), bench.base.card.stages)(batch)
        np.testing.assert_allclose(bench.ranked(rows), expected.numpy(), rtol=0, atol=1e-4)
        if name == "gpt2":  # all of its cuts are whole layers
            whole = of_transformers(folders[name][1], bench.base, batch)
            np.testing.assert_allclose(bench.ranked(rows), whole.numpy(), rtol=0, atol=1e-4)
        assert np.abs(bench.ranked(rows) - bench.features(rows=rows)).max() > 1e-2
    ranking = rank(two)
    assert sorted(row.bench.base.name for row in ranking.rows) == sorted(base.name for base in bases.values())
    assert all(np.isfinite(list(row.scores.values())).all() for row in ranking.rows)
    assert ranking.left_out == ()
