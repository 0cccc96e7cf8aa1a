"""What pages other than a run's report are made of: two domains, several targets, an exploration."""

from __future__ import annotations

from dataclasses import replace

from headstart.across import Example, Rate, Sides, Verdict
from headstart.explored import Explored, Group, Lonely, Map, Number, Proof, Quality
from headstart.records import LeftOut
from headstart.types import BaseCard, Dropped, Finding, Interval
from test_domains import outcome

PLACES = ((0.0, 1.0), (1.0, 0.5), (0.2, 0.1))
SIDES = Sides(
    (Example("a.png", {"says": "a"}, picture="data:image/png;base64,AAAA"),),
    (Example("x.txt", {"says": "b"}, text="a <b>bold</b> text"),),
    (Example("y.png", {"align": "a", "source_only": "b"}, picture="https://example.org/spy.png"),),
    PLACES,
    PLACES,
)


def labelled():
    """Two domains, with some labels of the target."""
    told = outcome()
    verdict = Verdict("helps", "few", 0.2, 40, 12, 0.11, Interval(0.02, 0.18), "few helps: +11.0 points")
    arms = tuple(replace(arm, target=Rate(0.6, Interval(0.5, 0.7))) for arm in told.arms)
    return replace(told, verdict=verdict, arms=arms)


def row(name="photos", call="helps", delta=0.1):
    """One of several targets."""
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


def targets(*rows):
    """Several targets, of such rows."""
    return {
        "targets": rows,
        "task": "image_classification",
        "mean_delta": 0.02,
        "base": "my-base",
        "strategy": "finetune",
        "seeds": 6,
        "epochs": 3,
    }


NAMES = ["a.png", "b.png", "</script><script>alert(1)</script>.png", "d.png"]
LOOK = "data:image/png;base64,AAAA"


def explored() -> Explored:
    """Of four pictures in two groups."""
    groups = (
        Group("cluster 1", 3, 0.5, 0.2, "a.png", ("ants",)),
        Group("cluster 2", 1, 0.0, 0.0, "d.png", ("<b>",)),
    )
    return Explored(
        schema="headstart/explore/1",
        headstart="0",
        task="image_classification",
        seed=0,
        base=BaseCard("my-base", "image", None, None, "s", 1, 1, 1, 1, ()),
        bases=(),
        examples=4,
        components=2,
        clear=True,
        how="found",
        numbers=(Number(2, 0.4), Number(5, 0.3)),
        groups=groups,
        map=Map("tsne", 4, Quality(0.9, 0.8, 0.5, 4)),
        lonely=(Lonely("b.png", 4.0),),
        copies=(("a.png", "b.png"),),
        first=("d.png", "a.png"),
        between=(),
        proof=Proof(
            "helps", 0.4, Interval(0.3, 0.5), "raw_pixels", {"my-base": 0.7, "raw_pixels": 0.3}, 4, 6
        ),
        agreement=None,
        dropped=LeftOut((Dropped("e.png", "broken"),)),
        findings=(Finding("others", "2 files of other kinds were not looked at"),),
        fingerprint="sha256:f",
        seconds={"total": 1.0},
    )


POINTS = {
    "x": [0, 1000, -1000, 5],
    "y": [0, 0, 0, 9],
    "cluster": [0, 0, 0, 1],
    "lonely": [1],
    "split": None,
    "label": None,
    "age": None,
    "name": NAMES,
    "look": {"0": LOOK, "1": LOOK, "2": LOOK, "3": LOOK},
    "sheets": [[0, 1, 2], [3]],
}
