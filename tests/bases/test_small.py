"""Families of small networks: in folders, written, by name alone; nothing else is taken for one."""

import json

import pytest
from safetensors.torch import save_file

import serial
import sounds
from headstart.bases import load_base
from headstart.bases.seriesnet import plugin as series
from headstart.bases.soundnet import plugin as sound
from headstart.errors import BaseError
from headstart.types import Architecture

FAMILIES = pytest.mark.parametrize(
    ("family", "write", "modality"),
    [(series, serial.write_base, "series"), (sound, sounds.write_base, "sound")],
)


@FAMILIES
def test_a_folder_is_found_and_what_is_saved_again(family, write, modality, tmp_path):
    base = load_base(write(tmp_path / "one"), modality)
    assert (base.receipt.fraction, base.card.modality) == (1, modality)
    saved = family.save(base.architecture, base.preprocess, base.state, None)
    (tmp_path / "config.json").write_text(json.dumps(saved.settings["config.json"]))
    save_file(saved.state, tmp_path / "model.safetensors")
    assert load_base(str(tmp_path), modality).identity == base.identity


@FAMILIES
def test_without_weights_it_is_to_be_trained(family, write, modality):
    assert family.names() == [family.name]
    with pytest.raises(BaseError, match="network without weights") as caught:
        load_base(family.name, modality)
    assert caught.value.hint == family.advice


@FAMILIES
def test_settings_that_do_not_fit_are_refused(family, write, modality):
    for name, args in (("small", {"colour": 3}), ("large", {})):
        with pytest.raises(BaseError, match="cannot be built with"):
            family.build(Architecture(family.family, name, args))


def test_a_folder_of_another_family_is_none_of_ours(tmp_path):
    folder = serial.write_base(tmp_path / "one")
    assert series.locate(folder) is not None
    assert sound.locate(folder) is None
    assert sound.locate(str(tmp_path)) is None
