"""Of each kind the arm that does best there."""

import numpy as np

from headstart.tasks.scores.base import Score
from headstart.verification import ArmResult
from headstart.verification._by_kind import Kinds, compared, mixed

SCORE = Score("share", lambda outputs, right: outputs)
STRATA = np.array([0, 1, 0, 1, 0, 1] * 20)
VALIDATION, TEST = np.arange(60), np.arange(60, 120)
KINDS = Kinds(("many", "few", "none"), STRATA, TEST)


def arm(name, many, few, test=None, ships=True):
    """An arm of these scores for both kinds, on validation and, if nothing else is said, on the test."""
    scores = np.where(STRATA == 0, many, few) + np.random.default_rng(len(name)).normal(0, 0.01, 120)
    tested = scores[TEST] if test is None else np.full(60, test)
    return ArmResult(
        *(name, float(scores[VALIDATION].mean()), tested[None], (tested,)),
        validation_outputs=((scores[VALIDATION], VALIDATION),),
        validation_scores=(scores[VALIDATION],),
        seconds=1.0,
        score=SCORE,
        ships=ships,
        validation_units=(VALIDATION,),
    )


def test_the_best_of_each_kind_on_validation_whatever_the_test_says():
    one, other = arm("one", 0.9, 0.1), arm("other", 0.2, 0.6, test=0.0)
    found = mixed("both", [one, other, arm("fine", 1.0, 1.0, ships=False)], KINDS)
    assert [(kind, part.name) for kind, part in found.parts] == [
        ("many", "one"),
        ("few", "other"),
        ("none", "one"),
    ]
    assert np.array_equal(found.test_scores[0][STRATA[TEST] == 0], one.test_scores[0][STRATA[TEST] == 0])
    assert not found.test_scores[0][STRATA[TEST] == 1].any()
    assert abs(found.validation - 0.75) < 0.01


def test_equals_go_to_the_earlier():
    assert mixed("both", [arm("one", 0.5, 0.5), arm("other", 0.5, 0.5)], KINDS).parts[0][1].name == "one"


def test_each_arm_beside_what_is_best_without_transfer():
    alone, better = arm("alone", 0.5, 0.5), arm("better", 0.4, 0.8)
    chosen = mixed("by_kind", [alone, better], KINDS)
    rows = {(row.kind, row.arm): row for row in compared([alone, better], chosen, alone, KINDS)}
    assert rows["many", "better"].call == "hurts"
    assert rows["few", "better"].call == "helps"
    assert rows["few", "by_kind"].delta > 0.25
    assert rows["many", "by_kind"].delta == 0
    assert [key for key, row in rows.items() if row.ships] == [
        *(("all", "by_kind"), ("many", "by_kind"), ("many", "alone")),
        *(("few", "by_kind"), ("few", "better")),
    ]
    assert rows["all", "better"].tested == 60
    assert ("none", "better") not in rows
