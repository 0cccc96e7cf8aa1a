"""What `auto` and folders of bases stand for."""

import json
import shutil

import pytest

import languages
from headstart.bases import advice, best, expand, load_base, packaged
from headstart.bases._at_hand import at_hand
from headstart.bases.builtin import ships
from headstart.errors import BaseError

PACKAGED = packaged.at_hand("image")
DRAWN = [name for name in ships() if load_base(name).preprocess.modality == "image"]
BUILT_IN = [*PACKAGED, *DRAWN]
"""Those for pictures: what knows more goes first."""


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """`hub(name, folder)` puts a folder's files into an otherwise empty cache of the hub."""
    cache = tmp_path / "hub"
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(cache))

    def put(repository, files):
        place = cache / f"models--{repository.replace('/', '--')}"
        snapshot = place / "snapshots" / ("0" * 40)
        snapshot.mkdir(parents=True)
        (place / "refs").mkdir()
        (place / "refs" / "main").write_text("0" * 40)
        for file in files:
            shutil.copy(file, snapshot / file.name)

    return put


def test_without_a_hub_cache_the_built_in_ones_are_at_hand(hub):
    assert at_hand("image") == BUILT_IN


def test_what_the_hub_has_fetched_before_is_at_hand(hub, tiny_base):
    hub("someone/tiny", [tiny_base / "config.json", tiny_base / "model.safetensors"])
    hub("someone/half", [tiny_base / "config.json"])
    assert at_hand("image") == [*PACKAGED, "hf/someone/tiny", *DRAWN]
    assert load_base("hf/someone/tiny").card.sha256 == load_base(str(tiny_base)).card.sha256, "no network"


def test_what_is_no_base_of_the_modality_is_passed_over(hub, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps({"model_type": "no-such-thing"}))
    weights = tmp_path / "model.safetensors"
    weights.write_bytes(b"")
    hub("someone/strange", [config, weights])
    assert at_hand("image") == BUILT_IN


def test_nothing_at_hand_is_an_error_with_a_hint(hub):
    with pytest.raises(BaseError, match="no base for smell") as caught:
        at_hand("smell")
    assert "--base" in caught.value.hint


@pytest.fixture
def bare(hub, monkeypatch):
    """No package that carries a base is installed, and the hub's cache is empty."""
    monkeypatch.setattr("headstart.bases.packaged.base.find_spec", lambda name: None)


def test_what_a_package_brings_is_at_hand_where_it_is_installed(hub):
    for modality in ("image", "text"):
        brought = packaged.at_hand(modality)
        assert at_hand(modality)[: len(brought)] == brought
    assert "builtin/glove-50d" not in packaged.at_hand("text"), "a part of a network is to be named"


def test_without_packages_pictures_have_the_drawn_ones_and_texts_have_none(bare):
    assert at_hand("image") == DRAWN
    with pytest.raises(BaseError, match="no base for text is at hand") as caught:
        at_hand("text")
    assert "pip install 'headstart[text-offline]'" in caught.value.hint


def test_a_translator_is_trained(bare):
    with pytest.raises(BaseError, match="no base for translation is at hand") as caught:
        at_hand("translation")
    assert "headstart pretrain" in caught.value.hint


def test_where_none_is_chosen_it_is_the_smallest_that_a_package_brings(bare, monkeypatch):
    assert best("image") == "builtin/vision-s"
    monkeypatch.setattr(packaged, "at_hand", lambda modality: ["builtin/small", "builtin/large"])
    assert best("image") == "builtin/small"


def test_where_nothing_but_what_ships_is_taken_it_is_said_what_brings_more():
    assert "pip install 'headstart[vision-offline]'" in advice(ships(), "image")
    assert advice([*ships(), "builtin/efficientnet-lite0"], "image") is None
    assert advice(["builtin/minilm"], "text") is None


def test_a_language_model_that_the_hub_has_fetched_is_at_hand_for_texts_only(hub, tmp_path):
    folder, _ = languages.write(tmp_path / "bert", "bert")
    hub("someone/bert", [file for file in folder.iterdir() if file.is_file()])
    assert "hf/someone/bert" in at_hand("text")
    assert at_hand("image") == BUILT_IN


def test_auto_and_names_are_joined_each_once(hub):
    assert expand(["x", "auto", "builtin/glyphs", "x"], "image") == ["x", *BUILT_IN]


def test_a_folder_of_bases_is_all_of_them_and_a_base_is_itself(tiny_base, tmp_path):
    for name in ("b", "a"):
        shutil.copytree(tiny_base, tmp_path / "zoo" / name)
    (tmp_path / "zoo" / "notes").mkdir()
    assert expand([str(tmp_path / "zoo")], "image") == [str(tmp_path / "zoo" / name) for name in "ab"]
    assert expand([str(tiny_base)], "image") == [str(tiny_base)]
    assert expand([str(tmp_path / "zoo" / "notes")], "image") == [str(tmp_path / "zoo" / "notes")]
