from __future__ import annotations

import numpy as np
import pytest

from headstart.shipping.report.domains import sentence
from headstart.verification.across import Judged
from headstart.verification.checked import compared
from headstart.verification.guard import Seen
from headstart.verification.halves import Halves

SHARES = dict.fromkeys(("source", "source_only", "adapted"), (0.5, 0.5))
FOUND = Seen(40, 0.9, 0.5, 0.4, 0.9, 0.8, 0.6, Halves(0.7, 0.8), SHARES)


def judgement(wins=None, losses=0):
    said = {"align": np.arange(40) % 2, "source_only": np.zeros(40, dtype=int)}
    pair = None
    if wins is not None:
        right = np.arange(wins + losses) < wins
        pair = compared(right, ~right, np.ones(wins + losses, dtype=bool), 0.5)
    return Judged(said, FOUND, (), "align", pair, {}, "align", "why")


def test_without_labels_nothing_is_claimed():
    told = sentence(judgement())
    assert told.startswith("undecided: without labels")
    assert "50.0" in told
    assert "points" not in told


@pytest.mark.parametrize(
    ("wins", "losses", "verb"), [(20, 1, "helps"), (1, 20, "hurts"), (3, 3, "is undecided")]
)
def test_with_labels_the_sentence_says_what_they_say(wins, losses, verb):
    told = sentence(judgement(wins, losses))
    assert f"align {verb}" in told
    assert f"{wins + losses} labels of the target" in told
