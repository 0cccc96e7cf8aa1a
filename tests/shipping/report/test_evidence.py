"""Evidence is read as records, whatever a task has of it."""

from __future__ import annotations

import pytest

from headstart.plain import Unfit, read
from headstart.shipping.report.evidence import Evidence


def test_what_a_task_has_no_evidence_of_is_none(evidence):
    found = read(Evidence, evidence)
    assert found.confusion.labels == ("ants", "bees")
    assert found.curves["finetune"][0].kept == evidence["curves"]["finetune"][0]["kept"]
    assert found.samples["ants"][0].picture.startswith("data:image/jpeg")
    assert (found.answers, found.words, found.lengths, found.signatures) == (None, None, None, None)
    assert read(Evidence, {}).curves is None


def test_answers_have_what_their_kind_shows(of_translations):
    first, second, *_ = read(Evidence, of_translations[1]).answers
    assert (first.text, first.label, first.predicted) == ("source 0", "reference 0", "")
    assert second.picture is None


def test_a_mistake_without_a_file_is_named(evidence):
    del evidence["wrong"][1]["file"]
    with pytest.raises(Unfit, match=r"wrong\[1\]\.file is missing"):
        read(Evidence, evidence)


def test_every_run_leaves_evidence_that_is_read(finished):
    found = read(Evidence, finished.read("evidence.json"))
    assert sum(found.reliability.count) == len(finished.read("evidence.json")["predictions"])
