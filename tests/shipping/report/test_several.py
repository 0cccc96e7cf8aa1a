"""The page of several targets: everything is escaped, every verdict is said."""

from __future__ import annotations

from headstart.plain import read
from headstart.records import Target
from headstart.shipping.report.several import render, sentence


def row(name="photos", call="helps", delta=0.1):
    return {
        "name": name,
        "bundle": f"{name}/bundle",
        "chosen": "multi",
        "train": 10,
        "test": 5,
        "dropped": {"count": 1, "items": [{"file": "<b>.png", "reason": "damaged & gone"}]},
        "arms": {"single": 0.5, "multi": 0.6},
        "verdict": {
            "call": call,
            "delta": delta,
            "interval": [delta - 0.05, delta + 0.05],
            "p": 0.031,
            "seeds": 6,
            "transfer": "multi",
            "baseline": "single",
            "margin": 0.005,
            "equivalent": False,
        },
        "metric": "accuracy",
        "fingerprint": "sha256:ab",
        "validation": {"single": 0.5, "multi": 0.6},
    }


def result(*rows):
    return {
        "targets": rows,
        "task": "image_classification",
        "mean_delta": 0.02,
        "base": "my-base",
        "strategy": "finetune",
        "seeds": 6,
        "epochs": 3,
    }


def test_a_sentence_says_call_difference_interval_and_what_ships():
    said = sentence(read(Target, row(call="hurts", delta=-0.1)))
    assert said.startswith("photos: sharing hurts, −10.0 points (−15.0 to −5.0, 6 seeds)")
    assert said.endswith("shipped: multi")


def test_the_page_has_each_target_and_asks_for_nothing_outside():
    page = render(result(row("photos"), row("<script>", "undecided", 0.0)))
    assert page.count("<svg") == 2
    assert "<script>" not in page
    assert "&lt;script&gt;" in page
    assert "damaged &amp; gone" in page
    assert "http" not in page.replace("http-equiv", "").replace("http://www.w3.org/2000/svg", "")
