"""Texts are whole sentences of SciPy, and none is of two topics or splits."""

from __future__ import annotations

import csv

from headstart.samples import topics


def test_sentences_are_whole_and_sorted():
    found = topics.sentences("linalg")
    assert len(found) > 40
    assert found == sorted(set(found))
    assert all(one.endswith(".") and topics.SHORTEST <= len(one) <= topics.LONGEST for one in found)
    assert any("matrix" in one for one in found)


def test_each_topic_has_as_many_and_no_text_is_in_both(tmp_path):
    topics.write(tmp_path, 0)
    rows = {}
    for split, many in (("train", topics.LABELS), ("test", topics.TESTS)):
        with (tmp_path / f"{split}.csv").open(encoding="utf-8", newline="") as stream:
            rows[split] = [(row["text"], row["label"]) for row in csv.DictReader(stream)]
        for topic in topics.TOPICS.values():
            assert sum(label == topic for _, label in rows[split]) == many
    assert not {text for text, _ in rows["train"]} & {text for text, _ in rows["test"]}
