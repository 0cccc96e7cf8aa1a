"""Tiny bases with seeded random weights, written in the formats that people have."""

import json
from pathlib import Path

import pytest
import timm
import torch
from safetensors.torch import save_file
from torchvision import models
from transformers import ViTConfig, ViTForImageClassification, logging

VIT = {
    "hidden_size": 32,
    "num_hidden_layers": 3,
    "num_attention_heads": 2,
    "intermediate_size": 48,
    "image_size": 32,
    "patch_size": 8,
}


def _shaken(network):
    """BatchNorm's statistics are those of a trained network: not all 0 and 1."""
    for name, buffer in network.named_buffers():
        if buffer.is_floating_point() and "running" in name:
            buffer.copy_(torch.rand_like(buffer) + 0.5)
    return network.eval()


def _write(folder, config, state):
    folder.mkdir(parents=True)
    (folder / "config.json").write_text(json.dumps(config))
    save_file({name: value.contiguous() for name, value in state.items()}, folder / "model.safetensors")
    return folder


@pytest.fixture(scope="session")
def fresh(tmp_path_factory):
    """`fresh()` is a folder that does not exist yet."""
    return lambda: tmp_path_factory.mktemp("base") / "base"


@pytest.fixture(scope="session")
def timm_folder(fresh):
    """`timm_folder("test_resnet", size, model_args, **pretrained_cfg)`: folder and the original network."""

    def make(name, size=32, args=None, half=False, **facts):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = _shaken(timm.create_model(name, num_classes=5, **(args or {})))
        facts = {"input_size": [3, size, size], "mean": [0.5] * 3, "std": [0.25] * 3, **facts}
        config = {"architecture": name, "model_args": args or {}, "pretrained_cfg": facts}
        state = network.state_dict()
        if half:
            state = {n: v.half() if v.is_floating_point() else v for n, v in state.items()}
        return _write(fresh(), config, state), network

    return make


@pytest.fixture(scope="session")
def torchvision_folder(fresh):
    """`torchvision_folder("resnet18", size)`: folder and the original network."""

    def make(name, size=32, args=None, **facts):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = _shaken(models.get_model(name, **(args or {})))
        config = {"architecture": f"torchvision/{name}", "input_size": [3, size, size], **facts}
        return _write(fresh(), config, network.state_dict()), network

    return make


@pytest.fixture(scope="session")
def vit_folder(fresh):
    """`vit_folder()`: a tiny classifier as transformers saves it, and the original network."""

    def make(processor=None):
        bars = logging.is_progress_bar_enabled()
        logging.disable_progress_bar()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            network = ViTForImageClassification(ViTConfig(**VIT)).eval()
        folder: Path = fresh()
        network.save_pretrained(folder)
        if bars:
            logging.enable_progress_bar()
        processor = processor or {"size": {"height": 32, "width": 32}, "image_mean": [0.5] * 3}
        (folder / "preprocessor_config.json").write_text(json.dumps(processor))
        return folder, network

    return make


@pytest.fixture
def images():
    """`images(size)`: two pictures of noise."""
    return lambda size: torch.randn(2, 3, size, size, generator=torch.Generator().manual_seed(7))
