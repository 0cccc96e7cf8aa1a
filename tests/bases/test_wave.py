"""wav2vec 2.0, HuBERT and WavLM in transformers' format are bases: written, found again, and refused."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from transformers import AutoModel

import headstart as hs
import sounds
from headstart.bases import build, load_base
from headstart.bases.wave import plugin
from headstart.errors import BaseError
from headstart.preprocessing.sound import HOP, SAMPLES, UNIT_SAMPLES, SoundPreprocess
from headstart.types import Architecture


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """As the library itself writes a recogniser, output layer included."""
    return Path(sounds.write_wave(tmp_path_factory.mktemp("wave")))


@pytest.fixture
def copied(folder, tmp_path):
    """A folder that a test may change."""
    return shutil.copytree(folder, tmp_path / "copy")


def changed(folder, name="config.json", **settings):
    file = folder / name
    file.write_text(json.dumps({**json.loads(file.read_text("utf-8")), **settings}), "utf-8")
    return str(folder)


@pytest.mark.parametrize("kind", sounds.WAVES)
def test_every_kind_is_taken_whole_and_loads_in_the_library_again(kind, tmp_path):
    written = Path(sounds.write_wave(tmp_path / "theirs", kind, normalised=False))
    base = load_base(str(written), "sound")
    assert base.receipt.fresh == base.receipt.unused == ()
    assert base.preprocess == SoundPreprocess(bands=HOP, front=SAMPLES)
    saved = plugin.save(base.architecture, base.preprocess, base.state, None)
    (tmp_path / "ours").mkdir()
    for name, settings in saved.settings.items():
        (tmp_path / "ours" / name).write_text(json.dumps(settings), "utf-8")
    save_file(saved.state, tmp_path / "ours" / "model.safetensors", metadata={"format": "pt"})
    again = load_base(str(tmp_path / "ours"), "sound")
    assert (again.card.sha256, again.preprocess) == (base.card.sha256, base.preprocess)
    theirs, said = AutoModel.from_pretrained(tmp_path / "ours", output_loading_info=True)
    assert not said["missing_keys"]
    assert not said["unexpected_keys"]
    layer = theirs.encoder.layers[1].feed_forward.output_dense.weight
    assert torch.equal(layer, base.state["layers.1.inner.feed_forward.output_dense.weight"])


def test_the_output_layer_is_left_out_and_the_folder_says_how_samples_are_taken(folder, copied):
    assert {"lm_head.weight", "wav2vec2.masked_spec_embed"} <= load_file(folder / "model.safetensors").keys()
    base = load_base(str(folder), "sound")
    assert base.card.width == 24
    assert base.card.stages[0] == "places"
    assert base.preprocess.front == UNIT_SAMPLES
    (copied / "preprocessor_config.json").unlink()
    assert load_base(str(copied), "sound").preprocess.front == UNIT_SAMPLES


def test_how_samples_are_taken_may_stand_beside_how_letters_are(copied):
    file = copied / "preprocessor_config.json"
    said = {**json.loads(file.read_text("utf-8")), "do_normalize": False}
    file.unlink()
    (copied / "processor_config.json").write_text(json.dumps({"feature_extractor": said}), "utf-8")
    assert load_base(str(copied), "sound").preprocess.front == SAMPLES


def test_with_fewer_layers_in_its_settings_it_ends_earlier(folder, copied):
    whole, first = load_base(str(folder), "sound"), load_base(changed(copied, num_hidden_layers=1), "sound")
    assert len(first.network().layers) == 1
    assert first.receipt.fresh == ()
    assert {name.split(".")[0] for name in first.state} == {"stem", "places", "layers"}
    assert all(torch.equal(value, whole.state[name]) for name, value in first.state.items())


def test_names_of_an_older_library_are_taken_too(folder, copied):
    state = load_file(copied / "model.safetensors")
    today = "parametrizations.weight.original"
    older = {name.replace(f"{today}0", "weight_g").replace(f"{today}1", "weight_v") for name in state}
    assert any(name.endswith("weight_g") for name in older)
    renamed = {
        name.replace(f"{today}0", "weight_g").replace(f"{today}1", "weight_v"): value
        for name, value in state.items()
    }
    save_file(renamed, copied / "model.safetensors")
    assert load_base(str(copied), "sound").card.sha256 == load_base(str(folder), "sound").card.sha256


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"conv_stride": [5, 2, 2, 2, 2, 2, 1]}, "convolutions is 160 samples"),
        ({"conv_kernel": [10, 3, 3, 3, 3, 2, 0]}, "of which they see 80"),
        ({"num_hidden_layers": 0}, "it has 0 layers"),
        ({"conv_stride": [5, 2]}, "no model `wav2vec2` that can be built from its settings"),
        ({"conv_stride": "often"}, "no model `wav2vec2` that can be built from its settings"),
        ({"num_attention_heads": 5}, "cannot be built from its settings"),
        ({"hidden_act": "loud"}, "cannot be built from its settings"),
        ({"feat_extract_norm": "none"}, "cannot be built from its settings"),
    ],
)
def test_settings_of_other_networks_are_refused(copied, settings, said):
    with pytest.raises(BaseError, match=said) as caught:
        load_base(changed(copied, **settings), "sound")
    assert caught.value.hint


def test_another_rate_is_refused(copied):
    with pytest.raises(BaseError, match="takes 8000 samples a second, not 16000"):
        load_base(changed(copied, "preprocessor_config.json", sampling_rate=8000), "sound")


def test_nothing_is_drawn_or_left_out_while_it_trains():
    config = {**sounds.WAVE, "layerdrop": 1.0, "mask_time_prob": 1.0, "mask_time_length": 1}
    off = {f"{name}_dropout": 0.0 for name in ("hidden", "attention", "activation", "feat_proj")}
    network = build(Architecture("wave", "wav2vec2", {**config, **off})).train()
    samples = torch.randn(2, HOP, 20, generator=torch.Generator().manual_seed(0))
    found = network(samples)
    assert torch.equal(found, network(samples))
    found.sum().backward()
    assert all(value.grad is not None for value in network.parameters())


@pytest.fixture(scope="module")
def finished(folder, tmp_path_factory):
    home = tmp_path_factory.mktemp("adapted")
    data = sounds.write_folder(home / "clips", per_class=4)
    hs.adapt(data, base=str(folder), strategy="frozen", out=home / "run")
    return home


def test_what_was_adapted_predicts_and_is_exported_for_any_length(finished):
    files = sorted((finished / "clips").rglob("*.wav"))
    said = list(hs.load(finished / "run").predict(files))
    assert {one["label"] for one in said} <= set(sounds.CLASSES)
    assert hs.export(finished / "run" / "bundle", data=finished / "clips")["difference"] < 1e-3


def test_words_are_read_off_several_layers_and_a_bundle_knows_their_weights(folder, tmp_path):
    data = sounds.write_words(tmp_path / "words", 12)
    hs.adapt(data, base=str(folder), strategy="frozen", minutes=0.1, out=tmp_path / "run")
    state = load_file(tmp_path / "run" / "bundle" / "model.safetensors")
    assert state["head.sum.layers"].shape == (3,)
    assert state["head.norm.weight"].shape == (24,)
    (said,) = hs.load(tmp_path / "run").predict([data / "000.wav"])
    assert {"transcription", "words"} <= said.keys()
    assert hs.export(tmp_path / "run" / "bundle", data=data)["difference"] < 1e-3
    assert load_base(str(tmp_path / "run"), "sound").card.width == 24
