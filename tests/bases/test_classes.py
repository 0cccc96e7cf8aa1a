"""The old output layer under the names of its classes, wherever a format keeps them."""

import json

import pytest
import torch
from safetensors.torch import save_file

from headstart.bases import load_base
from headstart.bases._classes import find, labels_by_number, labels_of
from headstart.bases.base import Located
from headstart.preprocessing.image import ImagePreprocess
from headstart.types import Architecture

NAMES = ("ant", "bee", "cat", "dog", "eel")


def located(labels=NAMES, classifier=None):
    preprocess = ImagePreprocess(32, (0.5,) * 3, (0.5,) * 3)
    says = {"labels": labels, "classifier": classifier}
    return Located(Architecture("timm", "x"), preprocess, dict, None, None, **says)


def rewritten(folder, **changes):
    """The folder with other settings."""
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps(config | changes))
    return folder


def test_rows_of_a_timm_folder(timm_folder, images):
    folder, network = timm_folder("test_resnet", label_names=list(NAMES), num_classes=5)
    base = load_base(str(folder))
    assert base.classes is not None
    assert base.classes.labels == NAMES
    with torch.no_grad():
        features = base.network()(images(32))
        outputs = features @ base.classes.weight.T + base.classes.bias
        torch.testing.assert_close(outputs, network(images(32)), rtol=1e-4, atol=1e-4)


def test_label_names_beside_the_rest_and_a_layer_of_another_name(timm_folder):
    folder, network = timm_folder("convnext_atto", classifier="head.fc")
    base = load_base(str(rewritten(folder, label_names=list(NAMES))))
    assert base.classes is not None
    assert torch.equal(base.classes.weight, network.state_dict()["head.fc.weight"])


def test_no_names_no_rows(timm_folder):
    folder, _ = timm_folder("test_resnet")
    assert load_base(str(folder)).classes is None
    for wrong in (list(NAMES[:4]), "abcde", [1, 2, 3, 4, 5], None, {"0": "ant"}):
        assert load_base(str(rewritten(folder, label_names=wrong))).classes is None
    assert load_base(str(rewritten(folder, label_names=list(NAMES)))).classes is not None
    assert load_base(str(rewritten(folder, label_names=list(NAMES), num_classes=0))).classes is None


def test_rows_of_a_transformers_folder(vit_folder, images):
    folder, network = vit_folder()
    base = load_base(str(rewritten(folder, id2label={"0": "ant", "1": "bee"})))
    assert base.classes is not None
    assert base.classes.labels == ("ant", "bee")
    with torch.no_grad():
        outputs = base.network()(images(32)) @ base.classes.weight.T + base.classes.bias
        torch.testing.assert_close(outputs, network(images(32)).logits, rtol=1e-4, atol=1e-4)


def test_rows_of_a_torchvision_folder(torchvision_folder):
    names = [f"class {number}" for number in range(1000)]
    folder, network = torchvision_folder("resnet18", label_names=names)
    base = load_base(str(folder))
    assert base.classes is not None
    assert torch.equal(base.classes.weight, network.fc.weight)


def test_rows_of_a_folder_in_our_own_format(tmp_path):
    glyphs = load_base("builtin/glyphs")
    weight, bias = torch.rand(2, glyphs.card.width), torch.rand(2)
    save_file(
        {**glyphs.state, "classifier.weight": weight, "classifier.bias": bias}, tmp_path / "model.safetensors"
    )
    config = {"architecture": "glyphnet", "model_args": glyphs.architecture.args, "label_names": ["a", "b"]}
    (tmp_path / "config.json").write_text(json.dumps(config | {"input_size": [3, 32, 32]}))
    base = load_base(str(tmp_path))
    assert base.classes is not None
    assert torch.equal(base.classes.weight, weight)
    assert torch.equal(base.classes.bias, bias)


def test_a_bare_file_has_no_names_whatever_the_architecture_has(timm_folder):
    folder, _ = timm_folder("test_resnet", label_names=list(NAMES))
    assert load_base(f"{folder}@{folder / 'model.safetensors'}").classes is None


def test_weights_made_to_fit_keep_the_rows_where_the_features_are_as_wide(timm_folder):
    folder, network = timm_folder("mobilenetv2_050", 64, label_names=list(NAMES))
    classes = load_base(f"mobilenetv2_035@{folder}").classes
    assert classes is not None
    assert torch.equal(classes.weight, network.classifier.weight)
    folder, _ = timm_folder("convnext_femto", label_names=list(NAMES))
    assert load_base(f"convnext_atto@{folder}").classes is None, "its features are narrower"


def test_the_declared_layer_is_taken_where_several_fit_and_none_without():
    state = {f"{name}.weight": torch.rand(5, 8) for name in ("first", "second")}
    assert find(located(), state, {}, 8) is None
    found = find(located(classifier="second"), state, {}, 8)
    assert found is not None
    assert torch.equal(found.weight, state["second.weight"])
    assert not found.bias.any(), "a layer without a bias"
    assert find(located(classifier="second"), state, {}, 7) is None
    own = {"first.weight": torch.rand(5, 8)}
    assert find(located(), state, own, 8) is not None, "what the backbone has is no output layer"
    assert find(located(), {"out.weight": torch.rand(5, 8, 1, 1)}, {}, 8) is not None


@pytest.mark.parametrize(
    ("settings", "labels"),
    [
        ({"label_names": ["a", "b"]}, ("a", "b")),
        ({"label_names": ["a", "b"], "num_classes": 2}, ("a", "b")),
        ({"label_names": ["a", "b"], "num_classes": 0}, ()),
        ({"label_names": ["a", 2]}, ()),
        ({"label_names": "ab"}, ()),
        ({}, ()),
    ],
)
def test_label_names(settings, labels):
    assert labels_of(settings) == labels


@pytest.mark.parametrize(
    ("names", "labels"),
    [
        ({"1": "b", "0": "a"}, ("a", "b")),
        ({str(number): f"c{number}" for number in range(12)}, tuple(f"c{number}" for number in range(12))),
        ({"0": "a", "2": "b"}, ()),
        (["a", "b"], ()),
        (None, ()),
    ],
)
def test_labels_by_number(names, labels):
    assert labels_by_number(names) == labels
