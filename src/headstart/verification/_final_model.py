"""The model of the arm that ships, whatever kind of arm that is."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ..adaptation import Final, Shipped, final, whole_model
from ..bench import Bench
from ..tasks.baselines import base as baselines
from ..tasks.solvers.crossfit import Look, crossfitted
from ..types import FloatArray, IntArray

if TYPE_CHECKING:
    from . import ArmResult


def final_model(shipped: ArmResult, bench: Bench, folder: Path) -> Final:
    """The model of the arm that ships, learned from what may be learned from: training and validation."""
    if shipped.arm is not None:
        return final(shipped.arm, bench, folder)
    if shipped.parts:
        return _mixed_model(shipped, bench, folder)
    dull = baselines.get(shipped.name).fit(bench, bench.pool)
    fitted = dull.shippable()
    width = fitted.head.weight.shape[1]
    answer = bench.task.answer
    head = answer.head(width, bench.examples.categories)
    head.load_state_dict({**head.state_dict(), **answer.as_state(head, fitted.head)})
    why, looks = Shipped("refit", "nothing is trained by steps"), tuple[Look, ...](shipped.validation_outputs)
    if answer.classes:
        fit = partial(_dull_outputs, shipped.name, bench)
        looks = (crossfitted(fit, dull.outputs, bench.pool, bench.examples),)
    return Final(fitted.architecture, fitted.preprocess, fitted.backbone, head, width, why, looks)


def _mixed_model(shipped: ArmResult, bench: Bench, folder: Path) -> Final:
    """One network that holds the models of all kinds."""
    assert bench.task.fitter is not None
    each = {
        name: final_model(arm, bench, folder) for name, arm in {a.name: a for _, a in shipped.parts}.items()
    }
    parts = {kind: (each[arm.name].architecture, each[arm.name].backbone) for kind, arm in shipped.parts}
    return whole_model(*bench.task.fitter.mixed(parts), bench)


def _dull_outputs(name: str, bench: Bench, rows: IntArray) -> Callable[[IntArray], FloatArray]:
    return baselines.get(name).fit(bench, rows).outputs
