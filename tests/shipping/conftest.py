"""A result and its evidence as a run writes them, made up but consistent, for any number of classes."""

from __future__ import annotations

import base64
import io
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PIL import Image

from benches import base, home

__all__ = ["base", "home"]

Pair = tuple[dict[str, Any], dict[str, Any]]
SIX = range(6)


@pytest.fixture
def made() -> Pair:
    return make_run(("ants", "bees"))


@pytest.fixture
def result(made: Pair) -> dict[str, Any]:
    return made[0]


@pytest.fixture
def evidence(made: Pair) -> dict[str, Any]:
    return made[1]


@pytest.fixture
def make() -> Callable[[tuple[str, ...]], Pair]:
    return make_run


@pytest.fixture
def of_texts() -> Pair:
    """The same of a run that classified texts."""
    result, evidence = make_run(("ants", "bees"))
    result["task"] = "text_classification"
    result["data"]["findings"][0]["message"] = "Two texts of the training split are the same."
    result["base"] |= {"modality": "text", "input_size": 40, "input_unit": "tokens", "name": "builtin/minilm"}
    result["chosen"]["base"] = "builtin/minilm"
    result["arms"][1]["name"] = "tfidf"
    for number, row in enumerate(evidence["wrong"]):
        del row["picture"]
        row |= {"text": f"<i>text</i> {number} " + "word " * number, "file": f"test.csv row {number}"}
    evidence["samples"] = {label: [{"text": f"about {label}"}] for label in ("ants", "bees")}
    evidence["words"] = [
        {"label": "ants", "words": [{"word": "hill", "share": 0.5, "elsewhere": 0.01}]},
        {"label": "bees", "words": []},
    ]
    evidence["lengths"] = _lengths(cut=0.25)
    return result, evidence


@pytest.fixture
def of_translations() -> Pair:
    """The same of a run that translated."""
    result, evidence = make_run(("ants", "bees"))
    counts = {"train": 208, "validation": 36, "test": 152}
    result |= {"task": "translation", "abstain": None, "labels": {"multiplier": None, "interval": None}}
    result["metric"]["name"] = "chrf"
    result["metrics"] = {"chrf": 0.934, "corpus_chrf": 0.9, "bleu": 0.5}
    result["data"] |= {"labels": [], "per_class": {"examples": counts}}
    result["base"] |= {"modality": "translation", "input_size": 96, "input_unit": "tokens"}
    names = ("copy", "memory", "scratch", "frozen", "finetune")
    result["arms"] = [{**result["arms"][3], "name": name} for name in names]
    answers = [
        {
            "file": f"test.en line {number}",
            "text": f"source {number}",
            "label": f"reference {number}",
            "predicted": f"answer {number}" if number else "",
            "score": number / 24,
        }
        for number in range(24)
    ]
    return result, {
        "curves": evidence["curves"],
        "answers": answers,
        "predictions": answers,
        "lengths": _lengths(cut=0.0),
        "signatures": {"chrf": "nrefs:1|case:mixed", "bleu": "nrefs:1|tok:13a"},
    }


@pytest.fixture
def of_masks(of_translations: Pair) -> Pair:
    """The same of a run that found regions."""
    result, evidence = of_translations
    result |= {
        "task": "segmentation",
        "metrics": {"mean_iou": 0.934, "boundary_f": 0.8, "iou red_cell": 0.7},
        "speed": {"milliseconds": 12.5, "frames_per_second": 80.0, "size": 256, "threads": 2},
    }
    result["metric"]["name"] = "mean_iou"
    result["base"] |= {"modality": "image", "input_unit": "px", "input_size": 256}
    answers = [
        {
            "file": f"test/<{number}>.png",
            "score": number / 6 - 0.2,
            "scene": {
                "picture": picture(number),
                "size": [96, 96],
                "said": "1 right, 1 missed",
                "outlines": [
                    {"judgement": "missed", "label": "cat", "path": "M1 1H9V9H1z"},
                    {"judgement": "right", "label": "cat 0.90", "path": "M20 1H29V9H20z"},
                    {
                        "judgement": "other class",
                        "label": "dog <0>, is cat",
                        "path": "M40 1H49z",
                        "at": [10, 2],
                    },
                ],
            },
        }
        for number in SIX
    ]
    return result, {"curves": evidence["curves"], "answers": answers, "predictions": []}


def _lengths(cut: float) -> dict[str, Any]:
    return {
        "texts": 60,
        "takes": 40,
        "median": 17.5,
        "longest": 61,
        "texts_cut": cut,
        "tokens_cut": cut / 2,
        "counts": [10, 20, 15, 15],
        "edges": [2, 17, 32, 47, 62],
    }


def make_run(labels: tuple[str, ...]) -> Pair:
    """result.json and evidence.json of a run on these classes."""
    return _result(labels), _evidence(labels)


def picture(seed: int, side: int = 96) -> str:
    """A small generated JPEG as a data URI: a blurred blob of one colour on another."""
    draw = np.random.default_rng(seed)
    y, x = np.mgrid[0:side, 0:side] / side
    spot = np.exp(-((x - draw.uniform(0.3, 0.7)) ** 2 + (y - draw.uniform(0.3, 0.7)) ** 2) / 0.04)[..., None]
    pixels = spot * draw.uniform(0, 255, 3) + (1 - spot) * draw.uniform(60, 220, 3)
    pixels = (pixels + draw.normal(0, 9, pixels.shape)).clip(0, 255)
    file = io.BytesIO()
    Image.fromarray(pixels.astype(np.uint8)).save(file, "JPEG", quality=80)
    return "data:image/jpeg;base64," + base64.b64encode(file.getvalue()).decode()


def _result(labels: tuple[str, ...]) -> dict[str, Any]:
    return {
        "schema": "headstart/result/1",
        "headstart": "0.1.0",
        "task": "image_classification",
        "data": _data(labels),
        "chosen": {"base": "timm/mobilenetv2_100.ra_in1k", "strategy": "finetune", "arm": "finetune"},
        "metric": {
            "name": "accuracy",
            "value": 0.934,
            "interval": [0.88, 0.961],
            "higher_is_better": True,
            "range": [0, 1],
            "n": 153,
        },
        "metrics": {"accuracy": 0.934, "balanced_accuracy": 0.92, "macro_f1": 0.93, "log_loss": 0.2134},
        "arms": _arms(),
        "verdict": {
            "call": "helps",
            "delta": 0.312,
            "interval": [0.27, 0.351],
            "seeds": 6,
            "transfer": "finetune",
            "baseline": "scratch",
            "p": 0.03125,
            "margin": 0.005,
            "equivalent": False,
            "ended": "seeds",
            "preliminary": False,
            "sentence": None,
        },
        "labels": {
            "multiplier": 6.5,
            "interval": [4.1, None],
            "censored": None,
            "curve": {
                "frozen": [_point(26, 0.9), _point(52, 0.92), _point(104, 0.93), _point(208, 0.934)],
                "scratch": [_point(104, 0.5), _point(208, 0.622)],
            },
            "needed": {"value": 0.967, "labels": 1400, "interval": [600, None]},
        },
        "abstain": {"max_error": 0.05, "threshold": 0.71, "answered": 0.95, "error": 0.042},
        "ranking": [
            {"base": "timm/mobilenetv2_100.ra_in1k", "score": 0.93, "accuracy_loo": 0.928, "logme": 0.412},
            {"base": "../weights/mobilenet_v3_small", "score": 0.9, "accuracy_loo": 0.904, "logme": 0.398},
        ],
        "seconds": {"check": 3.1, "rank": 10.0, "adapt": 120.2, "verify": 200.1, "ship": 4.0, "total": 340.0},
        "base": _base(),
        "receipt": {
            "loaded": [["conv_stem.weight", [32, 3, 3, 3]], ["bn1.weight", [32]], ["bn1.count", []]],
            "fresh": [["classifier.weight", [len(labels), 1280]]],
            "unused": [["classifier.weight", [1000, 1280]]],
            "fraction": 0.998,
        },
        "plan": {
            "minutes": 6,
            "seeds": list(SIX),
            "resumed": False,
            "arms": {
                "finetune": {"epochs": 6, "size": 224, "boundary": "stages.3"},
                "scratch": {"epochs": 30},
            },
        },
        "notes": ["The validation split is small: 36 examples."],
    }


def _point(labels: int, value: float) -> dict[str, Any]:
    return {"labels": labels, "value": value, "interval": [value - 0.03, value + 0.03], "seeds": 6}


def _data(labels: tuple[str, ...]) -> dict[str, Any]:
    train, validation, test = 104, 18, 76
    k = len(labels)
    counts = {"train": train, "validation": validation, "test": test}
    return {
        **{split: n * k for split, n in counts.items()},
        "labels": list(labels),
        "per_class": {label: dict(counts) for label in labels},
        "dropped": {
            "count": 2,
            "items": [
                {"file": "train/ants/0013.jpg", "reason": "truncated image"},
                {"file": "train/bees/notes.txt", "reason": "not an image"},
            ],
        },
        "findings": [
            {
                "kind": "duplicates",
                "count": 2,
                "message": "Two pictures of the training split are nearly the same.",
                "items": ["train/ants/0001.jpg", "train/ants/0001 (copy).jpg"],
            }
        ],
        "fingerprint": "sha256:" + "5e" * 32,
    }


def _arms() -> list[dict[str, Any]]:
    means = {
        "majority": 0.542,
        "raw_pixels": 0.601,
        "reinit": 0.588,
        "scratch": 0.622,
        "frozen": 0.921,
        "warm_init": 0.911,
        "finetune": 0.934,
    }
    draw = random.Random(0)
    return [
        {
            "name": name,
            "value": mean,
            "interval": [mean - 0.045, mean + 0.035],
            "validation": mean + 0.01,
            "seconds": 41.3,
            "seeds": [mean + draw.uniform(-0.02, 0.02) for _ in SIX],
            "given": {} if name == "majority" else {"size": 224, "epochs": 6, "steps": 96, "seconds": 40.0},
            "still_improving": name == "scratch",
            "note": "smaller input: stronger in the time" if name == "scratch" else None,
        }
        for name, mean in means.items()
    ]


def _base() -> dict[str, Any]:
    return {
        "name": "timm/mobilenetv2_100.ra_in1k",
        "modality": "image",
        "source_data": "ImageNet-1k",
        "licence": "Apache-2.0",
        "sha256": "ab" * 32,
        "parameters": 2_223_872,
        "flops": 601_620_000,
        "width": 1280,
        "input_size": 224,
        "input_unit": "px",
        "stages": ["stem", "blocks.0", "blocks.1", "blocks.2", "blocks.3"],
    }


def _evidence(labels: tuple[str, ...]) -> dict[str, Any]:
    k = len(labels)
    draw = np.random.default_rng(1)
    matrix = draw.poisson(3 / k, (k, k)) + np.diag(draw.integers(60, 76, k))
    bins = np.linspace(0.55, 0.98, 6)
    pictures = [picture(seed) for seed in range(8)]
    wrong = [
        {
            "file": f"test/{labels[0]}/{seed:04}.jpg",
            "picture": pictures[seed],
            "label": labels[0],
            "predicted": labels[-1],
            "probability": 0.98 - 0.03 * seed,
        }
        for seed in range(6)
    ]
    return {
        "curves": {"finetune": _curves(6, 0.7), "warm_init": _curves(6, 0.9), "scratch": _curves(30, 0.15)},
        "confusion": {"labels": list(labels), "matrix": matrix.tolist()},
        "samples": {
            label: [{"picture": pictures[(i + j) % 8]} for j in range(4)] for i, label in enumerate(labels)
        },
        "wrong": wrong,
        "reliability": {
            "confidence": bins.tolist(),
            "accuracy": (bins - 0.06 * np.sin(7 * bins)).clip(0, 1).tolist(),
            "count": [6, 9, 14, 22, 36, 66],
        },
        "predictions": [],
    }


def _curves(epochs: int, speed: float) -> list[dict[str, Any]]:
    draw = random.Random(epochs)
    runs = []
    for seed in SIX:
        train = [0.72 * 2.7 ** (-speed * e) + draw.uniform(0, 0.02) for e in range(epochs)]
        validation = [loss + 0.06 + 0.5 * speed * (e / epochs) ** 2 * 0.4 for e, loss in enumerate(train)]
        kept = validation.index(min(validation))
        runs.append({"seed": seed, "train": train, "validation": validation, "kept": kept})
    return runs
