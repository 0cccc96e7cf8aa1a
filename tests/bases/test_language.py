"""Language models as their makers have them: whole, with the same features, cut exactly, at any length."""

import json
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel, AutoTokenizer

import languages
from headstart.bases import load_base
from headstart.bases.base import FEATURES
from headstart.bases.language import plugin
from headstart.bases.networks.cuts import cut
from headstart.bases.networks.taps import activations
from headstart.bases.passes.engines import Choice, Job, choose
from headstart.cache import Cache
from headstart.data.texts.store import Numbers
from headstart.errors import BaseError
from headstart.runtime import Runtime
from languages import KINDS, LAYERS, WIDTH, tokens

UNCUT = {"t5"}
"""Kinds whose layers share a table of distances: what is above a cut needs more than the activation."""


@pytest.fixture(scope="module", params=KINDS)
def one(request, tmp_path_factory):
    """A kind of model: its folder, the network as it was written, and the base."""
    folder, network = languages.write(tmp_path_factory.mktemp(request.param), request.param)
    base = load_base(str(folder))
    return SimpleNamespace(
        name=request.param, kind=KINDS[request.param], folder=folder, original=network, base=base
    )


@pytest.fixture
def bert(tmp_path):
    """Folder of a fresh model that a test may change."""
    return languages.write(tmp_path / "bert", "bert")[0]


def outputs(network, numbers):
    with torch.no_grad():
        return network(numbers)


def batches(base):
    """Of other lengths than the traced one: padded, one word alone, none padded, padded all over."""
    every = tokens(base.preprocess)
    lengths = (every >= 0).sum(1)
    shortest = int(lengths.min())
    yield every
    yield every[lengths == shortest][:, :shortest]
    yield every[:3, :shortest]
    yield torch.nn.functional.pad(every[lengths < lengths.max()], (0, 3), value=-1)[
        :, : base.preprocess.window
    ]
    yield every[:, :13]


def alone(numbers):
    return [row[row >= 0] for row in numbers]


def pooled(states, pooling):
    return {"mean": states.mean(0), "first": states[0], "last": states[-1]}[pooling]


def test_every_kind_is_loaded_whole(one):
    base = one.base
    assert (base.receipt.fresh, base.receipt.adapted, base.receipt.fraction) == ((), (), 1)
    assert (base.card.modality, base.card.width) == ("text", WIDTH)
    assert base.architecture.args["pooling"] == one.kind.pooling
    assert base.preprocess.window == base.preprocess.size == one.kind.window
    assert not [name for name, _ in base.receipt.unused if ".layer.0." in name and "decoder" not in name]


def test_features_are_those_of_transformers_for_each_text_alone(one):
    numbers = tokens(one.base.preprocess)
    expected = [pooled(languages.plain(one.original, row), one.kind.pooling) for row in alone(numbers)]
    torch.testing.assert_close(outputs(one.base.network(), numbers), torch.stack(expected), rtol=0, atol=1e-5)


def test_padding_changes_nothing(one):
    network, numbers = one.base.network(), tokens(one.base.preprocess)
    single = torch.cat([outputs(network, row[None]) for row in alone(numbers)])
    wider = torch.nn.functional.pad(numbers, (0, 5), value=-1)[:, : one.kind.window]
    torch.testing.assert_close(outputs(network, numbers), single, rtol=0, atol=1e-5)
    torch.testing.assert_close(outputs(network, wider), single, rtol=0, atol=1e-5)


def test_the_texts_differ_in_their_features(one):
    features = outputs(one.base.network(), tokens(one.base.preprocess))
    assert torch.pdist(features).min() > 1e-3


def test_every_cut_is_exact_at_any_length(one):
    network, stages = one.base.network(), one.base.card.stages
    assert bool(stages) == (one.name not in UNCUT)
    for stage in stages:
        parts = cut(network, stage, tokens(one.base.preprocess)[:1])
        for numbers in batches(one.base):
            with torch.no_grad():
                assert torch.equal(parts.suffix(parts.prefix(numbers)), network(numbers)), stage


def test_there_is_a_cut_between_the_layers(one):
    if one.name not in UNCUT:
        # the output of the first layer, or what the second one begins with
        assert len(one.base.card.stages) >= LAYERS - 1


def test_activations_are_zero_after_the_end(one):
    numbers, stages = tokens(one.base.preprocess), one.base.card.stages
    with torch.no_grad():
        found = activations(one.base.network(), numbers, stages)
    for activation in found:
        assert torch.equal((activation != 0).any(-1), numbers >= 0)


def test_the_suffix_has_the_gradients_of_the_whole(one):
    numbers = tokens(one.base.preprocess)
    for stage in one.base.card.stages:
        network = one.base.network()
        parts = cut(network, stage, numbers[:1])
        names = parts.suffix_parameters()
        own = [parameter for name, parameter in network.named_parameters() if name in names]
        assert 0 < len(own) < len(list(network.parameters()))
        with torch.no_grad():
            activation = parts.prefix(numbers)
        expected = torch.autograd.grad(network(numbers).square().sum(), own)
        found = torch.autograd.grad(parts.suffix(activation).square().sum(), own)
        for ours, theirs in zip(found, expected, strict=True):
            torch.testing.assert_close(ours, theirs, rtol=1e-4, atol=1e-4)


@pytest.mark.parametrize("engine", ["onnxruntime", "pytorch folded"])
def test_engines_agree_at_every_stage_for_texts_of_any_length(one, engine, tmp_path):
    network, boundaries = one.base.network(), (*one.base.card.stages, FEATURES)
    sample = tokens(one.base.preprocess).int().numpy()
    found, choice = choose(
        Job(network, Numbers(), boundaries), sample, Runtime(), Cache(tmp_path), Choice(engine)
    )
    assert (found.name, choice.rejected) == (engine, {})
    for numbers in batches(one.base):
        with torch.no_grad():
            expected = activations(network, numbers, boundaries)
        for ours, theirs in zip(found(numbers.int().numpy()), expected, strict=True):
            np.testing.assert_allclose(ours, theirs.numpy(), rtol=0, atol=1e-4 * float(theirs.abs().max()))


def test_a_long_text_is_the_mean_of_its_chunks_by_their_tokens(one):
    window = 16
    network = one.base.network()
    network.window = window
    generator = torch.Generator().manual_seed(0)
    ends = [3 * window, 2 * window + 5, window, 4]
    numbers = torch.full((4, 3 * window), -1)
    for row, end in zip(numbers, ends, strict=True):
        row[:end] = torch.randint(5, 50, (end,), generator=generator)
    for row, end, found in zip(numbers, ends, outputs(network, numbers), strict=True):
        chunks = row[:end].split(window)
        features = torch.stack([outputs(network, chunk[None])[0] for chunk in chunks])
        weights = torch.tensor([len(chunk) / end for chunk in chunks])
        torch.testing.assert_close(found, weights @ features, rtol=0, atol=1e-5)


def test_a_base_that_is_saved_is_found_again(one, tmp_path):
    base, numbers = one.base, tokens(one.base.preprocess)
    found = plugin.save(base.architecture, base.preprocess, base.state, None)
    for name, settings in found.settings.items():
        languages.note(tmp_path / name, settings)
    save_file({name: value.clone() for name, value in found.state.items()}, tmp_path / "model.safetensors")
    again = load_base(str(tmp_path))
    assert (again.architecture, again.card.sha256) == (base.architecture, base.card.sha256)
    assert (again.receipt.fresh, again.receipt.unused) == ((), ())
    assert torch.equal(tokens(again.preprocess), numbers)
    assert torch.equal(outputs(again.network(), numbers), outputs(base.network(), numbers))


def test_what_is_saved_is_loaded_by_the_library_itself(bert, tmp_path):
    base = load_base(str(bert))
    found = plugin.save(base.architecture, base.preprocess, base.state, None)
    for name, settings in found.settings.items():
        languages.note(tmp_path / "saved" / name, settings)
    save_file(found.state, tmp_path / "saved" / "model.safetensors", {"format": "pt"})
    with languages.quiet():
        network = AutoModel.from_pretrained(tmp_path / "saved", add_pooling_layer=False).eval()
        tokenizer = AutoTokenizer.from_pretrained(tmp_path / "saved")
    for text in languages.SENTENCES:
        (numbers,) = tokens(base.preprocess, (text,))
        assert tokenizer(text)["input_ids"] == numbers.tolist()
        expected = languages.plain(network, numbers).mean(0)
        torch.testing.assert_close(outputs(base.network(), numbers[None])[0], expected, rtol=0, atol=1e-5)


@pytest.mark.parametrize(
    ("declared", "pooling"),
    [("pooling_mode_cls_token", "first"), ("pooling_mode_lasttoken", "last"), ("", "mean")],
)
def test_the_pooling_is_the_declared_one(bert, declared, pooling):
    languages.note(bert / "1_Pooling" / "config.json", {"pooling_mode_mean_tokens": False, declared: True})
    base = load_base(str(bert))
    numbers = tokens(base.preprocess)
    original = languages.write(bert.parent / "again", "bert")[1]
    expected = [pooled(languages.plain(original, row), pooling) for row in alone(numbers)]
    torch.testing.assert_close(outputs(base.network(), numbers), torch.stack(expected), rtol=0, atol=1e-5)


def test_robertas_positions_begin_after_the_padding_number(tmp_path):
    base = load_base(str(languages.write(tmp_path / "roberta", "roberta")[0]))
    assert base.preprocess.window == 512
    full = tokens(base.preprocess, ("the old ship " * 200,))
    assert full.shape == (1, 512)
    assert outputs(base.network(), full).isfinite().all()


def test_no_more_tokens_than_the_tokenizer_says(bert):
    languages.note(bert / "tokenizer_config.json", {"model_max_length": 24})
    assert load_base(str(bert)).preprocess.window == 24
    languages.note(bert / "tokenizer_config.json", {"model_max_length": 10**30})
    assert load_base(str(bert)).preprocess.window == languages.WINDOW


def test_half_precision_settings_still_build_float32(bert):
    config = json.loads((bert / "config.json").read_text())
    languages.note(bert / "config.json", {**config, "dtype": "float16", "torch_dtype": "float16"})
    assert {value.dtype for value in load_base(str(bert)).build(None).parameters()} == {torch.float32}


def test_names_of_older_versions_are_understood(bert):
    base = load_base(str(bert))
    state = load_file(bert / "model.safetensors")
    older = {name.replace("LayerNorm.weight", "LayerNorm.gamma"): value for name, value in state.items()}
    older = {name.replace("LayerNorm.bias", "LayerNorm.beta"): value for name, value in older.items()}
    assert older.keys() != state.keys()
    save_file(older, bert / "model.safetensors", {"format": "pt"})
    again = load_base(str(bert))
    assert (again.receipt.fresh, again.card.sha256) == ((), base.card.sha256)


def test_weights_that_are_missing_are_said(bert):
    state = load_file(bert / "model.safetensors")
    kept = {name: value for name, value in state.items() if "layer.1.output.dense.weight" not in name}
    save_file(kept, bert / "model.safetensors", {"format": "pt"})
    receipt = load_base(str(bert)).receipt
    assert [name for name, _ in receipt.fresh] == ["model.encoder.layer.1.output.dense.weight"]
    assert receipt.fraction < 1


def test_code_of_a_repository_is_never_run(bert, tmp_path):
    marker = tmp_path / "ran"
    (bert / "theirs.py").write_text(f"open({str(marker)!r}, 'w')\nclass Config: pass\nclass Model: pass\n")
    config = json.loads((bert / "config.json").read_text())
    auto = {name: f"theirs.{name[4:]}" for name in ("AutoConfig", "AutoModel", "AutoTokenizer")}
    languages.note(bert / "config.json", {**config, "auto_map": auto})
    languages.note(bert / "tokenizer_config.json", {"auto_map": auto})
    assert load_base(str(bert)).receipt.fraction == 1
    languages.note(bert / "config.json", {**config, "model_type": "theirs"})
    with pytest.raises(BaseError, match="no model `theirs`"):
        load_base(str(bert))
    assert not marker.exists()


def test_loading_is_silent(bert, capfd):
    capfd.readouterr()
    load_base(str(bert))
    assert capfd.readouterr() == ("", "")


def test_a_base_for_pictures_is_refused_for_texts_and_the_reverse(bert, tiny_base):
    with pytest.raises(BaseError, match="is a base for text, the task needs one for image") as caught:
        load_base(str(bert), "image")
    assert "headstart bases" in caught.value.hint
    with pytest.raises(BaseError, match="is a base for image, the task needs one for text") as caught:
        load_base(str(tiny_base), "text")
    assert "headstart bases" in caught.value.hint


def test_it_costs_more_with_longer_texts(bert):
    base = load_base(str(bert))
    longer, chunked = (base.prepared(base.preprocess.at(size)) for size in (26, 3 * languages.WINDOW))
    assert longer.card.flops == 2 * base.card.flops
    assert longer.card.stages == base.card.stages
    assert longer.card.stage_numbers == tuple(2 * numbers for numbers in base.card.stage_numbers)
    assert (longer.card.input_size, chunked.card.input_size) == (26, 3 * languages.WINDOW)
    # chunks share the network: there is no cut above them
    assert (chunked.card.stages, chunked.card.stage_numbers, chunked.card.stage_flops) == ((), (), ())
