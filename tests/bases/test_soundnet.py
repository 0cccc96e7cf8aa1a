"""Small networks for recordings are found in folders, written, and built."""

import json

import pytest
from safetensors.torch import save_file

import sounds
from headstart.bases import load_base
from headstart.bases.soundnet import NAME, plugin
from headstart.errors import BaseError
from headstart.types import Architecture


def test_a_folder_is_found_and_what_is_saved_again(tmp_path):
    base = load_base(sounds.write_base(tmp_path / "one"), "sound")
    assert base.receipt.fraction == 1
    assert base.card.modality == "sound"
    assert base.card.stages[0] == "stem"
    saved = plugin.save(base.architecture, base.preprocess, base.state, None)
    (tmp_path / "config.json").write_text(json.dumps(saved.settings["config.json"]))
    save_file(saved.state, tmp_path / "model.safetensors")
    assert load_base(str(tmp_path), "sound").identity == base.identity


def test_without_weights_it_is_to_be_trained():
    assert plugin.names() == [NAME]
    with pytest.raises(BaseError, match="network without weights") as caught:
        load_base(NAME, "sound")
    assert "headstart pretrain" in caught.value.hint


def test_settings_that_do_not_fit_are_refused():
    with pytest.raises(BaseError, match="cannot be built with"):
        plugin.build(Architecture("soundnet", "small", {"depth": 3}))
