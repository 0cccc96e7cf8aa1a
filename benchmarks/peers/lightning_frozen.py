"""PyTorch Lightning with its own transfer callback: the backbone stays frozen, a linear head learns.

    python lightning_frozen.py DATA WEIGHTS --seed 0 --epochs 5 --out out.json

DATA has `train` and `val`, and perhaps `test`, each with class folders; WEIGHTS is a timm model folder.
The module is the one in the documentation of `BackboneFinetuning`: Adam on the head alone. As it comes, the
callback leaves BatchNorm trainable, and so pays for a backward pass through a body that its optimiser
does not hold; here it freezes BatchNorm too, in eval mode, which is faster. Pictures are prepared by
timm's own transforms, with its default augmentation in training. Every epoch is validated on `val`.
Accuracy is that of `test`; without one, that of the last epoch.
"""
# ruff: noqa: E402 - the clock starts before the heavy imports

import time

STARTED = time.perf_counter()

import argparse
import json
from pathlib import Path

import lightning
import timm
import torch
from lightning.pytorch.callbacks import BackboneFinetuning
from timm.data import create_transform, resolve_data_config
from torch import Tensor, nn
from torch.utils.data import DataLoader
from torchvision.datasets import ImageFolder

BATCH = 32
RATE = 1e-3
WORKERS = 2


def main() -> None:
    """Train, measure, and write the result."""
    asked = arguments()
    lightning.seed_everything(asked.seed, workers=True)
    model = Transfer(asked.weights, classes=len(ImageFolder(asked.data / "train").classes))
    trainer = trainer_of(asked.epochs)
    loaders = (loader(asked.data / "train", model.backbone, True), loader(asked.data / "val", model.backbone))
    started = time.perf_counter()
    trainer.fit(model, *loaders)
    trained = time.perf_counter()
    result = {
        "tool": "lightning",
        "version": lightning.__version__,
        "data": asked.data.name,
        "seed": asked.seed,
        "epochs": asked.epochs,
        "accuracy": measured(trainer, model, asked.data / "test"),
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


class Transfer(lightning.LightningModule):
    """A pre-trained backbone and a new linear head."""

    def __init__(self, weights: Path, classes: int) -> None:
        """`classes` outputs on the backbone's pooled features."""
        super().__init__()
        # the trainer leaves a part that is in eval mode so
        self.backbone = timm.create_model(f"local-dir:{weights}", pretrained=True, num_classes=0).eval()
        self.head = nn.Linear(self.backbone.num_features, classes)

    def forward(self, images: Tensor) -> Tensor:
        """(n, classes) outputs of (n, 3, h, w) images."""
        return self.head(self.backbone(images))

    def training_step(self, batch: list[Tensor]) -> Tensor:
        """The loss of a batch."""
        images, targets = batch
        return nn.functional.cross_entropy(self(images), targets)

    def validation_step(self, batch: list[Tensor]) -> None:
        """Accuracy, averaged over the pictures of an epoch."""
        images, targets = batch
        hits = (self(images).argmax(1) == targets).float()
        self.log("accuracy", hits.mean(), batch_size=len(targets))

    test_step = validation_step

    def configure_optimizers(self) -> torch.optim.Optimizer:
        """Adam on the head; the callback would add the backbone when it is unfrozen."""
        return torch.optim.Adam(self.head.parameters(), lr=RATE)


class Frozen(BackboneFinetuning):
    """The callback, with BatchNorm frozen like the rest of the backbone."""

    def freeze_before_training(self, pl_module: lightning.LightningModule) -> None:
        """Freeze everything."""
        self.freeze(pl_module.backbone, train_bn=False)


def trainer_of(epochs: int) -> lightning.Trainer:
    """A trainer that writes and draws nothing, and never unfreezes."""
    return lightning.Trainer(
        max_epochs=epochs,
        callbacks=[Frozen(unfreeze_backbone_at_epoch=epochs + 1)],
        logger=False,
        enable_checkpointing=False,
        enable_progress_bar=False,
        enable_model_summary=False,
    )


def loader(folder: Path, backbone: nn.Module, training: bool = False) -> DataLoader:
    """Batches of a folder as timm prepares them for this backbone."""
    transform = create_transform(**resolve_data_config({}, model=backbone), is_training=training)
    pictures = ImageFolder(folder, transform)
    return DataLoader(pictures, BATCH, shuffle=training, num_workers=WORKERS, persistent_workers=WORKERS > 0)


def measured(trainer: lightning.Trainer, model: Transfer, test: Path) -> float:
    """Accuracy on the test folder, or what the last epoch measured where there is none."""
    if not test.is_dir():
        return float(trainer.callback_metrics["accuracy"])
    return float(trainer.test(model, loader(test, model.backbone), verbose=False)[0]["accuracy"])


if __name__ == "__main__":
    main()
