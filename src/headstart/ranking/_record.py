"""A ranking as plain JSON, and back to the bench that was chosen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from ..bases.passes.engines import Choice as Engine
from ..bench import Bench
from ..plain import read
from ..records import Picked

if TYPE_CHECKING:
    from . import Choice, Ranked
    from ._race import Runner

Json = dict[str, Any]


def choice_record(choice: Choice) -> dict[str, object]:
    """What is written down of a choice: `chosen` with its framing, `rows`, `left_out`."""
    runners = {runner.bench.base.name: runner for runner in choice.runners}
    return {
        "chosen": {"base": choice.bench.base.name, "framing": choice.bench.base.preprocess.framing},
        "rows": [
            row_record(row) | _run(runners.get(row.bench.base.name)) | {"seconds": _seconds(row, choice)}
            for row in choice.ranking.rows
        ],
        "left_out": [asdict(one) for one in choice.ranking.left_out],
    }


def chosen(candidates: Sequence[Bench], record: Mapping[str, object]) -> Bench:
    """The bench of `record["chosen"]`; its passes are in the cache, or are run again."""
    wanted = read(Picked, record["chosen"], "chosen")
    bench = next(bench for bench in candidates if bench.base.name == wanted.base)
    return next(one for one in bench.framings() if one.base.preprocess.framing == wanted.framing)


def row_record(row: Ranked) -> Json:
    """One row of `ranking` in `result.json`."""
    card = row.bench.base.card
    return {
        "base": card.name,
        "score": round(row.value, 4),
        "deviation": round(row.deviation, 4),
        "place": row.place,
        "tied": row.tied,
        "scores": {name: round(value, 4) for name, value in row.scores.items()},
        "ranks": row.ranks,
        "prior": round(row.prior.mean, 4),
        "prior_sets": row.prior.sets,
        "by_size": row.by_size,
        "by_list": row.by_list,
        "framing": row.bench.base.preprocess.framing,
        "seconds": round(row.seconds, 2),
        "engine": _engine(row.bench.passes.choices.get(row.bench.base.identity)),
        "parameters": card.parameters,
        "flops": card.flops,
        "licence": card.licence,
    }


def _run(runner: Runner | None) -> Json:
    """What the race adds to a row: its rounds, and where it ended."""
    if runner is None:
        return {"race": [], "dropped": None}
    framing = runner.bench.base.preprocess.framing
    return {"race": runner.rounds, "dropped": runner.dropped, "framing": framing}


def _seconds(row: Ranked, choice: Choice) -> float:
    """All that was spent on a base until one was chosen."""
    name = row.bench.base.name
    raced = sum(runner.seconds for runner in choice.runners if runner.bench.base.name == name)
    return round(row.seconds + choice.preparing.get(name, 0.0) + raced, 2)


def _engine(engine: Engine | None) -> str | None:
    """What ran the frozen pass, and how it compares; None where nobody remembers."""
    if engine is None:
        return None
    if engine.speedup is None:
        return engine.engine
    return f"{engine.engine}, {engine.speedup:.1f}x pytorch"
