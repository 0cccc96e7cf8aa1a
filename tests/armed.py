"""Arms with made scores on validation and test."""

from __future__ import annotations

import numpy as np

from headstart.adaptation import Arm
from headstart.tasks.scores.classes import ACCURACY
from headstart.verification import ArmResult


def result(name, validation=0.5, test=None, looks=(), arm=None):
    test = np.full((6, 50), 0.5) if test is None else np.asarray(test, dtype=np.float64)
    return ArmResult(name, validation, test, (), (), looks, 1.0, ACCURACY, arm)


def hits(*shares, n=40):
    """Scores of each seed's n validation rows: the first ones right."""
    return tuple((np.arange(n) < share * n).astype(float) for share in shares)


def looked(name, *shares, trained=True):
    arm = Arm(name, (), ()) if trained else None
    return result(name, float(np.mean(shares)), looks=hits(*shares), arm=arm)
