"""The decoder beside a Whisper's encoder: where it is whole, and what it is made of."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import sounds
from headstart.bases import load_base
from headstart.bases._writing import MANY, decoder_of
from headstart.errors import BaseError


@pytest.fixture
def folder(tmp_path):
    return Path(sounds.write_whisper(tmp_path / "whisper", writes=True))


def test_a_whole_folder_writes(folder):
    (folder / "generation_config.json").write_text('{"suppress_tokens": [3, 4]}')
    found = load_base(str(folder), "sound").decoder
    assert found.architecture.args["never"] == [3, 4]
    assert found.architecture.args["languages"] == [], "it has too few tokens to know several"
    weights, text = found.load()
    assert text == (folder / "tokenizer.json").read_text()
    theirs = load_file(folder / "model.safetensors")["model.decoder.layers.0.fc1.weight"]
    assert torch.equal(weights["layers.0.fc1.weight"], theirs)


def test_one_of_many_tokens_knows_several_languages(folder):
    config = {**json.loads((folder / "config.json").read_text()), "vocab_size": MANY}
    args = decoder_of(folder, config).architecture.args
    places = {name: 256 + number for number, name in enumerate(sounds.PROMPT)}
    assert args["languages"] == [places["<|en|>"], places["<|fr|>"]]
    assert args["rest"] == [places["<|transcribe|>"], places["<|notimestamps|>"]]


def test_without_a_tokenizer_or_its_settings_there_is_none(folder):
    config = json.loads((folder / "config.json").read_text())
    assert decoder_of(folder, {**config, "decoder_layers": None}) is None
    (folder / "tokenizer.json").unlink()
    assert decoder_of(folder, config) is None
    assert load_base(str(folder), "sound").decoder is None


def test_without_weights_of_it_that_is_said_when_they_are_used(folder):
    state = load_file(folder / "model.safetensors")
    save_file({k: v for k, v in state.items() if "decoder" not in k}, folder / "model.safetensors")
    with pytest.raises(BaseError, match="no weights of a decoder"):
        load_base(str(folder), "sound").decoder.load()
