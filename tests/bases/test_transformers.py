"""Folders in Hugging Face's format, with the names that older versions wrote, are loaded whole."""

import json

import pytest
import torch
from safetensors.torch import save_file
from transformers import AutoModel, logging

import languages
from headstart.bases import load_base
from headstart.bases.transformers import plugin
from headstart.errors import BaseError
from headstart.types import Architecture
from makings import hurry, make

RESNET = {"embedding_size": 8, "hidden_sizes": [8, 12], "depths": [1, 1], "layer_type": "basic"}
CONVNEXT = {"hidden_sizes": [8, 12], "depths": [1, 1], "num_stages": 2}
DINO = {
    "hidden_size": 16,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "image_size": 28,
    "patch_size": 14,
}


def test_a_classifier_gives_its_class_token(vit_folder, images):
    folder, original = vit_folder()
    base = load_base(str(folder))
    with torch.no_grad():
        expected = original.vit(images(32)).last_hidden_state[:, 0]
        assert torch.equal(base.network()(images(32)), expected)
    assert base.card.width == 32
    assert base.receipt.fresh == ()
    assert base.receipt.fraction == 1
    assert {name for name, _ in base.receipt.unused} == {"classifier.weight", "classifier.bias"}


@pytest.mark.parametrize(
    ("kind", "args", "size", "width"),
    [("resnet", RESNET, 32, 12), ("convnext", CONVNEXT, 32, 12), ("dinov2", DINO, 28, 16)],
)
def test_pooled_output_is_flat(kind, args, size, width, images):
    network = plugin.build(Architecture("transformers", kind, args)).eval()
    assert network(images(size)).shape == (2, width)


def test_another_size_is_built(vit_folder, images):
    base = load_base(str(vit_folder()[0]))
    assert base.build(16)(images(16)).shape == (2, 32)


def test_half_precision_settings_still_build_float32(vit_folder):
    folder, _ = vit_folder()
    config = json.loads((folder / "config.json").read_text())
    (folder / "config.json").write_text(json.dumps({**config, "dtype": "float16", "torch_dtype": "float16"}))
    network = load_base(str(folder)).build(None)
    assert {parameter.dtype for parameter in network.parameters()} == {torch.float32}


@pytest.mark.parametrize(
    ("processor", "expected"),
    [
        ({"size": {"height": 32, "width": 32}, "resample": 2}, (32, 1.0, "squash", "bilinear")),
        (
            {"size": {"shortest_edge": 40}, "crop_size": {"height": 32, "width": 32}, "do_center_crop": True},
            (32, 0.8, "center", "bilinear"),
        ),
        ({"size": {"shortest_edge": 32}, "crop_pct": 0.875, "resample": 3}, (32, 0.875, "center", "bicubic")),
        ({"size": 32, "resample": 0}, (32, 1.0, "squash", "nearest")),
    ],
)
def test_preprocessing_is_read(vit_folder, processor, expected):
    preprocess = plugin.locate(str(vit_folder(processor)[0])).preprocess
    assert (
        preprocess.size,
        preprocess.crop_fraction,
        preprocess.crop_mode,
        preprocess.interpolation,
    ) == expected


def test_normalisation_covers_every_way_to_write_it(vit_folder):
    def mean_and_std(**processor):
        preprocess = plugin.locate(str(vit_folder({"size": 32, **processor})[0])).preprocess
        return preprocess.mean[0], preprocess.std[0]

    assert mean_and_std(image_mean=[0.4] * 3, image_std=[0.2] * 3) == pytest.approx((0.4, 0.2))
    assert mean_and_std(do_normalize=False, image_mean=[0.4] * 3) == pytest.approx((0, 1))
    # 0..2 with mean 1 and deviation 1 is 0..1 with a half of both
    assert mean_and_std(rescale_factor=2 / 255, image_mean=[1] * 3, image_std=[1] * 3) == pytest.approx(
        (0.5, 0.5)
    )
    # the bytes themselves
    assert mean_and_std(do_rescale=False, image_mean=[127.5] * 3, image_std=[51] * 3) == pytest.approx(
        (0.5, 0.2)
    )


@pytest.mark.parametrize("size", [{"height": 32, "width": 48}, {"longest_edge": 32}, "large"])
def test_sizes_that_are_no_square_are_refused(vit_folder, size):
    with pytest.raises(BaseError, match="should be a square"):
        plugin.locate(str(vit_folder({"size": size})[0]))


def test_without_preprocessing_nothing_is_invented(vit_folder):
    folder, _ = vit_folder()
    (folder / "preprocessor_config.json").unlink()
    with pytest.raises(BaseError, match="has no preprocessor_config.json"):
        load_base(str(folder))


def test_a_text_model_is_refused(tmp_path):
    folder, _ = languages.write(tmp_path, "bert")
    assert plugin.locate(str(folder)) is None
    with pytest.raises(BaseError, match="is a base for text, the task needs one for image") as caught:
        load_base(str(folder), "image")
    assert "image" in caught.value.hint


def test_code_of_a_repository_is_never_run(vit_folder, tmp_path):
    folder, _ = vit_folder()
    marker = tmp_path / "ran"
    (folder / "theirs.py").write_text(f"open({str(marker)!r}, 'w')\nclass Config: pass\nclass Model: pass\n")
    config = json.loads((folder / "config.json").read_text())
    config["auto_map"] = {"AutoConfig": "theirs.Config", "AutoModel": "theirs.Model"}
    (folder / "config.json").write_text(json.dumps(config))
    assert load_base(str(folder)).receipt.fraction == 1
    (folder / "config.json").write_text(json.dumps({**config, "model_type": "theirs"}))
    with pytest.raises(BaseError, match="no model `theirs`"):
        load_base(str(folder))
    assert not marker.exists()


def test_loading_is_silent(vit_folder, capfd):
    folder, _ = vit_folder()
    capfd.readouterr()
    load_base(str(folder))
    assert capfd.readouterr() == ("", "")


@pytest.mark.parametrize(
    "processor",
    [
        {"size": {"height": 32, "width": 32}, "image_mean": [0.5] * 3},
        {"size": {"shortest_edge": 40}, "do_center_crop": True, "crop_size": 32, "resample": 3},
        {"size": 40, "do_center_crop": True, "crop_size": 32, "resample": 0, "rescale_factor": 1 / 127.5},
        {"size": {"height": 32, "width": 32}, "do_normalize": False},
    ],
    ids=["squashed", "centre", "squashed and cropped", "as they are"],
)
def test_a_base_that_is_saved_is_found_again(processor, vit_folder, tmp_path):
    base = load_base(str(vit_folder(processor)[0]))
    found = plugin.save(base.architecture, base.preprocess, base.state, None)
    for name, settings in found.settings.items():
        (tmp_path / name).write_text(json.dumps(settings))
    save_file(found.state, tmp_path / "model.safetensors")
    again = load_base(str(tmp_path))
    assert (again.architecture, again.card.sha256) == (base.architecture, base.card.sha256)
    assert (again.receipt.fresh, again.receipt.unused) == ((), ())
    for name, value in vars(base.preprocess).items():
        assert getattr(again.preprocess, name) == (
            value if isinstance(value, str | int) else pytest.approx(value)
        )


def test_a_base_that_was_pretrained_is_one_of_the_librarys(
    vit_folder, images, image_folder, tmp_path, monkeypatch
):
    hurry(monkeypatch)
    folder, _ = vit_folder()
    made = make(image_folder(per_class=5), tmp_path / "base", base=str(folder), licence="MIT")
    base = load_base(str(made.folder))
    assert base.card.sha256 != load_base(str(folder)).card.sha256
    assert (base.card.source_data, base.card.licence) == ("photos (supervised)", "MIT")
    bars = logging.is_progress_bar_enabled()
    logging.disable_progress_bar()
    network = AutoModel.from_pretrained(made.folder, add_pooling_layer=False).eval()
    if bars:
        logging.enable_progress_bar()
    with torch.no_grad():
        expected = network(pixel_values=images(32)).last_hidden_state[:, 0]
        torch.testing.assert_close(base.network()(images(32)), expected)
