"""Make `builtin/vision-s` and `builtin/vision-m`: small ResNets pre-trained on drawn pictures alone.

    python scripts/draw_pictures.py PICTURES --classes 100 --per-class 200
    python scripts/pretrain_vision.py s PICTURES WORK --epochs 8
    python scripts/pretrain_vision.py m PICTURES WORK --epochs 8

Supervised by the formulas: four sources of 100 classes, one head each on a shared backbone. WORK keeps what
an interrupted training needs, and the base in full precision; what ships is the same in float16.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from safetensors.torch import load_file, save_file

import headstart as hs
from headstart.cli.output import Terminal

SOURCES = ("fractals", "textures", "contours", "objects")
CHANNELS = {"s": [40, 80, 160, 320], "m": [64, 128, 256, 512]}
TRAINED, USED = 64, 128
"""Input side in training, pixels, and as it ships: objects look larger in training's crops."""
OUT = Path("src/headstart/bases/weights")
SAYS = "drawn by scripts/draw_pictures.py: fractals, textures, contours and objects; no photograph"
CARD = """---
license: apache-2.0
library_name: timm
tags: [headstart, image-classification, pre-trained, synthetic]
---
# builtin/vision-{size}

timm's `resnet10t` with {channels} channels ({parameters:,} parameters), pre-trained from random weights on
{train:,} pictures that the project drew itself, by `scripts/draw_pictures.py`: IFS fractals, noise textures,
contours and shaded objects, 100 formulas of each. No photograph, and nobody else's picture, was shown to it.
Labels are the formulas; the four sources are learned together, a head each, weighed by learned uncertainties.

Made by `scripts/pretrain_vision.py {size}`: {epochs} epochs at {trained} px, {steps:,} steps, {seconds:.0f} s
on one CPU thread, seed 0. The kind of pictures, the network and supervised labels (against VICReg on the same
pictures) were chosen by how well a linear head on 10 labels a class tells classes of Tiny ImageNet apart; the
input side of {used} px by leave-one-out accuracy on the training pictures of hymenoptera, trashnet and
sign_digits. None of their pictures was trained on.

Accuracy on drawn pictures that were held out: {accuracy}.

What it is worth on photographs, beside random weights and real ImageNet weights: `docs/bases.md`.

SHA-256 of the backbone's weights in full precision: `{sha256}`
"""


def main() -> None:
    """Pre-train one size and put it where the package looks."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("size", choices=tuple(CHANNELS))
    parser.add_argument("pictures", type=Path)
    parser.add_argument("work", type=Path)
    parser.add_argument("--epochs", type=int, required=True)
    parser.add_argument("--out", type=Path, default=OUT)
    asked = parser.parse_args()
    network = asked.work / f"network-{asked.size}"
    network.mkdir(parents=True, exist_ok=True)
    (network / "config.json").write_text(json.dumps(settings(asked.size, TRAINED)))
    base = asked.work / f"vision-{asked.size}"
    if not (base / "result.json").exists():
        hs.pretrain(
            *([asked.pictures / name for name in SOURCES], base),
            architecture=str(network),
            size=TRAINED,
            epochs=asked.epochs,
            licence="apache-2.0",
            reporter=Terminal(),
        )
    ship(asked.size, base, asked.out / f"vision-{asked.size}")


def ship(size: str, base: Path, folder: Path) -> None:
    """The base in float16, with its card."""
    result = json.loads((base / "result.json").read_text())
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    state = load_file(base / "model.safetensors")
    halves = {name: value.half() if value.is_floating_point() else value for name, value in state.items()}
    save_file(halves, folder / "model.safetensors", {"format": "pt"})
    shipped = {**settings(size, USED), "source_data": SAYS, "license": "apache-2.0"}
    (folder / "config.json").write_text(json.dumps(shipped, indent=2) + "\n")
    shown = ", ".join(f"{one['name']} {one['value']:.2f}" for one in result["sources"])
    card = CARD.format(
        size=size,
        channels="/".join(map(str, CHANNELS[size])),
        parameters=sum(one.numel() for name, one in state.items() if name.endswith(("weight", "bias"))),
        train=sum(one["train"] for one in result["sources"]),
        trained=TRAINED,
        used=USED,
        accuracy=shown,
        **{name: result[name] for name in ("epochs", "steps", "seconds", "sha256")},
    )
    (folder / "README.md").write_text(card)
    print(f"{folder}: {shown}; {result['seconds']:.0f} s")


def settings(size: str, side: int) -> dict:
    """A config in timm's format."""
    return {
        "architecture": "resnet10t",
        "num_classes": 0,
        "model_args": {"channels": CHANNELS[size]},
        "pretrained_cfg": {
            "input_size": [3, side, side],
            "mean": [0.485, 0.456, 0.406],
            "std": [0.229, 0.224, 0.225],
            "interpolation": "bicubic",
            "crop_pct": 0.875,
            "crop_mode": "center",
            "fixed_input_size": False,
            "num_classes": 0,
        },
    }


if __name__ == "__main__":
    main()
