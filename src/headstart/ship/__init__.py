"""Stage 5, ship: the chosen arm becomes a bundle, and everything that happened a report.

Predicting from a bundle (`predict.py`) imports no training code.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

MAX_ERROR = 0.05
"""Of the answers of a bundle, that may be wrong, where nothing else is asked."""

if TYPE_CHECKING:
    from ..adapt import Arm, Final
    from ..tasks._bench import Bench
    from ..types import Splits
    from ..verify import Verification
    from .folder import RunFolder
    from .predict import Predictor
    from .record import Story


def pack(
    bench: Bench, splits: Splits, verification: Verification, task: str, run: RunFolder, max_error: float
) -> Predictor:
    """Refit the shipped arm on training and validation, calibrate it, write `bundle/`, and load it.

    `max_error` is the fraction of answers that may be wrong: below the threshold for it the bundle abstains.
    """
    from ..verify import final_model
    from .predict import Predictor

    shipped = verification.shipped
    final = final_model(shipped, bench, run.work)
    pack_final(bench, splits, final, shipped.name, shipped.validation_outputs, task, run, max_error)
    return Predictor(run.path / "bundle")


def pack_arm(bench: Bench, splits: Splits, arm: Arm, task: str, run: RunFolder) -> Path:
    """The same for one arm that was compared with nothing; returns the bundle's folder."""
    from ..adapt import final

    looks = [(out, one.job.validation) for out, one in zip(arm.validation, arm.fitted, strict=True)]
    pack_final(bench, splits, final(arm, bench, run.work), arm.name, looks, task, run, MAX_ERROR)
    return run.path / "bundle"


def pack_final(
    bench: Bench,
    splits: Splits,
    final: Final,
    arm: str,
    looks: Any,
    task: str,
    run: RunFolder,
    max_error: float,
) -> None:
    """Calibrate a model on its validation `looks` (outputs, rows) and write it as `bundle/`."""
    import numpy as np

    from .._version import VERSION
    from ..bases._seen import shortened
    from . import bundle

    abstain: dict[str, float | None] = {}
    if not bench.task.open_ended:
        cooled, least = _calibrated(looks, bench, max_error)
        state = {name: value / cooled for name, value in final.head.state_dict().items()}
        final.head.load_state_dict(state)
        abstain = {"max_error": max_error, "threshold": least}
    parts = bundle.Parts(
        task=task,
        architecture=final.architecture,
        preprocess=final.preprocess,
        labels=bench.examples.categories,
        width=final.width,
        facts={
            "headstart": VERSION,
            "arm": arm,
            "base": bench.base.name,
            "base_sha256": bench.base.card.sha256,
            "fingerprint": f"sha256:{splits.fingerprint}",
            "abstain": abstain,
            "metric": bench.task.score.name,
        },
        head=bench.task.head_architecture,
    )
    learned = [bench.examples.digests[row] for row in bench.pool.tolist()]
    seen = np.union1d(bench.base.seen, shortened(learned))
    bundle.write(run.path / "bundle", parts, final.backbone, final.head, seen)


def speed_of(predictor: Predictor, bench: Bench) -> dict[str, Any] | None:
    """How fast a bundle answers pictures here, as `cost.speed` says it; None of a bundle for texts."""
    from . import cost

    if bench.task.modality != "image":
        return None
    rows = bench.pool[: cost.EXAMPLES].tolist()
    return cost.speed(predictor, [bench.examples.sources[row] for row in rows])


def finish(story: Story, run: RunFolder) -> dict[str, Any]:
    """Write card, evidence, report and, last, `result.json`; returns what it holds."""
    from . import card, record, report

    result = record.result(story)
    evidence = record.evidence(story)
    run.write_json("evidence.json", evidence)
    (run.path / "bundle" / "README.md").write_text(card.write(result), encoding="utf-8")
    (run.path / "report.html").write_text(report.render(result, evidence), encoding="utf-8")
    run.finish(result)
    return result


def rerender(folder: Path) -> Path:
    """Write `report.html` of a finished run anew from its two JSON files.

    Raises:
        RunError: the folder is not a finished run.
    """
    import json

    from ..errors import RunError
    from . import report

    try:
        result, evidence = (
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("result.json", "evidence.json")
        )
    except (OSError, ValueError) as error:
        raise RunError(
            f"{folder} is not a finished run: {error}", "give the folder of a finished run"
        ) from None
    (folder / "report.html").write_text(report.render(result, evidence), encoding="utf-8")
    return folder / "report.html"


def _calibrated(looks: Any, bench: Bench, max_error: float) -> tuple[float, float | None]:
    """Temperature, and the threshold to abstain below, of every seed's validation rows together."""
    import numpy as np

    from .calibrate import temperature, threshold

    rows = np.concatenate([rows for _, rows in looks])
    outputs = np.concatenate([outputs for outputs, _ in looks])
    targets, distinct = bench.examples.targets[rows], len(np.unique(rows))
    cooled = temperature(outputs, targets, distinct)
    return cooled, threshold(outputs / cooled, targets, distinct, max_error)
