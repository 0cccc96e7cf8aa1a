"""What a pre-training tells programs: its `result.json`; and when what came out is no base."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from ..adaptation.base import History
from ..bases.networks.costs import fingerprint
from ..errors import BaseError
from ..sources import Sources
from ..version import VERSION
from . import _watch
from ._asked import SCHEMA, Asked
from ._folder import Made
from ._plan import Plan


def result(
    asked: Asked, sources: Sources, made: Made, plan: Plan, values: list[float | None], history: History
) -> dict[str, object]:
    """What happened; `values` are the metric on each data set's validation, None without labels."""
    return {
        "schema": SCHEMA,
        "headstart": VERSION,
        "method": asked.method,
        "task": asked.task,
        "architecture": asdict(made.architecture),
        "size": made.preprocess.size,
        "unit": made.preprocess.unit,
        "base": asked.base,
        "seed": asked.seed,
        "licence": asked.licence,
        "sources": [
            {
                "name": name,
                "train": len(splits.train),
                "validation": len(splits.validation),
                "classes": None
                if value is None or not splits.examples.targets.classes
                else len(splits.examples.categories),
                "metric": sources.task.score.name,
                "value": value,
                "fingerprint": f"sha256:{splits.fingerprint}",
            }
            for name, splits, value in zip(sources.names, sources.splits, values, strict=True)
        ],
        "dropped": {"count": len(sources.dropped), "items": [asdict(item) for item in sources.dropped]},
        "trained_on": len(made.seen),
        "batch": plan.recipe.batch,
        "rate": plan.recipe.rate,
        "threads": plan.threads,
        "half": plan.half,
        "sha256": fingerprint(made.state),
        **_happened(history),
        "dimensions": None,
        "knn": None,
    }


def _happened(history: History) -> dict[str, Any]:
    return {
        "epochs": len(history.train),
        "steps": history.steps,
        "seconds": round(history.seconds, 1),
        "cut_short": history.cut_short,
        "kept": {"candidate": history.candidate, "epoch": history.kept},
        "losses": {"train": list(history.train), "validation": list(history.validation)},
        "watched": list(history.watched),
    }


def refuse_useless(result: dict[str, object], history: History) -> None:
    """Raises BaseError: what came out is no base."""
    if history.diverged:
        raise BaseError(
            "the loss stopped being a number", "start from another base, or give data without broken values"
        )
    dimensions = result["dimensions"]
    if isinstance(dimensions, float) and dimensions < _watch.COLLAPSED:
        raise BaseError(
            f"the features collapsed: they spread in {dimensions:.1f} effective dimensions, so "
            "different examples look alike to this backbone; nothing was written",
            "give more, and more varied, data; or continue from a base; or use another --method",
        )
