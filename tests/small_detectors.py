"""Tiny YOLOX and FastestDet with random weights, as their authors keep them."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from matplotlib.cbook import get_sample_data
from PIL import Image
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn import functional

from headstart.adaptation._class_rows import carry_over
from headstart.bases.base import Base
from headstart.bases.networks.fastestdet import FastestDet
from headstart.bases.networks.maps import mapped, maps_of
from headstart.bases.networks.yolox import Towers, YoloX
from headstart.data.answers.boxes import boxes_of
from headstart.heads import head_for

SIDE = 64
CHANNELS, WIDTH = 4, 8
"""Of the first convolution, and of a tower."""
TERMS = {"license": "MIT", "source_data": "80 kinds of things"}


class Exported(nn.Module):
    """Both halves of a YOLOX, as the authors' script exports them."""

    def __init__(self, k: int, repeats: int, separable: bool) -> None:
        super().__init__()
        self.base = YoloX(CHANNELS, repeats, separable)
        self.towers = Towers([many * CHANNELS for many in (4, 8, 16)], WIDTH, k, separable)

    def forward(self, images: Tensor) -> Tensor:
        """(n, 3, s, s) -> (n, L, 5 + k): raw boxes, then probabilities."""
        raw = self.towers(self.base.backbone(images))
        return torch.cat([raw[..., :4], raw[..., 4:].sigmoid()], 2)


def head_of(base: Base, network: nn.Module, labels: Sequence[str]) -> nn.Module:
    """The head that came with a base, for other classes."""
    brought = base.head
    assert brought is not None
    made = head_for("object_detection", brought.architecture.name, brought.architecture.args).build(
        maps_of(network), labels, brought.architecture.args
    )
    carry_over(made, brought)
    return made.eval()


def portrait(side: int) -> Tensor:
    """(1, 3, side, side) 0..255: a person with a tie, a picture that comes with matplotlib."""
    with Image.open(get_sample_data("grace_hopper.jpg", asfileobj=False)) as picture:
        pixels = np.array(picture.convert("RGB").resize((side, side)))
    return torch.from_numpy(pixels).permute(2, 0, 1)[None].float()


def seen(base: Base, labels: Sequence[str], sure: float = 0.5) -> list[str]:
    """The names that a base and its head give what they find in the portrait, the surest first."""
    whole = mapped(base, 8)
    network, (mean, deviation) = whole.network(), (base.preprocess.mean, base.preprocess.std)
    inputs = (portrait(base.preprocess.size) / 255 - torch.tensor(mean)[:, None, None]) / torch.tensor(
        deviation
    )[:, None, None]
    head = head_of(base, network, labels)
    assert base.head is not None
    plugin = head_for("object_detection", base.head.architecture.name, base.head.architecture.args)
    with torch.no_grad():
        (answer,) = plugin.answers(head(network(inputs)), labels)
    return [box.name for box in boxes_of(answer) if (box.score or 0) >= sure]


def yolox(k: int = 80, repeats: int = 1, separable: bool = True) -> Exported:
    """With weights and statistics of which each shows."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = Exported(k, repeats, separable)
        _shake(made)
    return made.eval()


@torch.no_grad()
def _shake(made: nn.Module) -> None:
    for layer in made.modules():
        if isinstance(
            layer, nn.Conv2d
        ):  # as large behind it as before it: what goes in shows in what comes out
            nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        if isinstance(layer, nn.BatchNorm2d):
            for values, low in ((layer.running_mean, -0.5), (layer.running_var, 0.5)):
                values.copy_(torch.rand_like(values) + low)
            for values, low in ((layer.weight, 0.5), (layer.bias, -0.5)):
                values.copy_(torch.rand_like(values) + low)


def graph(made: nn.Module, side: int = SIDE) -> bytes:
    """What PyTorch's exporter makes of it: BatchNorm is folded, and few weights keep their names."""
    content = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            made,
            (torch.zeros(1, 3, side, side),),
            content,
            dynamo=False,
            opset_version=11,
            input_names=["images"],
        )
    return content.getvalue()


def write_yolox(folder: Path, config: dict[str, Any] | None = None, **how: Any) -> tuple[Path, Exported]:
    """Its folder, and the network that the graph was made of; that takes blue, green, red."""
    made = yolox(**how)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "yolox_tiny.onnx").write_bytes(graph(made))
    (folder / "config.json").write_text(json.dumps(TERMS if config is None else config))
    return folder, made


class Trained(nn.Module):
    """FastestDet with the upper half that its author trains: BatchNorm follows each convolution."""

    def __init__(self, k: int) -> None:
        super().__init__()
        widths = [2 * CHANNELS, 4 * CHANNELS, 8 * CHANNELS]
        lower = FastestDet(CHANNELS, widths, (2, 3, 1))
        self.backbone, self.SPP, self.avg_pool = lower.backbone, lower.SPP, lower.avg_pool
        self.detect_head = nn.Module()
        c = widths[1]
        self.detect_head.conv1x1 = _named(
            "conv1x1", nn.Conv2d(c, c, 1, bias=False), nn.BatchNorm2d(c), nn.ReLU()
        )
        for part, many in (("reg", 4), ("obj", 1), ("cls", k)):
            around = nn.Conv2d(c, c, 5, padding=2, groups=c, bias=False), nn.BatchNorm2d(c), nn.ReLU()
            last = nn.Conv2d(c, many, 1, bias=False), nn.BatchNorm2d(many)
            self.detect_head.add_module(f"{part}_layers", _named("conv5x5", *around, *last))

    def forward(self, images: Tensor) -> dict[str, Tensor]:
        """(n, 3, s, s) -> the raw maps."""
        fine, middle, coarse = self.backbone(images)
        enlarged = functional.interpolate(coarse, scale_factor=2.0, mode="nearest")
        one = self.SPP(torch.cat([self.avg_pool(fine), middle, enlarged], 1))
        head: Any = self.detect_head
        one = head.conv1x1.conv1x1(one)
        return {part: getattr(head, f"{part}_layers").conv5x5(one) for part in ("reg", "obj", "cls")}


def _named(name: str, *layers: nn.Module) -> nn.Module:
    made = nn.Module()
    made.add_module(name, nn.Sequential(*layers))
    return made


def write_fastestdet(folder: Path, config: dict[str, Any] | None = None, k: int = 80) -> tuple[Path, Trained]:
    """Its folder, and the network, which takes blue, green, red."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        made = Trained(k)
        _shake(made)
    folder.mkdir(parents=True, exist_ok=True)
    save_file(made.state_dict(), folder / "model.safetensors")
    (folder / "config.json").write_text(json.dumps({**TERMS, "size": SIDE} if config is None else config))
    return folder, made.eval()
