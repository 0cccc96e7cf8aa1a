"""Stage 5, ship: the chosen arm becomes a bundle, and everything that happened a report.

Predicting from a bundle (`shipping/bundles/predict.py`) imports no training code.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

MAX_ERROR = 0.05
"""Of the answers of a bundle, that may be wrong, where nothing else is asked."""

if TYPE_CHECKING:
    from ..adaptation import Arm, Final
    from ..bench import Bench
    from ..explored import Explored
    from ..preprocessing.base import Preprocess
    from ..records import Speed
    from ..runs import RunFolder
    from ..types import Splits
    from ..verification import Verification
    from .bundles.calibrate import Calibration
    from .bundles.predict import Predictor
    from .report.record import Story


def pack(
    bench: Bench, splits: Splits, verification: Verification, task: str, run: RunFolder, max_error: float
) -> Predictor:
    """Make the model of the arm that ships, calibrate it, write `bundle/`, and load it.

    `max_error` is the fraction of answers that may be wrong: below the threshold for it the bundle abstains.
    """
    from ..verification import final_model
    from .bundles.predict import Predictor

    shipped = verification.shipped
    final = final_model(shipped, bench, run.work)
    pack_final(bench, splits, final, shipped.name, final.looks, task, run, max_error)
    return Predictor(run.path / "bundle")


def pack_arm(bench: Bench, splits: Splits, arm: Arm, task: str, run: RunFolder) -> Path:
    """The same for one arm that was compared with nothing; returns the bundle's folder."""
    from ..adaptation import final

    made = final(arm, bench, run.work)
    pack_final(bench, splits, made, arm.name, made.looks, task, run, MAX_ERROR)
    return run.path / "bundle"


def _kept(preprocess: Preprocess, arm: str, bench: Bench) -> Preprocess:
    """With what a bundle keeps of its examples; nothing of the arm that has learned from none."""
    if arm == bench.task.anchor:
        return preprocess
    found: Preprocess = bench.task.modality.kept(preprocess, bench.examples)
    return found


def pack_final(
    bench: Bench,
    splits: Splits,
    final: Final,
    arm: str,
    looks: object,
    task: str,
    run: RunFolder,
    max_error: float,
) -> None:
    """Calibrate a model on `looks` (outputs, rows) at what it did not learn from; write it as `bundle/`."""
    from dataclasses import asdict

    import numpy as np
    import torch

    from ..bases.formats.fingerprints import shortened
    from ..version import VERSION
    from .bundles import bundle

    abstain: dict[str, float | None] = {}
    calibration: dict[str, float] = {}
    if bench.task.answer.classes:
        found, least, examples = _calibrated(looks, bench, max_error)
        state = {name: value * found.scale for name, value in final.head.state_dict().items()}
        state["bias"] = state["bias"] + torch.from_numpy(found.offset).to(state["bias"])
        final.head.load_state_dict(state)
        abstain = {"max_error": max_error, "threshold": least}
        calibration = {"temperature": found.temperature, "shares": found.shares, "examples": examples}
    else:
        calibration = bench.task.answer.widen(final.head, final.looks, bench.examples.answers)
    parts = bundle.Parts(
        task=task,
        architecture=final.architecture,
        preprocess=_kept(final.preprocess, arm, bench),
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
            "calibration": calibration,
            "weights": asdict(final.shipped),
        },
        head=final.head_architecture or bench.task.answer.head_architecture,
    )
    rows = bench.pool.tolist()
    learned = [known for row in rows for known in bench.task.answer.remembered(bench.examples, row)]
    seen = np.union1d(bench.base.seen, shortened(learned))
    bundle.write(run.path / "bundle", parts, final.backbone, final.head, seen)


def speed_of(predictor: Predictor, bench: Bench) -> Speed | None:
    """How fast a bundle answers pictures or recordings here; None of a bundle for anything else."""
    from .bundles import cost

    modality = bench.task.modality
    if not modality.timed:
        return None
    sources = [bench.examples.sources[row] for row in bench.pool[: cost.EXAMPLES].tolist()]
    return cost.speed(predictor, sources, modality.seconds(sources))


def finish(story: Story, run: RunFolder) -> dict[str, object]:
    """Write card, evidence, report and, last, `result.json`; returns what it holds."""
    from ..plain import plain, read
    from .report import about, card, examples, page, record
    from .report.evidence import Evidence

    outcome = record.result(story)
    evidence = examples.evidence(story)
    run.write_json("evidence.json", evidence)
    (run.path / "bundle" / "README.md").write_text(card.write(outcome), encoding="utf-8")
    run.once(about.MADE, lambda: about.made(story.bench.runtime, story.plan.threads))
    shown = page.render(outcome, read(Evidence, evidence), about.about(run.path, outcome.task))
    (run.path / "report.html").write_text(shown, encoding="utf-8")
    result = plain(outcome)
    run.finish(result)
    return result


def finish_explored(explored: Explored, points: Mapping[str, object], run: RunFolder) -> None:
    """Write evidence, report and, last, `result.json` of an exploration."""
    from ..plain import plain
    from .report import explored as page

    run.write_json("evidence.json", points)
    (run.path / "report.html").write_text(page.render(explored, points), encoding="utf-8")
    run.finish(plain(explored))


def rerender(folder: Path) -> Path:
    """Write `report.html` of a finished run or exploration anew from its two JSON files.

    Raises:
        RunError: the folder is not a finished run.
    """
    import json

    from ..errors import RunError

    if folder.name == "bundle" and (folder.parent / "result.json").is_file():
        folder = folder.parent
    try:
        result, shown = (
            json.loads((folder / name).read_text(encoding="utf-8"))
            for name in ("result.json", "evidence.json")
        )
        text = _rendered(result, shown, folder)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise RunError(
            f"{folder} is not a finished run: {error}", "give the folder of a finished run"
        ) from None
    (folder / "report.html").write_text(text, encoding="utf-8")
    return folder / "report.html"


def _rendered(result: dict[str, Any], shown: dict[str, Any], folder: Path) -> str:
    """The page of a run of any kind, by the schema that its result names."""
    from .. import across, explored
    from ..plain import read
    from ..records import Outcome
    from .report import about, domains_page, page
    from .report import explored as explored_page
    from .report.evidence import Evidence

    if result.get("schema") == across.SCHEMA:
        return domains_page.render(read(across.Across, result), read(across.Sides, shown))
    if result.get("schema") == explored.SCHEMA:
        return explored_page.render(read(explored.Explored, result), shown)
    outcome = read(Outcome, result)
    return page.render(outcome, read(Evidence, shown), about.about(folder, outcome.task))


def _calibrated(looks: Any, bench: Bench, max_error: float) -> tuple[Calibration, float | None, int]:
    """How outputs become probabilities, the threshold to abstain below, and of how many examples they are."""
    import numpy as np

    from .bundles.calibrate import Calibration, calibration, log_shares, threshold

    targets, k = bench.examples.answers, len(bench.examples.categories)
    known = log_shares(targets[bench.pool], k)
    rows = np.concatenate([np.zeros(0, dtype=np.int64), *(rows for _, rows in looks)])
    if not len(rows):  # nothing is known of what it has not learned from
        return Calibration(1.0, 0.0, known), None, 0
    outputs = np.concatenate([outputs for outputs, _ in looks])
    distinct = len(np.unique(bench.examples.units[rows]))
    found = calibration(outputs, targets[rows], distinct, known)
    return found, threshold(found(outputs), targets[rows], distinct, max_error), distinct
