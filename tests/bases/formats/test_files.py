"""Damaged and foreign files end in one line that says what to do."""

import json

import pytest
import torch
from safetensors.torch import save_file

from headstart.bases.formats.files import read_config, read_folder, read_state, renamed
from headstart.errors import BaseError


@pytest.fixture
def whole(tmp_path):
    save_file({"a": torch.arange(1000.0)}, tmp_path / "model.safetensors")
    torch.save({"a": torch.arange(1000.0)}, tmp_path / "model.pth")
    return tmp_path


@pytest.mark.parametrize("name", ["model.safetensors", "model.pth"])
@pytest.mark.parametrize("keep", [0, 5, 100, 2000])
def test_a_file_that_is_cut_short(whole, name, keep):
    file = whole / name
    file.write_bytes(file.read_bytes()[:keep])
    with pytest.raises(BaseError, match=name) as caught:
        read_state(file)
    assert caught.value.hint


def test_a_text_file_in_disguise(tmp_path):
    for name in ("model.safetensors", "model.pth"):
        (tmp_path / name).write_text("version https://example.org/pointer\nsize 12345\n")
        with pytest.raises(BaseError, match=name):
            read_state(tmp_path / name)


def test_a_checkpoint_without_tensors(tmp_path):
    torch.save({"epoch": 3, "note": "nothing"}, tmp_path / "a.pth")
    with pytest.raises(BaseError, match="no named tensors"):
        read_state(tmp_path / "a.pth")
    torch.save([torch.ones(2)], tmp_path / "a.pth")
    with pytest.raises(BaseError, match="no named tensors"):
        read_state(tmp_path / "a.pth")


def test_the_largest_dict_of_tensors_is_taken(tmp_path):
    content = {
        "optimizer": {"m": torch.ones(3)},
        "net": {"weights": {"a": torch.ones(9)}},
        "lr": torch.ones(1),
    }
    torch.save(content, tmp_path / "a.pth")
    assert read_state(tmp_path / "a.pth").keys() == {"a"}


def test_safetensors_is_the_first_choice(whole):
    torch.save({"b": torch.ones(2)}, whole / "pytorch_model.bin")
    assert read_folder(whole).keys() == {"a"}


def test_a_folder_without_weights(tmp_path):
    (tmp_path / "model.safetensors").symlink_to(tmp_path / "gone")
    with pytest.raises(BaseError, match="has no weights"):
        read_folder(tmp_path)


def test_config(tmp_path):
    assert read_config(tmp_path) is None
    assert read_config(tmp_path / "nowhere") is None
    (tmp_path / "config.json").write_text(json.dumps({"a": 1}))
    assert read_config(tmp_path) == {"a": 1}


@pytest.mark.parametrize("content", [b"{", b"[1]", b"\xff\xfe"])
def test_config_that_cannot_be_read(tmp_path, content):
    (tmp_path / "config.json").write_bytes(content)
    with pytest.raises(BaseError, match=r"config\.json"):
        read_config(tmp_path)


POINTER = "version https://git-lfs.github.com/spec/v1\noid sha256:" + "a" * 64 + "\nsize 437955512\n"


@pytest.mark.parametrize("name", ["model.safetensors", "model.pth", "pytorch_model.bin"])
def test_a_pointer_of_git_lfs_is_named(tmp_path, name):
    (tmp_path / name).write_text(POINTER)
    with pytest.raises(BaseError, match=f"{name} is a pointer of Git LFS") as caught:
        read_state(tmp_path / name)
    assert "git lfs pull" in caught.value.hint


def test_settings_that_are_a_pointer_of_git_lfs(tmp_path):
    (tmp_path / "config.json").write_text(POINTER)
    with pytest.raises(BaseError, match="config.json is a pointer of Git LFS"):
        read_config(tmp_path)


def test_numbers_of_llama_cpp_are_named(tmp_path):
    (tmp_path / "model.gguf").write_bytes(b"GGUF\3\0\0\0")
    with pytest.raises(BaseError, match=r"holds weights of llama.cpp \(GGUF\)"):
        read_state(tmp_path / "model.gguf")


def test_rules_are_applied_to_names_in_turn():
    state = {"encoder.conv1.weight": torch.zeros(1), "proj": torch.ones(1)}
    found = renamed(state, ((r"^encoder\.", ""), (r"^conv(\d)\.", r"stem.\1.")))
    assert {name: float(value) for name, value in found.items()} == {"stem.1.weight": 0.0, "proj": 1.0}
