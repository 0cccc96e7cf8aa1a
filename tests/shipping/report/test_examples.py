"""What is told of single examples: the evidence lists each, and shows some."""

from __future__ import annotations

import json
from copy import copy
from dataclasses import replace

import numpy as np
import pytest

from headstart.plain import plain
from headstart.shipping.report import examples, record
from headstart.targets import of_one_kind
from headstart.tasks.image_classification import plugin as task
from headstart.types import Examples
from told import LEARNED, NAMES, TEST, bench, splits, story

__all__ = ["bench", "splits", "story"]


@pytest.fixture(autouse=True)
def _shown(monkeypatch):
    """Bytes that are no picture are shown all the same."""
    monkeypatch.setattr(
        type(task.modality),
        "shown",
        lambda self, source, side: {"picture": f"data:image/jpeg;{source.decode()}:{side}"},
    )


def test_the_evidence_lists_every_prediction_and_the_surest_mistakes_first(story):
    found = examples.evidence(story)
    assert [row["file"] for row in found["predictions"]] == [NAMES[row] for row in TEST]
    assert [row["predicted"] for row in found["predictions"]] == ["ant", "bee", "bee", "ant"]
    assert [row["file"] for row in found["wrong"]] == ["ant/5.png", "bee/5.png"]
    assert found["wrong"][0]["picture"] == "data:image/jpeg;05:160"
    assert found["wrong"][0]["probability"] == pytest.approx(1 / (1 + np.exp(-3)), abs=1e-4)
    assert found["confusion"] == {"labels": ["ant", "bee"], "matrix": [[1, 1], [1, 1]]}


def test_the_evidence_shows_training_pictures_only(story):
    samples = examples.evidence(story)["samples"]
    assert samples == {
        "ant": [{"picture": f"data:image/jpeg;0{number}:96"} for number in (0, 1, 2)],
        "bee": [{"picture": f"data:image/jpeg;0{number}:96"} for number in (6, 7, 8)],
    }


def test_the_reliability_counts_every_example_once(story):
    found = examples.evidence(story)["reliability"]
    assert sum(found["count"]) == 4
    right = sum(share * count for share, count in zip(found["accuracy"], found["count"], strict=True))
    assert right == pytest.approx(2)
    assert found["confidence"] == sorted(found["confidence"])


def test_the_curves_are_of_the_arms_that_were_trained(story):
    curves = examples.evidence(story)["curves"]
    assert set(curves) == {"finetune", "scratch"}
    assert curves["finetune"][0] == {
        "seed": 0,
        "train": [0.9, 0.5, 0.4],
        "validation": [0.8, 0.6, 0.7],
        "kept": 1,
    }


def test_pictures_bring_no_evidence_of_their_own(story):
    assert set(examples.evidence(story)) == {
        *("curves", "confusion", "samples", "wrong", "reliability", "predictions", "scores", "doubts"),
    }


def test_answers_that_are_no_classes_are_shown_from_worst_to_best(story, monkeypatch):
    pytest.importorskip("sacrebleu")
    from headstart.tasks.translation import plugin

    n = 60
    sources = tuple(f"<b>sentence</b> {row}".encode() for row in range(n))
    right = tuple(f"word {row:02}" for row in range(n))
    some = Examples(
        tuple(f"test.en line {row}" for row in range(n)),
        sources,
        tuple(f"{row:02}" for row in range(n)),
        of_one_kind(right),
    )
    bench = copy(story.bench)
    bench.task, bench.examples = plugin, some
    monkeypatch.setattr(type(plugin.answer), "evidence", lambda *_: {"signatures": {"chrf": "nrefs:1"}})
    monkeypatch.setattr(type(plugin.modality), "evidence", lambda *_: {})
    given = np.array([text[: row // 8] for row, text in enumerate(right)], dtype=object)
    measured = replace(story.measured, rows=np.arange(n), outputs=given)
    translated = replace(story, bench=bench, measured=measured, abstain={})
    found = examples.evidence(translated)
    scores = [row["score"] for row in found["answers"]]
    assert len(scores) == 24
    assert scores == sorted(scores)
    everything = [row["score"] for row in found["predictions"]]
    assert (scores[0], scores[-1], len(everything)) == (min(everything), max(everything), n)
    assert found["answers"][0]["text"].startswith("<b>sentence</b>")
    assert found["signatures"] == {"chrf": "nrefs:1"}
    assert plain(record.result(translated))["abstain"] is None


def test_each_prediction_says_by_what_another_run_finds_it(story):
    found = examples.evidence(story)
    assert [row["digest"] for row in found["predictions"]] == ["04", "05", "10", "11"]
    assert len({row["unit"] for row in found["predictions"]}) == 4
    assert found["scores"]["accuracy"] == [1.0, 0.0, 1.0, 0.0]
    means = {name: np.mean(scores) for name, scores in found["scores"].items()}
    assert means == pytest.approx({name: story.measured.metrics[name] for name in means})
    assert json.loads(json.dumps(found["scores"])) == found["scores"]


def test_a_label_that_looks_like_another_class_is_in_doubt(story):
    found = examples.evidence(story)["doubts"]
    assert found["examples"] == len(LEARNED)
    (doubt,) = found["items"]
    assert (doubt["file"], doubt["label"], doubt["likely"]) == ("ant/3.png", "ant", "bee")
    assert doubt["probability"] < 0.5 < doubt["likely_probability"]
    assert doubt["picture"] == "data:image/jpeg;03:160"


def test_labels_of_which_nobody_else_could_know_are_not_doubted(story):
    alone = copy(story.bench)
    alone.pool = np.array([0, 1, 2, 6])
    assert "doubts" not in examples.evidence(replace(story, bench=alone))
