"""Every base family is asked the same questions, on a tiny base in its own format."""

import json
import shutil
from dataclasses import replace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torchvision import models
from transformers import ViTConfig, ViTForImageClassification, logging

import detectors
import languages
import serial
import small_detectors
import sounds
from benches import same_tensors
from headstart import registry
from headstart.bases import build, load_base
from headstart.bases.base import FEATURES
from headstart.bases.networks.cuts import cut
from headstart.bases.networks.parted import PartedNetwork
from headstart.bases.passes.engines import Choice, Job, choose
from headstart.cache import Cache
from headstart.data.series.store import SeriesStore
from headstart.data.sound.store import MelStore
from headstart.data.texts.pair_store import PairStore
from headstart.errors import BaseError
from headstart.runtime import Runtime
from headstart.shipping.bundles import bundle
from headstart.types import Architecture

IN_BUNDLES = ("factors",)
"""Families that only a bundle holds: nobody can name one, and none is written as a base."""
FAMILIES = sorted(set(registry.names("bases")) - set(IN_BUNDLES))


def a_builtin(folder, tiny):
    return registry.get("bases", "builtin").names()[0]


def a_timm(folder, tiny):
    return str(tiny)


def a_checkpoint(folder, tiny):
    return f"test_resnet@{tiny / 'model.safetensors'}"


def a_bundle(folder, tiny):
    base = load_base(str(tiny))
    head = registry.get("tasks", "image_classification").answer.head(base.card.width, ("a", "b"))
    about = ("image_classification", base.architecture, base.preprocess, ("a", "b"), base.card.width)
    bundle.write(folder / "bundle", bundle.Parts(*about, facts={}), base.network(), head)
    return str(folder / "bundle")


def a_torchvision(folder, tiny):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = models.get_model("shufflenet_v2_x0_5")
    config = {"architecture": "torchvision/shufflenet_v2_x0_5", "input_size": [3, 32, 32]}
    (folder / "config.json").write_text(json.dumps(config))
    save_file(network.state_dict(), folder / "model.safetensors")
    return str(folder)


def a_transformers(folder, tiny):
    layers = {"hidden_size": 32, "num_hidden_layers": 2, "num_attention_heads": 2, "intermediate_size": 48}
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        ViTForImageClassification(ViTConfig(**layers, image_size=32, patch_size=8)).save_pretrained(folder)
    if bars:
        logging.enable_progress_bar()
    processor = {"size": {"height": 32, "width": 32}, "image_mean": [0.5] * 3, "image_std": [0.5] * 3}
    (folder / "preprocessor_config.json").write_text(json.dumps(processor))
    return str(folder)


def a_detectors(folder, tiny):
    return str(detectors.write(folder, "rt_detr")[0])


def a_fastestdet(folder, tiny):
    return str(small_detectors.write_fastestdet(folder)[0])


def a_yolox(folder, tiny):
    return str(small_detectors.write_yolox(folder)[0])


def a_language(folder, tiny):
    return str(languages.write(folder, "bert")[0])


def a_translator(folder, tiny):
    return str(languages.write(folder, "t5")[0])


def a_recurrent(folder, tiny):
    return str(languages.write_recurrent(folder))


def a_whisper(folder, tiny):
    return sounds.write_whisper(folder)


def a_wave(folder, tiny):
    return sounds.write_wave(folder, "wavlm")


def a_soundnet(folder, tiny):
    return sounds.write_base(folder)


def a_chronos_bolt(folder, tiny):
    return serial.write_bolt(folder / "bolt")


def a_seriesnet(folder, tiny):
    return serial.write_base(folder / "series")


SAMPLES = {
    "builtin": a_builtin,
    "bundle": a_bundle,
    "checkpoint": a_checkpoint,
    "chronos_bolt": a_chronos_bolt,
    "detectors": a_detectors,
    "fastestdet": a_fastestdet,
    "language": a_language,
    "recurrent": a_recurrent,
    "seriesnet": a_seriesnet,
    "soundnet": a_soundnet,
    "timm": a_timm,
    "torchvision": a_torchvision,
    "transformers": a_transformers,
    "translator": a_translator,
    "wave": a_wave,
    "whisper": a_whisper,
    "yolox": a_yolox,
}
"""By family, what writes a tiny base and gives its name: a new family brings its own here."""
MODALITIES = {
    **dict.fromkeys(SAMPLES, "image"),
    "chronos_bolt": "series",
    "language": "text",
    "recurrent": "text",
    "seriesnet": "series",
    "soundnet": "sound",
    "translator": "translation",
    "wave": "sound",
    "whisper": "sound",
}


@pytest.mark.parametrize("name", IN_BUNDLES)
def test_a_family_of_bundles_has_no_bases(name, tmp_path):
    own = registry.get("bases", name)
    assert own.names() == []
    assert own.locate(str(tmp_path)) is None
    with pytest.raises(BaseError):
        own.save(Architecture(name, "factors"), None, {}, None)


@pytest.fixture(scope="module")
def samples(tiny_base, tmp_path_factory):
    """Name of a tiny base by family."""
    return {family: write(tmp_path_factory.mktemp(family), tiny_base) for family, write in SAMPLES.items()}


@pytest.fixture(scope="module")
def loaded(samples):
    return {family: load_base(name, MODALITIES[family]) for family, name in samples.items()}


@pytest.fixture(params=FAMILIES)
def family(request):
    assert request.param in SAMPLES, f"write SAMPLES[{request.param!r}] in {__file__}"
    return request.param


@pytest.fixture
def one(loaded, family):
    return loaded[family]


@pytest.fixture
def inputs(one):
    """Three examples as the base takes them: pictures of noise, or texts of different lengths."""
    assert one.preprocess.modality in INPUTS, f"write INPUTS[{one.preprocess.modality!r}] in {__file__}"
    return INPUTS[one.preprocess.modality](one.preprocess)


def pictures(preprocess):
    size = preprocess.size
    return torch.randn(3, 3, size, size, generator=torch.Generator().manual_seed(5))


def texts(preprocess):
    return languages.tokens(preprocess, languages.SENTENCES[2:5])


def pairs(preprocess):
    answers = languages.SENTENCES[:3]
    store = PairStore([text.encode() for text in languages.SENTENCES[2:5]], preprocess, answers=answers)
    return store.batch(np.arange(3))


def recordings(preprocess):
    draws = np.random.default_rng(5)
    clips = [sounds.wav(sounds.recording(number, draws)) for number in range(3)]
    return MelStore(clips, preprocess).batch(np.arange(3))


def series(preprocess):
    windows = [serial.window(seed=seed).encoded() for seed in range(3)]
    return SeriesStore(windows, preprocess).batch(np.arange(3))


INPUTS = {"image": pictures, "text": texts, "sound": recordings, "translation": pairs, "series": series}
"""By modality, what a base is run on."""


def outputs(network, inputs):
    with torch.no_grad():
        return network(inputs)


def test_it_lists_each_of_its_names_once(family):
    plugin = registry.get("bases", family)
    assert len(set(plugin.names())) == len(plugin.names())


def test_the_sample_is_of_its_family(family, samples):
    assert registry.get("bases", family).locate(samples[family]) is not None


def test_it_leaves_other_names_to_others(family):
    assert registry.get("bases", family).locate("/nowhere/at all") is None


def test_the_wrong_modality_is_refused_with_a_hint(family, samples, one):
    own, first = one.preprocess.modality, load_base(samples[family]).card.modality
    for other in {"image", "text", "smell"} - {own, first}:  # an encoder-decoder is a reader of texts first
        said = f"is a base for {first}, the task needs one for {other}"
        with pytest.raises(BaseError, match=said) as caught:
            load_base(samples[family], other)
        assert "headstart bases" in caught.value.hint
    assert load_base(samples[family], own).card == one.card


def test_the_card_says_what_is_so(one, family, inputs):
    network, card = one.network(), one.card
    assert outputs(network, inputs).shape == (3, card.width)
    assert card.parameters == sum(parameter.numel() for parameter in network.parameters())
    assert one.prepared(one.preprocess).card.input_size == one.preprocess.size
    assert card.flops > 0
    assert len(card.sha256) == 64
    assert card.modality == one.preprocess.modality == MODALITIES[family]


def test_its_weights_are_the_loaded_ones(one):
    network = one.network()
    assert not network.training
    assert same_tensors(dict(network.state_dict()), one.state)
    assert one.receipt.fraction > 0.9
    assert {name for name, _ in one.receipt.loaded} <= one.state.keys()


def test_loading_again_gives_equal_outputs(family, samples, one, inputs):
    again = load_base(samples[family], MODALITIES[family])
    assert torch.equal(outputs(one.network(), inputs), outputs(again.network(), inputs))
    assert again.card == one.card


def test_weights_that_are_saved_come_back(one, inputs, tmp_path):
    """As the bundle does it: the architecture and a safetensors file."""
    save_file({name: tensor.clone() for name, tensor in one.state.items()}, tmp_path / "w.safetensors")
    plain = json.loads(json.dumps(one.architecture.args))
    network = build(replace(one.architecture, args=plain)).eval()
    network.load_state_dict(load_file(tmp_path / "w.safetensors"))
    assert torch.equal(outputs(network, inputs), outputs(one.network(), inputs))


@pytest.mark.parametrize("family", sorted(SAMPLES.keys() - {"builtin", "checkpoint", "yolox"}))
def test_other_weights_in_the_folder_are_another_base(family, samples, tmp_path):
    folder = shutil.copytree(samples[family], tmp_path / "copy")
    before = load_base(str(folder), MODALITIES[family])
    file = folder / "model.safetensors"
    save_file({name: tensor + (tensor.ndim > 1) for name, tensor in load_file(file).items()}, file)
    assert load_base(str(folder), MODALITIES[family]).card.sha256 != before.card.sha256


def test_random_weights_come_from_torchs_generator(one):
    def drawn(seed):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return dict(one.build(None).state_dict())

    assert same_tensors(drawn(1), drawn(1))
    assert not same_tensors(drawn(1), drawn(2))
    assert not same_tensors(drawn(1), one.state)


@pytest.mark.parametrize("engine", ["onnxruntime", "pytorch folded"])
def test_every_engine_runs_it_and_agrees_at_every_stage(one, inputs, tmp_path, engine):
    if isinstance(one.network(), PartedNetwork):
        pytest.skip("nothing is kept of its parts, so no engine ever runs it")
    job = Job(one.network(), nn.Identity(), (*one.card.stages, FEATURES))
    found, choice = choose(job, inputs.numpy(), Runtime(), Cache(tmp_path), Choice(engine))
    assert (found.name, choice.rejected) == (engine, {})
    assert choice.difference < 1e-4


def test_every_stage_is_an_exact_cut(one, inputs):
    network = one.network()
    whole = outputs(network, inputs)
    assert one.card.stages
    for stage in one.card.stages:
        parts = cut(network, stage, inputs)
        with torch.no_grad():
            assert torch.equal(parts.suffix(parts.prefix(inputs)), whole), stage


def test_one_example_alone_gives_what_it_gives_among_others(one, inputs):
    network = one.network()
    torch.testing.assert_close(
        outputs(network, inputs)[1:2], outputs(network, inputs[1:2]), rtol=1e-4, atol=1e-4
    )
