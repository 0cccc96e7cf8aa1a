"""The records say what happened: nothing is rounded into something else, and nothing is left out."""

from __future__ import annotations

from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from headstart.adaptation import Arm, Fitted, Plan, Recipe, strategy_named
from headstart.adaptation.base import History, Job
from headstart.bases.base import Base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.plain import plain
from headstart.preprocessing.image import ImagePreprocess
from headstart.runtime import Runtime
from headstart.shipping.report import record
from headstart.targets import of_classes, of_one_kind
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


ADAPTED = (("norm.weight", (4,), "sliced from (8,)"),)


@pytest.fixture
def bench(splits, tmp_path) -> Bench:
    card = BaseCard("tiny", "image", None, None, "cd", 100, 200, 8, 32, ("stem", "top"))
    receipt = Receipt((("stem.weight", (4, 3, 3, 3)),), (), (("fc.bias", (10,)),), 1.0, ADAPTED)
    preprocess = ImagePreprocess(32, (0.5,) * 3, (0.5,) * 3)
    base = Base("tiny", card, Architecture("timm", "x"), preprocess, receipt, lambda size: None, {})
    return Bench(task, splits.examples, np.arange(4), base, FrozenPass(Cache(tmp_path), Runtime()))


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


def result(story) -> dict:
    """What result.json holds."""
    return plain(record.result(story))


def data_record(splits) -> dict:
    return plain(record.data_record(splits))


def learned(story, value=0.5):
    """The same where training from scratch did better than the most frequent class, clearly."""
    arms = story.verification.arms
    nothing = replace(arms[0], test_scores=np.full((2, 4), value - 0.5))
    scratch = replace(arms[2], test_scores=np.full((2, 4), value) + np.eye(2, 4) * 1e-3)
    return replace(story, verification=replace(story.verification, arms=(nothing, arms[1], scratch)))


def test_the_labels_are_worth_what_the_curves_say(story):
    found = result(learned(story))["labels"]
    assert found["reason"] is None
    assert found["multiplier"] == 2.0
    assert found["censored"] == "at_least"
    assert found["interval"][1] is None, "the curve starts above"
    assert [one["labels"] for one in found["curve"]["frozen"]] == [3, 6]
    assert found["curve"]["scratch"][0]["seeds"] == 2
    assert found["needed"] is None
    assert found["needed_reason"]


def test_no_labels_are_worth_anything_against_a_reference_that_learned_nothing(story):
    found = result(story)["labels"]
    assert (found["multiplier"], found["interval"], found["censored"]) == (None, None, None)
    assert "no better than an answer that is always the same" in found["reason"]
    assert found["needed"] is None
    assert found["curve"]["frozen"], "what was measured is still shown"


def test_what_ships_is_told_with_the_reason(story):
    assert "weights" not in result(story)["chosen"]
    weights = {"what": "seed", "why": "time ended", "seed": 2, "of": 6}
    told = result(replace(story, weights=weights))
    assert told["chosen"]["weights"] == weights
    assert "what ships is seed 2 of 6, because time ended" in told["notes"]
    again = {"what": "refit", "why": "nothing is trained by steps", "seed": None, "of": 6}
    assert not any("what ships" in note for note in result(replace(story, weights=again))["notes"])


def test_one_size_is_no_curve(story):
    curves = story.verification.curves
    single = replace(story.verification, curves=replace(curves, frozen=curves.frozen[-1:]))
    found = result(replace(story, verification=single))
    reason = "there are too few examples of a class to halve them"
    assert found["labels"] == {"multiplier": None, "interval": None, "reason": reason}


def test_abstaining_is_counted_on_the_test_split(story):
    found = result(story)["abstain"]
    assert (found["max_error"], found["threshold"]) == (0.05, 0.6)
    assert 0 <= found["answered"] <= 1


def test_the_data_are_counted_by_class_and_split(splits):
    found = data_record(splits)
    assert found["per_class"] == {
        "ant": {"train": 3, "validation": 1, "test": 2},
        "bee": {"train": 3, "validation": 1, "test": 2},
    }
    assert (found["train"], found["validation"], found["test"]) == (6, 2, 4)
    assert found["dropped"] == {"count": 1, "items": [{"file": "ant/cut.png", "reason": "truncated"}]}
    assert found["findings"][0] == {
        "kind": "leak",
        "count": 1,
        "message": "1 file is a copy",
        "items": ["ant/0.png"],
    }
    assert found["fingerprint"] == "sha256:" + "ab" * 32


def test_a_class_without_examples_in_a_split_is_a_nought(splits):
    found = data_record(splits.but(train=np.array([0, 1, 2])))
    assert found["per_class"]["bee"] == {"train": 0, "validation": 1, "test": 2}


def test_the_result_has_the_numbers_as_they_are(story):
    found = result(story)
    assert found["metric"] == {
        "name": "accuracy",
        "value": 0.5,
        "interval": [0.0, 1.0],
        "higher_is_better": True,
        "range": [0, 1],
        "n": 4,
    }
    assert found["chosen"] == {"base": "tiny", "strategy": "finetune", "arm": "finetune"}
    assert found["verdict"]["interval"] == [0.1, 0.4]
    assert found["verdict"]["sentence"].startswith("Pre-trained weights helped: +25.0 points of accuracy")
    assert found["seconds"] == {"check": 0.12, "total": 9.88}
    assert found["receipt"] == {
        "loaded": [["stem.weight", [4, 3, 3, 3]]],
        "fresh": [],
        "unused": [["fc.bias", [10]]],
        "adapted": [["norm.weight", [4], "sliced from (8,)"]],
        "fraction": 1.0,
    }
    assert found["ranking"][0]["score"] == 0.9


def test_an_arm_says_what_it_was_given(story):
    majority, finetune, _ = result(story)["arms"]
    assert majority["given"] == {}
    assert finetune["given"] == {
        "size": 32,
        "epochs": 3,
        "steps": 27,
        "seconds": 3.0,
        "rate": 3e-4,
        "batch": 16,
        "views": 2,
        "opened": ["top"],
    }
    assert finetune["seeds"] == [0.5, 0.5]
    assert (finetune["value"], finetune["seconds"]) == (0.5, 1.23)
    assert finetune["still_improving"] is False


def test_a_shipped_arm_without_transfer_has_no_strategy_and_a_note(story):
    verification = replace(story.verification, shipped=story.verification.arms[2])
    found = result(replace(story, verification=verification))
    assert found["chosen"] == {"base": "tiny", "strategy": None, "arm": "scratch"}
    assert any("scratch did best on validation" in note for note in found["notes"])


def changed(story: record.Story, name: str, note: str | None = None, **history) -> record.Story:
    """The story with another history of one arm."""
    trained = Arm(name, (fitted(0, **history), fitted(1)), (), note)
    arms = tuple(replace(one, arm=trained) if one.name == name else one for one in story.verification.arms)
    return replace(story, verification=replace(story.verification, arms=arms, shipped=arms[1]))


def test_notes_say_what_makes_the_numbers_weaker(story):
    left_out = "broken was left out of the ranking: its features are not numbers"
    few = "the test split has 4 examples only: --set folds=5 tests each of all examples once"
    assert record.notes(story) == [left_out, "a note", few]
    for enough in (replace(story, folds=3), replace(story, splits=story.splits.but(brought_test=True))):
        assert record.notes(enough) == [left_out, "a note"]
    late = record.notes(changed(story, "scratch", kept=2))
    assert any("scratch was still improving" in note and "1 of its seeds" in note for note in late)
    cut = record.notes(changed(story, "finetune", cut_short=True))
    assert any("finetune was cut short" in note for note in cut)
    short = record.notes(changed(story, "finetune", note="3 of 6 seeds fitted the time"))
    assert "finetune: 3 of 6 seeds fitted the time" in short


@pytest.fixture(autouse=True)
def _shown(monkeypatch):
    """Bytes that are no picture are shown all the same."""
    monkeypatch.setattr(
        type(task.modality),
        "shown",
        lambda self, source, side: {"picture": f"data:image/jpeg;{source.decode()}:{side}"},
    )


def test_the_evidence_lists_every_prediction_and_the_surest_mistakes_first(story):
    found = record.evidence(story)
    assert [row["file"] for row in found["predictions"]] == [NAMES[row] for row in TEST]
    assert [row["predicted"] for row in found["predictions"]] == ["ant", "bee", "bee", "ant"]
    assert [row["file"] for row in found["wrong"]] == ["ant/5.png", "bee/5.png"]
    assert found["wrong"][0]["picture"] == "data:image/jpeg;05:160"
    assert found["wrong"][0]["probability"] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-4)
    assert found["confusion"] == {"labels": ["ant", "bee"], "matrix": [[1, 1], [1, 1]]}


def test_the_evidence_shows_training_pictures_only(story):
    samples = record.evidence(story)["samples"]
    assert samples == {
        "ant": [{"picture": f"data:image/jpeg;0{number}:96"} for number in (0, 1, 2)],
        "bee": [{"picture": f"data:image/jpeg;0{number}:96"} for number in (6, 7, 8)],
    }


def test_the_reliability_counts_every_example_once(story):
    found = record.evidence(story)["reliability"]
    assert sum(found["count"]) == 4
    right = sum(share * count for share, count in zip(found["accuracy"], found["count"], strict=True))
    assert right == pytest.approx(2)
    assert found["confidence"] == sorted(found["confidence"])


def test_the_curves_are_of_the_arms_that_were_trained(story):
    curves = record.evidence(story)["curves"]
    assert set(curves) == {"finetune", "scratch"}
    assert curves["finetune"][0] == {
        "seed": 0,
        "train": [0.9, 0.5, 0.4],
        "validation": [0.8, 0.6, 0.7],
        "kept": 1,
    }


def test_pictures_bring_no_evidence_of_their_own(story):
    assert set(record.evidence(story)) == {
        *("curves", "confusion", "samples", "wrong", "reliability", "predictions"),
    }
    assert result(story)["base"]["input_unit"] == "px"


def test_answers_that_are_no_classes_are_shown_from_worst_to_best(story, monkeypatch):
    pytest.importorskip("sacrebleu")
    from headstart.tasks.translation import plugin

    n = 60
    sources = tuple(f"<b>sentence</b> {row}".encode() for row in range(n))
    right = tuple(f"word {row:02}" for row in range(n))
    examples = Examples(
        tuple(f"test.en line {row}" for row in range(n)),
        sources,
        tuple(f"{row:02}" for row in range(n)),
        of_one_kind(right),
    )
    bench = copy(story.bench)
    bench.task, bench.examples = plugin, examples
    monkeypatch.setattr(type(plugin.answer), "evidence", lambda *_: {"signatures": {"chrf": "nrefs:1"}})
    monkeypatch.setattr(type(plugin.modality), "evidence", lambda *_: {})
    given = np.array([text[: row // 8] for row, text in enumerate(right)], dtype=object)
    measured = replace(story.measured, rows=np.arange(n), outputs=given)
    translated = replace(story, bench=bench, measured=measured, abstain={})
    found = record.evidence(translated)
    scores = [row["score"] for row in found["answers"]]
    assert len(scores) == 24
    assert scores == sorted(scores)
    everything = [row["score"] for row in found["predictions"]]
    assert (scores[0], scores[-1], len(everything)) == (min(everything), max(everything), n)
    assert found["answers"][0]["text"].startswith("<b>sentence</b>")
    assert found["signatures"] == {"chrf": "nrefs:1"}
    assert result(translated)["abstain"] is None


def test_a_dull_baseline_that_did_better_and_cannot_ship_is_a_note(story):
    majority, *others = story.verification.arms
    better = replace(majority, validation=0.9, ships=False)
    told = replace(story, verification=replace(story.verification, arms=(better, *others)))
    (note,) = [one for one in record.notes(told) if "majority" in one]
    assert "cannot ship" in note
    assert not [one for one in record.notes(story) if "majority" in one]
