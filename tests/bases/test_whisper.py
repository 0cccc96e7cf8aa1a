"""A Whisper in transformers' format is a base: its encoder, written and found again."""

import json
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

import sounds
from headstart.bases import load_base
from headstart.bases.whisper import plugin
from headstart.errors import BaseError
from headstart.preprocessing.sound import SoundPreprocess


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """As the library itself writes one, decoder and output layer included."""
    return Path(sounds.write_whisper(tmp_path_factory.mktemp("whisper")))


def test_a_folder_of_transformers_is_a_base_for_recordings(folder):
    base = load_base(str(folder), "sound")
    assert base.receipt.fresh == base.receipt.unused == ()
    assert base.preprocess == SoundPreprocess(120, 120, 80)
    assert base.card.stages == ("stem", "layers.0")
    assert base.card.width == 24
    theirs = load_file(folder / "model.safetensors")["model.encoder.layers.1.fc1.weight"]
    assert torch.equal(base.state["layers.1.fc1.weight"], theirs)


def test_what_is_saved_is_found_again(folder, tmp_path):
    base = load_base(str(folder), "sound")
    saved = plugin.save(base.architecture, base.preprocess, base.state, None)
    (tmp_path / "config.json").write_text(json.dumps(saved.settings["config.json"]))
    save_file(saved.state, tmp_path / "model.safetensors")
    again = load_base(str(tmp_path), "sound")
    assert again.identity == base.identity
    assert again.preprocess == base.preprocess


def test_settings_without_a_number_are_refused(tmp_path):
    (tmp_path / "config.json").write_text(json.dumps({**sounds.WHISPER, "d_model": None}))
    with pytest.raises(BaseError, match="says no d_model"):
        plugin.locate(str(tmp_path))


def test_what_an_example_costs_grows_with_its_length(folder):
    base = load_base(str(folder), "sound")
    longer = base.prepared(base.preprocess.at(104))
    assert longer.card.flops == 4 * base.card.flops
    assert longer.card.stage_numbers == tuple(4 * numbers for numbers in base.card.stage_numbers)
