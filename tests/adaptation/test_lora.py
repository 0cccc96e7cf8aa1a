"""LoRA: what is kept is small, what ships is a plain network that needs no peft."""

import subprocess
import sys
from functools import partial

import numpy as np
import pytest
import torch

import languages
import serial
import sounds
from benches import Ground, plan
from headstart import data, registry
from headstart.adaptation import plan_once, train_arm
from headstart.adaptation._fit import fit, model_of, outputs
from headstart.adaptation._start import start
from headstart.adaptation._uses import require_fitting
from headstart.adaptation.base import Job, Recipe
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.errors import BaseError
from headstart.runs import open_run
from headstart.runtime import Runtime
from headstart.shipping import pack_arm
from headstart.shipping.bundles.predict import Predictor
from headstart.tasks.text_classification import plugin as texts


@pytest.fixture(scope="module")
def on_texts(tmp_path_factory):
    """`on_texts("bert")`: a few texts on a tiny language model."""

    def make(kind):
        folder = tmp_path_factory.mktemp(kind)
        splits = data.load(languages.write_texts(folder / "texts", 8), texts)
        base = load_base(str(languages.write(folder / kind, kind)[0]), "text")
        base = texts.suited(base, splits.examples, range(len(splits.examples)))
        pool = np.concatenate([splits.train, splits.validation])
        passes = FrozenPass(Cache(folder / "cache"), Runtime())
        return Ground(Bench(texts, splits.examples, pool, base, passes), splits)

    return make


@pytest.mark.parametrize("kind", ["bert", "gpt2"])
def test_language_models_learn_by_their_adapters_alone(on_texts, fresh, kind):
    ground = on_texts(kind)
    job = ground.full_length("lora", epochs=4, cuts=(), views=0, rate=1e-2)
    fitted = fit(job, ground.bench, fresh())
    assert all(name.startswith("head.") or ".lora_" in name for name in fitted.kept)
    assert sum(tensor.numel() for tensor in fitted.kept.values()) < ground.bench.base.card.parameters / 2
    assert fitted.history.train[-1] < fitted.history.train[0]
    backbone, head = model_of(fitted, ground.bench)
    assert backbone.state_dict().keys() == ground.bench.base.state.keys()
    rows = ground.splits.test
    with torch.no_grad():
        whole = head(backbone(ground.bench.subject(job.recipe.size).inputs.batch(rows))).numpy()
    np.testing.assert_allclose(outputs(fitted, ground.bench, rows), whole, rtol=1e-3, atol=1e-4)


FRESH = """
import sys
sys.modules["peft"] = None
import numpy as np
from headstart.shipping.bundles.predict import Predictor
np.save(sys.argv[2], Predictor(sys.argv[1]).outputs([text.encode() for text in sys.argv[3:]]))
"""


@pytest.mark.slow
def test_its_bundle_predicts_the_same_elsewhere_without_peft(on_texts, fresh, tmp_path):
    ground, said = on_texts("minilm"), list(languages.SENTENCES[:3])
    made = plan(ground.bench, "lora")
    arm = train_arm("lora", "lora", ground.bench, ground.splits, made, fresh())
    folder = open_run(tmp_path / "run", "texts", {})
    bundle = pack_arm(ground.bench, ground.splits, arm, "text_classification", folder)
    here = Predictor(bundle).outputs([text.encode() for text in said])
    given = [sys.executable, "-c", FRESH, bundle, tmp_path / "found.npy", *said]
    subprocess.run(given, check=True)
    np.testing.assert_array_equal(np.load(tmp_path / "found.npy"), here)


def test_a_base_without_a_linear_layer_is_refused_before_anything_is_trained(home, fresh):
    with pytest.raises(BaseError, match="no linear layer"):
        plan_once(home.bench, home.splits, ("frozen", "lora"), 0, lambda _, make: make())


def test_the_same_seed_draws_the_same_adapters(home_of_layers):
    bench = home_of_layers.bench
    first, again, other = (start(home_of_layers.job("lora", seed=seed), bench).network for seed in (0, 0, 1))
    name = next(name for name in first.trained if "lora_A" in name)
    states = [network.state_dict()[name] for network in (first, again, other)]
    assert torch.equal(states[0], states[1])
    assert not torch.equal(states[0], states[2])


@pytest.mark.parametrize("kind", ["whisper", "wav2vec2", "wavlm"])
def test_words_are_learned_with_adapters_that_are_gone_when_it_ships(kind, tmp_path):
    task, strategy = registry.get("tasks", "speech_recognition"), registry.get("adaptation", "lora")
    require_fitting(("lora",), task, "speech_recognition")
    splits = data.load(sounds.write_words(tmp_path / "said", 12), task)
    pool = np.sort(np.concatenate([splits.train, splits.validation]))
    write = sounds.write_whisper if kind == "whisper" else partial(sounds.write_wave, kind=kind)
    base = load_base(write(tmp_path / "base"), "sound")
    base = task.suited(base, splits.examples, pool.tolist())
    strategy.require(base)
    bench = Bench(task, splits.examples, pool, base, FrozenPass(Cache(tmp_path / "cache"), Runtime()))
    recipe = Recipe(epochs=2, batch=4, rate=1e-2, size=base.preprocess.size, head_epochs=1, keep="trained")
    job = Job("lora", strategy, 0, recipe, splits.train, splits.validation)
    fitted = fit(job, bench, tmp_path)
    assert any(".lora_" in name for name in fitted.kept), "small: adapters and a head"
    backbone, head = model_of(fitted, bench)
    assert not any("lora" in name for name, _ in backbone.named_parameters())
    moved = {
        name for name, value in backbone.state_dict().items() if not torch.equal(value, base.state[name])
    }
    assert any("q_proj" in name for name in moved)
    inputs = bench.subject(base.preprocess.size).inputs.batch(splits.test)
    with torch.no_grad():
        said = task.answer.answers(torch.nn.Sequential(backbone, head), inputs, base.preprocess)
    assert said.tolist() == outputs(fitted, bench, splits.test).tolist()


def on_series(folder, known):
    """The windows of a few series with their columns, on a base that `known` says or a Chronos-Bolt."""
    task = registry.get("tasks", "forecasting")
    options = {"horizon": "6", **({"known": "promo"} if known else {})}
    splits = data.load(serial.promoted(6, 50), task, 0, data.Reading(options=options))
    base = load_base((serial.write_base if known else serial.write_bolt)(folder / "base"), "series")
    base = task.suited(base, splits.examples, splits.train)
    pool = np.sort(np.concatenate([splits.train, splits.validation]))
    return Ground(
        Bench(task, splits.examples, pool, base, FrozenPass(Cache(folder / "cache"), Runtime())), splits
    )


@pytest.mark.parametrize("known", [False, True], ids=["bolt", "columns"])
def test_forecasts_are_learned_with_adapters_that_are_gone_when_it_ships(known, tmp_path):
    require_fitting(("lora",), registry.get("tasks", "forecasting"), "forecasting")
    ground = on_series(tmp_path, known)
    bench, rows = ground.bench, ground.splits.test
    job = ground.full_length("lora", epochs=3, cuts=(), views=0, rate=1e-2)
    fitted = fit(job, bench, tmp_path)
    assert all(name.startswith("head.") or ".lora_" in name for name in fitted.kept)
    assert fitted.history.train[-1] < fitted.history.train[0]
    backbone, head = model_of(fitted, bench)
    assert backbone.state_dict().keys() == bench.base.state.keys()
    with torch.no_grad():
        whole = head(backbone(bench.subject(job.recipe.size).inputs.batch(rows))).numpy()
    np.testing.assert_allclose(outputs(fitted, bench, rows), whole, rtol=1e-3, atol=1e-4)
