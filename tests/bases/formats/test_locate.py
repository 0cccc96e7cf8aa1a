"""Names that nothing knows end in a hint that helps."""

import json

import pytest

from headstart.bases.formats.locate import locate
from headstart.errors import BaseError, UnknownName


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("resnt18", "`resnet18`"),
        ("timm/mobilnetv2_100", "timm/mobilenetv2_100"),
        ("squeezenet1_2", "squeezenet1_1"),
    ],
)
def test_the_hint_names_the_nearest(name, near):
    with pytest.raises(UnknownName, match=name) as caught:
        locate(name)
    assert near in caught.value.hint


def test_a_name_like_no_other_is_told_where_to_look():
    with pytest.raises(UnknownName) as caught:
        locate("qqqqzzzz")
    assert "headstart bases" in caught.value.hint


@pytest.mark.parametrize(
    ("config", "reason"),
    [
        (None, "it has no config.json"),
        ({"architecture": "no_such_net"}, "nothing here knows the network 'no_such_net'"),
        ({"num_classes": 3}, "its config.json names no network"),
    ],
)
def test_a_folder_that_holds_no_base(tmp_path, config, reason):
    if config is not None:
        (tmp_path / "config.json").write_text(json.dumps(config))
    with pytest.raises(BaseError, match=reason):
        locate(str(tmp_path))


def test_a_folder_of_another_library_is_named(tmp_path):
    (tmp_path / "model.Q4_K_M.gguf").write_bytes(b"GGUF\3")
    with pytest.raises(
        BaseError, match=r"it has weights of llama.cpp \(GGUF\), and no config.json"
    ) as caught:
        locate(str(tmp_path))
    assert "model.safetensors" in caught.value.hint


def test_a_bare_file_needs_its_architecture(tmp_path):
    (tmp_path / "weights.pth").touch()
    with pytest.raises(BaseError) as caught:
        locate(str(tmp_path / "weights.pth"))
    assert "ARCHITECTURE@" in caught.value.hint
    assert "weights.pth" in caught.value.hint


def test_timm_comes_before_torchvision_for_bare_names():
    assert locate("resnet18").architecture.family == "timm"
    assert locate("squeezenet1_1").architecture.family == "torchvision"


@pytest.mark.parametrize("name", ["bert-base-uncased", "sentence-transformers/all-MiniLM-L6-v2"])
def test_a_name_of_the_hub_without_its_prefix_gets_it_in_the_hint(name):
    with pytest.raises(UnknownName) as refused:
        locate(name, "text")
    assert f"--base hf/{name}" in refused.value.hint
