"""fastai as its vision tutorials show it: a frozen pre-trained body, one cycle, default augmentation.

    python fastai_frozen.py DATA WEIGHTS --seed 0 --epochs 5 --out out.json

DATA has `train` and `val`, and perhaps `test`, each with class folders; WEIGHTS is a timm model folder.
`vision_learner` freezes the body but, as is its default, goes on training its BatchNorm layers. Every
epoch is validated on `val`. Accuracy is that of `test`; without one, that of the last epoch.
"""
# ruff: noqa: E402 - the clock starts before the heavy imports

import time

STARTED = time.perf_counter()

import argparse
import json
from pathlib import Path

import fastai
from fastai.vision.all import (
    ImageDataLoaders,
    Learner,
    Resize,
    accuracy,
    aug_transforms,
    get_image_files,
    set_seed,
    vision_learner,
)

SIZE = 224


def main() -> None:
    """Train, measure, and write the result."""
    asked = arguments()
    set_seed(asked.seed, reproducible=True)
    learner = learner_of(asked.data, asked.weights)
    started = time.perf_counter()
    with learner.no_bar():
        learner.fit_one_cycle(asked.epochs)
    trained = time.perf_counter()
    result = {
        "tool": "fastai",
        "version": fastai.__version__,
        "data": asked.data.name,
        "seed": asked.seed,
        "epochs": asked.epochs,
        "accuracy": measured(learner, asked.data / "test"),
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


def learner_of(data: Path, weights: Path) -> Learner:
    """The tutorials' learner: batch size, workers, optimiser, head and normalisation are the defaults."""
    loaders = ImageDataLoaders.from_folder(
        data, train="train", valid="val", item_tfms=Resize(SIZE), batch_tfms=aug_transforms()
    )
    return vision_learner(loaders, f"local-dir:{weights}", metrics=accuracy)


def measured(learner: Learner, test: Path) -> float:
    """Accuracy on the test folder, or what the last epoch measured where there is none."""
    if not test.is_dir():
        return float(learner.recorder.values[-1][-1])
    loader = learner.dls.test_dl(get_image_files(test), with_labels=True)
    with learner.no_bar():
        return float(learner.validate(dl=loader)[-1])


if __name__ == "__main__":
    main()
