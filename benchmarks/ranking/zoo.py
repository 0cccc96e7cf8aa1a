"""The bases of the benchmark: real checkpoints, networks that are pre-trained here, a useless one.

Real checkpoints are read at 128 pixels, so that all of them can be fine-tuned on every target on two cores.
The networks that are pre-trained here learn classes of `tinyimagenet100a.zip` that no target holds.
"""

from __future__ import annotations

import json
import shutil
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import timm
import torch
from numpy.typing import NDArray
from PIL import Image
from safetensors.torch import save_file
from targets import classes_of
from torch import nn
from torch.nn import functional

SIDE, SMALL = 128, 64
"""Input sides in pixels: of the real checkpoints, and of what is pre-trained here."""
EPOCHS, BATCH, RATE = 24, 64, 2e-3
USELESS = "random_mobilenet_v2"
RANDOM_OF = "mobilenet_v2_imagenet"
"""The useless base has the settings of this one, and random weights."""


@dataclass(frozen=True)
class Source:
    """A network to pre-train here."""

    name: str
    architecture: str
    classes: str
    """`first` or `second`: which half of the source classes it learns."""
    seed: int = 0


SOURCES = (
    Source("tiny_first_resnet10t", "resnet10t", "first"),
    Source("tiny_second_resnet10t", "resnet10t", "second"),
    Source("tiny_first_thin", "test_resnet", "first"),
    Source("tiny_first_thin_again", "test_resnet", "first", seed=1),
)


def shrunken(weights: Path, folder: Path) -> list[Path]:
    """Copies of the timm folders in `weights` with another input side."""
    made = []
    for source in sorted(path.parent for path in weights.glob("*/config.json")):
        made.append(target := folder / source.name)
        if not target.exists():
            shutil.copytree(source, target)
            config = json.loads((source / "config.json").read_text())
            config.get("pretrained_cfg", config)["input_size"] = [3, SIDE, SIDE]
            (target / "config.json").write_text(json.dumps(config, indent=1))
    return made


def useless(folder: Path) -> Path:
    """Random weights that call themselves pre-trained."""
    target = folder / USELESS
    if not target.exists():
        shutil.copytree(folder / RANDOM_OF, target)
        torch.manual_seed(0)
        config = json.loads((target / "config.json").read_text())
        network = timm.create_model(config["architecture"], num_classes=0, **config["model_args"])
        save_file(network.state_dict(), target / "model.safetensors", {"format": "pt"})
    return target


def pretrained(source: Source, tiny: Path, folder: Path) -> Path:
    """The network trained on its half of the source classes, as a timm folder."""
    target = folder / source.name
    pictures, labels = _pictures(tiny, classes_of(tiny)[source.classes])
    torch.manual_seed(source.seed)
    network = timm.create_model(source.architecture, num_classes=len(set(labels.tolist())))
    _train(network, pictures, labels)
    state = {name: value for name, value in network.state_dict().items() if not name.startswith("fc.")}
    target.mkdir(parents=True, exist_ok=True)
    settings = {"input_size": [3, SMALL, SMALL], "mean": [0.5] * 3, "std": [0.25] * 3, "crop_pct": 1.0}
    settings |= {"interpolation": "bilinear", "license": "other", "num_classes": 0}
    config = {"architecture": source.architecture, "num_classes": 0, "pretrained_cfg": settings}
    (target / "config.json").write_text(json.dumps(config, indent=1))
    save_file(state, target / "model.safetensors", {"format": "pt"})
    return target


def _pictures(tiny: Path, classes: Sequence[str]) -> tuple[torch.Tensor, torch.Tensor]:
    files = [
        (file, k) for k, name in enumerate(classes) for file in sorted((tiny / "train" / name).iterdir())
    ]
    arrays: list[NDArray[np.uint8]] = [np.asarray(Image.open(file).convert("RGB")) for file, _ in files]
    pictures = torch.from_numpy(np.stack(arrays)).permute(0, 3, 1, 2)
    return (pictures / 255 - 0.5) / 0.25, torch.tensor([k for _, k in files])


def _train(network: nn.Module, pictures: torch.Tensor, labels: torch.Tensor) -> None:
    optimizer = torch.optim.AdamW(network.parameters(), lr=RATE, weight_decay=0.05)
    steps = EPOCHS * (len(labels) // BATCH)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, RATE, steps)
    network.train()
    for _ in range(EPOCHS):
        order = torch.randperm(len(labels))
        for start in range(0, len(order) - BATCH + 1, BATCH):
            rows = order[start : start + BATCH]
            loss = functional.cross_entropy(
                network(_shaken(pictures[rows])), labels[rows], label_smoothing=0.1
            )
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            schedule.step()


def _shaken(batch: torch.Tensor) -> torch.Tensor:
    """Mirrored at random and shifted by up to 6 pixels."""
    flipped = torch.where(torch.rand(len(batch), 1, 1, 1) < 0.5, batch.flip(3), batch)
    padded = functional.pad(flipped, (6,) * 4, mode="reflect")
    x, y = torch.randint(0, 13, (2,)).tolist()
    return padded[:, :, y : y + SMALL, x : x + SMALL]


if __name__ == "__main__":
    wanted, tiny_folder, made_in = sys.argv[1:]
    pretrained(next(one for one in SOURCES if one.name == wanted), Path(tiny_folder), Path(made_in))
