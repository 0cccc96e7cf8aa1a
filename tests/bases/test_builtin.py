"""Bases that ship are found by listing their folder, which may be absent."""

import json

import pytest
import torch
from safetensors.torch import save_file

import languages
import packages
from headstart.bases import builtin, catalog, load_base, packaged
from headstart.bases.base import Classes
from headstart.errors import BaseError, UnknownName


@pytest.fixture
def shipped(tmp_path, monkeypatch):
    """`shipped(name, **config)` writes a built-in GlyphNet; nothing else ships."""
    monkeypatch.setattr(builtin, "FOLDER", tmp_path / "weights")
    monkeypatch.setattr(packaged, "records", lambda: iter(()))

    def write(name, **config):
        config = {"architecture": "glyphnet", "input_size": [3, 32, 32], "license": "apache-2.0", **config}
        folder = tmp_path / "weights" / name
        folder.mkdir(parents=True)
        (folder / "config.json").write_text(json.dumps(config))
        save_file(builtin.GlyphNet().state_dict(), folder / "model.safetensors")
        return folder

    return write


def test_a_built_in_base_has_all_its_facts(shipped):
    shipped("glyphs", source_data="glyphs of free fonts")
    base = load_base("builtin/glyphs")
    card = base.card
    assert (card.name, card.parameters, card.width, card.input_size) == ("builtin/glyphs", 93_472, 512, 32)
    assert (card.source_data, card.licence) == ("glyphs of free fonts", "apache-2.0")
    assert card.stages == ("stage1", "stage2")
    assert base.receipt.fraction == 1
    assert catalog() == [card]


def test_a_folder_of_the_users_with_our_network(shipped):
    folder = shipped("glyphs")
    by_path, by_name = load_base(str(folder)), load_base("builtin/glyphs")
    assert by_path.card.sha256 == by_name.card.sha256


def test_a_folder_that_ships_may_be_of_another_family(shipped, timm_folder, monkeypatch):
    folder, _ = timm_folder("test_resnet")
    monkeypatch.setattr(builtin, "FOLDER", folder.parent)
    base = load_base(f"builtin/{folder.name}")
    assert base.architecture.family == "timm"
    assert base.card.name == f"builtin/{folder.name}"


def test_nothing_ships(shipped):
    assert builtin.plugin.names() == []
    assert catalog() == []
    with pytest.raises(UnknownName):
        load_base("builtin/glyphs")


def test_no_way_out_of_the_folder(shipped, tmp_path):
    shipped("glyphs").rename(tmp_path / "outside")
    (tmp_path / "weights").mkdir(exist_ok=True)
    with pytest.raises(UnknownName):
        load_base("builtin/../outside")


def test_settings_that_cannot_be_built(shipped):
    folder = shipped("glyphs", model_args={"depth": 3})
    with pytest.raises(BaseError, match="glyphnet"):
        load_base(str(folder))


def test_widths_are_followed(shipped):
    folder = shipped("small", model_args={"widths": [4, 8]})
    save_file(builtin.GlyphNet([4, 8]).state_dict(), folder / "model.safetensors")
    assert load_base("builtin/small").card.width == 8 * 4
    assert torch.isfinite(load_base("builtin/small").state["stage1.conv.weight"]).all()


def test_a_base_that_is_saved_is_found_again_with_its_classes_beside_it(shipped, tmp_path):
    shipped("glyphs", mean=[0.1, 0.2, 0.3], crop_pct=0.5)
    base = load_base("builtin/glyphs")
    classes = Classes(("a", "b"), torch.ones(2, base.card.width), torch.zeros(2))
    found = builtin.plugin.save(base.architecture, base.preprocess, base.state, classes)
    (tmp_path / "config.json").write_text(json.dumps(found.settings["config.json"]))
    save_file(found.state, tmp_path / "model.safetensors")
    again = load_base(str(tmp_path))
    assert (again.architecture, again.preprocess) == (base.architecture, base.preprocess)
    assert again.card.sha256 == base.card.sha256
    assert {name for name, _ in again.receipt.unused} == {"classifier.weight", "classifier.bias"}
    assert found.settings["config.json"]["label_names"] == ["a", "b"]
    plain = builtin.plugin.save(base.architecture, base.preprocess, base.state, None)
    assert "label_names" not in plain.settings["config.json"]
    assert plain.state.keys() == base.state.keys()


@pytest.mark.parametrize("name", builtin.ships())
def test_each_base_that_ships_is_whole_and_has_a_card(name):
    base, folder = load_base(name), builtin.FOLDER / name.removeprefix(builtin.PREFIX)
    assert base.receipt.fraction == 1
    assert base.card.modality in ("image", "series", "sound")
    assert base.card.licence == "apache-2.0"
    assert base.card.source_data
    card = (folder / "README.md").read_text("utf-8")
    assert card.startswith("---\nlicense: apache-2.0\n")
    assert f"# {name}" in card
    assert "scripts/" in card, "the command that made it"


@pytest.mark.parametrize("name", packages.REAL)
def test_a_base_whose_package_is_not_installed_gives_the_line_that_installs_it(name, monkeypatch):
    monkeypatch.setattr("headstart.bases.packaged.base.find_spec", lambda module: None)
    assert name not in builtin.plugin.names()
    with pytest.raises(BaseError, match=f"`{name}` is not installed") as caught:
        load_base(name)
    assert caught.value.hint == f"pip install 'headstart[{packages.REAL[name].extra}]'"


def test_a_base_that_a_package_brings_is_loaded_by_its_name(tmp_path, monkeypatch):
    languages.write(tmp_path / "brought" / "model", "minilm")
    record = packages.write(tmp_path, modality="text")
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(packaged, "records", lambda: iter([("builtin/tiny", record)]))
    assert builtin.plugin.names() == [*builtin.ships(), "builtin/tiny"]
    base = load_base("builtin/tiny", "text")
    assert (base.card.name, base.card.licence, base.card.width) == ("builtin/tiny", "MIT", languages.WIDTH)
    assert base.card.source_data == "noise"
    with pytest.raises(BaseError, match="is a base for text, the task needs one for image"):
        load_base("builtin/tiny", "image")


def test_the_bases_that_ship_are_small():
    sizes = [file.stat().st_size for file in builtin.FOLDER.rglob("*") if file.is_file()]
    assert sum(sizes) <= 20e6
