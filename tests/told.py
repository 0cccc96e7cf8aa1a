"""A story as the stages of a run tell it, made up: fixtures `splits`, `bench` and `story`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from headstart.adaptation import Arm, Fitted, Plan, Recipe, strategy_named
from headstart.adaptation.base import History, Job
from headstart.bases.base import Base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.preprocessing.image import ImagePreprocess
from headstart.runtime import Runtime
from headstart.shipping.report import record
from headstart.targets import of_classes
from headstart.tasks.image_classification import plugin as task
from headstart.tasks.scores.classes import ACCURACY
from headstart.types import (
    Architecture,
    BaseCard,
    Dropped,
    Examples,
    Finding,
    Interval,
    Receipt,
    Splits,
    Verdict,
)
from headstart.verification import ArmResult, Measured, Verification
from headstart.verification.curve import Curves, Point

NAMES = tuple(f"{label}/{number}.png" for label in ("ant", "bee") for number in range(6))
TEST = np.array([4, 5, 10, 11])
OUTPUTS = np.array([[2.0, 0.0], [0.0, 3.0], [0.0, 1.0], [0.5, 0.0]])
"""Right, surely wrong, right, unsurely wrong."""


@pytest.fixture
def splits() -> Splits:
    targets = np.repeat([0, 1], 6)
    digests = tuple(f"{number:02}" for number in range(12))
    examples = Examples(
        NAMES, tuple(digest.encode() for digest in digests), digests, of_classes(targets, ("ant", "bee"))
    )
    return Splits(
        examples=examples,
        train=np.array([0, 1, 2, 6, 7, 8]),
        validation=np.array([3, 9]),
        test=TEST,
        dropped=(Dropped("ant/cut.png", "truncated"),),
        findings=(Finding("leak", "1 file is a copy", ("ant/0.png",)),),
        fingerprint="ab" * 32,
        brought_validation=False,
    )


LEARNED = np.array([0, 1, 2, 3, 6, 7, 8, 9])
FEATURES = np.where(np.arange(12) < 6, 0.0, 1.0)[:, None] + np.arange(12)[:, None] / 100
"""(12, 1) by which ants and bees are told apart; but row 3, an ant, looks like a bee."""
FEATURES[3] = 1.05
ADAPTED = (("norm.weight", (4,), "sliced from (8,)"),)


@pytest.fixture
def bench(splits, tmp_path) -> Bench:
    card = BaseCard("tiny", "image", None, None, "cd", 100, 200, 8, 32, ("stem", "top"))
    receipt = Receipt((("stem.weight", (4, 3, 3, 3)),), (), (("fc.bias", (10,)),), 1.0, ADAPTED)
    preprocess = ImagePreprocess(32, (0.5,) * 3, (0.5,) * 3)
    base = Base("tiny", card, Architecture("timm", "x"), preprocess, receipt, lambda size: None, {})
    made = Bench(task, splits.examples, LEARNED, base, FrozenPass(Cache(tmp_path), Runtime()))
    made.features = lambda: FEATURES
    return made


def fitted(seed: int, **history) -> Fitted:
    recipe = Recipe(epochs=3, batch=16, rate=3e-4, cuts=("top",), size=32, views=2)
    job = Job(
        "finetune",
        strategy_named("finetune"),
        0,
        recipe,
        np.arange(3),
        np.arange(3, 4),
        number=seed,
    )
    default = {
        "train": (0.9, 0.5, 0.4),
        "validation": (0.8, 0.6, 0.7),
        "kept": 1,
        "steps": 24,
        "seconds": 2.0,
    }
    return Fitted(job, {}, History(**{**default, **history}), 2.5)


def arm(name: str, value: float, trained: Arm | None = None) -> ArmResult:
    scores = np.tile(task.score.of(OUTPUTS, np.array([0, 0, 1, 1])), (2, 1)) * value
    return ArmResult(
        name=name,
        validation=0.75,
        test_scores=scores,
        outputs=(),
        validation_outputs=(),
        validation_scores=(),
        seconds=1.23456,
        score=ACCURACY,
        arm=trained,
    )


@pytest.fixture
def story(splits, bench) -> record.Story:
    trained = Arm("finetune", (fitted(0), fitted(1, steps=30, seconds=4.0)), (), None)
    always = replace(arm("majority", 0.5), deaf=True)
    arms = (always, arm("finetune", 1.0, trained), arm("scratch", 0.5, replace(trained)))
    better, worse = (Point(labels, np.ones((2, 4)) * 0.5) for labels in (3, 6))
    curves = Curves((better, worse), (Point(6, np.array([[1.0, 0.0, 0.0, 0.0]] * 2)),), ACCURACY)
    verdict = Verdict("helps", 0.25, Interval(0.1, 0.4), 6, "finetune", "scratch", 0.5, 0.005, False)
    return record.Story(
        task="image_classification",
        splits=splits,
        bench=bench,
        ranking={
            "chosen": {"base": "tiny", "framing": "middle of the picture"},
            "rows": [{"base": "tiny", "score": 0.9}],
            "left_out": [{"file": "broken", "reason": "its features are not numbers"}],
        },
        plan=Plan(5.0, 1, 0, 6, {"finetune": Recipe(epochs=3)}, "frozen", {"finetune": 3.0}, ("a note",)),
        verification=Verification(arms, verdict, arms[1], curves),
        measured=Measured(
            rows=TEST,
            outputs=OUTPUTS,
            value=0.5,
            interval=Interval(0.0, 1.0),
            metrics=task.metrics(OUTPUTS, np.array([0, 0, 1, 1])),
        ),
        strategies=("frozen", "finetune"),
        seconds={"check": 0.123456, "total": 9.87654},
        abstain={"max_error": 0.05, "threshold": 0.6},
    )
