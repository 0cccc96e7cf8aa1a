"""The real Whisper: read whole, converted once, and it computes what transformers computes."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from transformers import WhisperConfig, WhisperFeatureExtractor, WhisperModel

import packages
import sounds
from headstart.bases import builtin, load_base, packaged
from headstart.bases.formats import ctranslate
from headstart.bases.formats.ctranslate import WHISPER, read, whisper
from headstart.cache import Cache
from headstart.data.sound.mels import log_mel
from headstart.errors import BaseError

NAME = "builtin/whisper-tiny-en"
pytestmark = packages.needs(NAME)


@pytest.fixture(scope="module")
def library():
    """Transformers' model with the weights of the package."""
    name, variables = read(packages.REAL[NAME].place() / "model" / "model.bin")
    settings, state = whisper(variables)
    assert name == WHISPER
    assert (settings["d_model"], settings["encoder_layers"], settings["vocab_size"]) == (384, 4, 51864)
    model = WhisperModel(WhisperConfig(**settings)).eval()
    model.load_state_dict(state, strict=True)
    return model


def test_it_is_a_base_for_recordings():
    assert NAME in builtin.plugin.names()
    card = load_base(NAME, "sound").card
    assert (card.modality, card.licence, card.width) == ("sound", "MIT", 384)
    assert card.parameters == 8_208_384
    assert "speech" in card.source_data


@torch.no_grad()
def test_it_is_the_encoder_of_transformers_on_half_a_minute(library):
    draws = np.random.default_rng(0)
    samples = np.zeros(480_000, np.float32)
    samples[8000:40_000] = sounds.tone(200, 2.0, to=2000) + draws.normal(0, 0.02, 32_000)
    theirs = WhisperFeatureExtractor()(samples, sampling_rate=16_000, return_tensors="pt").input_features
    expected = library.encoder(theirs).last_hidden_state
    ours = log_mel(torch.from_numpy(samples))[None]
    network = load_base(NAME, "sound").network()
    same = network.states(theirs, torch.ones(1, 1500, dtype=torch.bool))
    torch.testing.assert_close(same, expected, atol=1e-4, rtol=0)
    # its own front end differs in the last bits, which the layers above enlarge
    torch.testing.assert_close(network(ours), expected.mean(1), atol=1e-3, rtol=0)


def test_it_is_converted_once_and_again_where_the_cache_was_changed(tmp_path, monkeypatch):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path))
    first = packaged.locate(NAME)
    assert first.folder.is_relative_to(tmp_path)
    assert first.licence == "MIT"
    with monkeypatch.context() as patched:
        patched.setattr(ctranslate, "read", lambda *_: pytest.fail("converted again"))
        assert packaged.locate(NAME).folder == first.folder
    file = first.folder / "model.safetensors"
    right = file.read_bytes()
    file.write_bytes(right[:-1] + b"x")
    packaged.locate(NAME)
    assert file.read_bytes() == right
    assert Cache().used() > 10_000_000
    Cache().clear()
    assert not first.folder.exists()


def test_one_changed_byte_of_the_package_is_refused(tmp_path, monkeypatch):
    record = packages.copied(NAME, tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    file = record.place() / "model" / "model.bin"
    content = bytearray(file.read_bytes())
    content[-1] ^= 1
    file.write_bytes(content)
    with pytest.raises(BaseError, match="is not the file that is known"):
        record.locate(NAME)
