"""What a folder of transformers' says, understood without running anything of its own."""

import json

import pytest
import torch
from safetensors.torch import load_file
from transformers import BertConfig, GPT2Config, ViTConfig, logging

import languages
from headstart.bases import load_base
from headstart.bases.formats import hf
from headstart.bases.formats.files import CHRONOS
from headstart.errors import BaseError


@pytest.mark.parametrize(
    ("kind", "taken"),
    [("vit", hf.PICTURES), ("bert", hf.TOKENS), ("t5", hf.TOKENS), ("whisper", "input_features")],
)
def test_it_is_known_what_a_model_takes(kind, taken, tmp_path):
    assert hf.takes({"model_type": kind}, tmp_path) == taken


def test_a_t5_of_series_is_none_of_texts(tmp_path):
    assert hf.takes({"model_type": "t5", CHRONOS: {}}, tmp_path) == CHRONOS


@pytest.mark.parametrize("kind", ["nobodys", "", "bert/../vit"])
def test_a_model_that_the_library_does_not_know_is_refused(kind, tmp_path):
    with pytest.raises(BaseError, match="transformers has no model") as caught:
        hf.takes({"model_type": kind}, tmp_path)
    assert str(tmp_path) in caught.value.message
    assert "never run" in caught.value.hint


def test_only_what_the_network_depends_on_is_kept():
    config = {"model_type": "bert", "hidden_size": 8, **dict.fromkeys(hf.NOT_THE_NETWORK, "x")}
    assert hf.network_of(config) == ("bert", {"hidden_size": 8})


def test_a_pooler_is_left_out_where_a_model_has_one():
    assert hf.unpooled(BertConfig()) == {"add_pooling_layer": False}
    assert hf.unpooled(ViTConfig()) == {"add_pooling_layer": False}
    assert hf.unpooled(GPT2Config()) == {}


def test_names_of_a_model_with_a_head_become_those_of_the_bare_one(tmp_path):
    folder, network = languages.write(tmp_path, "bert")
    state = load_file(folder / "model.safetensors")
    found = hf.converted(state, network.config, lambda model: model.state_dict(keep_vars=True))
    inner = network.bert.state_dict()
    assert inner.keys() <= found.keys()
    assert all(torch.equal(found[name], value) for name, value in inner.items())


def test_what_does_not_fit_keeps_its_own_name(tmp_path):
    _, network = languages.write(tmp_path, "bert")
    state = {"something.else": torch.ones(2)}
    found = hf.converted(state, network.config, lambda model: model.state_dict(keep_vars=True))
    assert found == state, "nothing is made up for what is missing"


def test_a_file_that_the_library_stumbles_over_is_left_as_it_is():
    state = {"weight": torch.ones(2)}
    assert hf.converted(state, object(), lambda model: {}) is state


def test_the_librarys_voice_comes_back(tmp_path, capfd):
    before = (logging.get_verbosity(), logging.is_progress_bar_enabled())

    def silent():
        with hf.quiet():
            assert not logging.is_progress_bar_enabled()
            logging.get_logger("transformers").warning("said")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        silent()
    assert (logging.get_verbosity(), logging.is_progress_bar_enabled()) == before
    assert capfd.readouterr() == ("", "")


def test_settings_of_a_written_model_are_read_back_alike(tmp_path):
    folder, network = languages.write(tmp_path, "distilbert")
    kind, args = hf.network_of(json.loads((folder / "config.json").read_text()))
    assert (kind, args["dim"]) == ("distilbert", languages.WIDTH)
    assert not hf.NOT_THE_NETWORK & args.keys()


@pytest.mark.parametrize("before", ["model.", "module.", "_orig_mod.", "model.net."])
@pytest.mark.parametrize("kind", ["bert", "distilbert", "roberta", "gpt2", "llama", "t5", "bart"])
def test_what_a_training_script_puts_before_names_is_taken_off(tmp_path, kind, before):
    """Lightning's `.ckpt` beside an optimizer, for the folder that the model came from."""
    folder, _ = languages.write(tmp_path / kind, kind)
    expected = load_base(str(folder))
    state = {before + name: value for name, value in load_file(folder / "model.safetensors").items()}
    (folder / "model.safetensors").unlink()
    moments = {name: {"exp_avg": value} for name, value in state.items()}
    content = {"epoch": 3, "optimizer_states": [{"state": moments}], "state_dict": state}
    torch.save(content, folder / "last.ckpt")
    with pytest.raises(BaseError, match=r"last\.ckpt") as caught:
        load_base(str(folder))
    found = load_base(caught.value.hint.removeprefix("write "))
    assert found.card.sha256 == expected.card.sha256
    assert found.receipt.fraction == 1
