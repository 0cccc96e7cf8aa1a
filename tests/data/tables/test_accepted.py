"""What an annotator turned down is not learned."""

import pandas as pd

import headstart as hs
from headstart.data.tables.accepted import accepted_column, refusal

TEXTS = [f"some words here, number {n}" for n in range(48)]


def table(**more):
    return pd.DataFrame({"text": TEXTS, "label": ["good", "good", "bad", "bad"] * 12, **more})


def test_only_accepted_rows_are_read():
    answers = ["accept", "accept", "accept", "reject"] * 11 + ["accept", "accept", "ignore", None]
    splits = hs.check(table(answer=answers, _input_hash=range(48)))
    assert len(splits.examples) == 35
    assert {one.reason for one in splits.dropped} == {
        "not accepted by its annotator: answer is reject",
        "not accepted by its annotator: answer is ignore",
        "not accepted by its annotator: answer is empty",
    }
    assert refusal("accept") is None


def test_other_answers_are_no_verdicts():
    marks = {"_input_hash": 1}
    assert accepted_column(table(answer="accept", **marks), ["text", "label"]) == "answer"
    assert accepted_column(table(answer="accept"), ["text", "label"]) is None
    assert accepted_column(table(answer="yes", **marks), ["text", "label"]) is None
    assert accepted_column(table(answer="accept", **marks), ["text", "answer"]) is None
