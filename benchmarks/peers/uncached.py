"""The plain recipe in plain PyTorch: a frozen timm body run anew every epoch, and a linear head.

    python uncached.py DATA WEIGHTS --seed 0 --epochs 5 --out out.json

DATA has `train` and `val`, and perhaps `test`, each with class folders; WEIGHTS is a timm model folder.
The body is in eval mode and without gradients, so only the forward pass is paid for; there is no
augmentation. Every epoch is validated on `val`. Accuracy is that of `test`; without one, that of the last
epoch.
"""
# ruff: noqa: E402 - the clock starts before the heavy imports

import time

STARTED = time.perf_counter()

import argparse
import json
from pathlib import Path

import timm
import torch
from timm.data import create_transform, resolve_data_config
from torch import nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

BATCH = 32
RATE = 1e-3
WORKERS = 2


def main() -> None:
    """Train, measure, and write the result."""
    asked = arguments()
    torch.manual_seed(asked.seed)
    body = timm.create_model(f"local-dir:{asked.weights}", pretrained=True, num_classes=0).eval()
    training = loader(asked.data / "train", body, shuffle=True)
    head = nn.Linear(body.num_features, len(training.dataset.classes))
    started = time.perf_counter()
    last = fit(body, head, training, loader(asked.data / "val", body), asked.epochs)
    trained = time.perf_counter()
    test = asked.data / "test"
    result = {
        "tool": "uncached",
        "version": f"timm {timm.__version__}, torch {torch.__version__}",
        "data": asked.data.name,
        "seed": asked.seed,
        "epochs": asked.epochs,
        "accuracy": accuracy(body, head, loader(test, body)) if test.is_dir() else last,
        "seconds_train": trained - started,
        "seconds_total": time.perf_counter() - STARTED,
    }
    asked.out.write_text(json.dumps(result), encoding="utf-8")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--epochs", type=int, default=5)
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def loader(folder: Path, body: nn.Module, shuffle: bool = False) -> DataLoader:
    """Batches of a folder as timm prepares them for evaluating this body."""
    pictures = ImageFolder(folder, create_transform(**resolve_data_config({}, model=body)))
    return DataLoader(pictures, BATCH, shuffle=shuffle, num_workers=WORKERS, persistent_workers=WORKERS > 0)


def fit(body: nn.Module, head: nn.Module, training: DataLoader, validation: DataLoader, epochs: int) -> float:
    """Train the head; returns the last epoch's accuracy on validation."""
    optimizer = torch.optim.AdamW(head.parameters(), lr=RATE)
    found = 0.0
    for epoch in range(epochs):
        for images, targets in training:
            with torch.no_grad():
                features = body(images)
            loss = nn.functional.cross_entropy(head(features), targets)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        found = accuracy(body, head, validation)
        print(f"epoch {epoch + 1}: accuracy {found:.3f}", flush=True)
    return found


@torch.no_grad()
def accuracy(body: nn.Module, head: nn.Module, batches: DataLoader) -> float:
    """Share of the pictures that get their label."""
    hits = [head(body(images)).argmax(1) == targets for images, targets in batches]
    return torch.cat(hits).float().mean().item()


if __name__ == "__main__":
    main()
