"""The encoder computes what transformers' Whisper computes."""

import pytest
import torch
from transformers import WhisperConfig, WhisperModel

import sounds
from headstart.bases import whisper as family
from headstart.bases.networks.whisper import WhisperEncoder

SETTINGS = {name: value for name, value in sounds.WHISPER.items() if name != "model_type"}


@pytest.fixture(scope="module")
def library():
    config = WhisperConfig(
        **SETTINGS, vocab_size=30, decoder_layers=1, decoder_attention_heads=2, decoder_ffn_dim=8,
        pad_token_id=0, bos_token_id=1, eos_token_id=2, decoder_start_token_id=1,
    )  # fmt: skip
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = WhisperModel(config).eval()
        for value in model.parameters():
            value.data.normal_(0, 0.3)
    return model


@torch.no_grad()
def test_it_is_the_encoder_of_transformers(library):
    network = WhisperEncoder(width=24, bands=80, layers=2, heads=2, hidden=36, positions=60).eval()
    network.load_state_dict(family.renamed(library.encoder.state_dict(), family._THEIRS))
    levels = torch.randn(2, 80, 120, generator=torch.Generator().manual_seed(0))
    expected = library.encoder(levels).last_hidden_state
    found = network.states(levels, torch.ones(2, 60, dtype=torch.bool))
    torch.testing.assert_close(found, expected, atol=1e-4, rtol=1e-4)
    torch.testing.assert_close(network(levels), expected.mean(1), atol=1e-4, rtol=1e-4)


def test_from_scratch_its_places_differ():
    places = WhisperEncoder(24, 80, 1, 2, 36, 60).stem.positions
    assert torch.unique(places, dim=0).shape == (60, 24)
    assert places.abs().max() <= 1
