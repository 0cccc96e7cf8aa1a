"""Are a bundle's probabilities honest with few labels? What ships, against saying how frequent classes are.

    python benchmarks/calibration.py [--data DIR] [--sets SET ...] [--labels 8 16 64] [--draws 3]

DIR holds `data/image_classification`, `data/text_classification` and `weights`. LABELS examples a class are
drawn from what a set has for training and validation, DRAWS times; the frozen arm is adapted, calibrated and
written as `headstart adapt` does it, and measured on up to 600 other examples. Features are computed once.
What is measured on chooses nothing: how outputs are calibrated is decided on the drawn examples, by folds.

Columns: log loss of what ships and of the class shares of the drawn examples (nats), the expected error of
calibration (15 bins), the temperature, the part of the class shares, the share of answers that it is unsure
of and the error among the others (5 % were asked for). The last line says whether what ships is never worse
than the class shares.
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from measuring import machine, table
from scipy.special import log_softmax

from headstart import adaptation, data, registry
from headstart.bases import load_base
from headstart.bases.base import FEATURES
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runs import open_run
from headstart.runtime import Runtime
from headstart.shipping import MAX_ERROR, pack_arm
from headstart.shipping.bundles.calibrate import abstaining, log_loss, log_shares
from headstart.shipping.bundles.predict import Predictor
from headstart.types import FloatArray, IntArray, Splits

SETS = {
    "hymenoptera": "image_classification",
    "trashnet": "image_classification",
    "sign_digits": "image_classification",
    "sst2": "text_classification",
    "trec6": "text_classification",
    "subjectivity": "text_classification",
    "tweeteval_irony": "text_classification",
}
BASES = {"image_classification": "mobilenet_v2_imagenet", "text_classification": "builtin/minilm"}
SHARED = Path(os.environ.get("HEADSTART_DATA", Path(__file__).resolve().parents[2] / "shared"))
TEST, BINS, EQUAL = 600, 15, 5e-4
MOST = 100
"""Examples of a class that are looked at at all."""


@dataclass(frozen=True)
class Measured:
    """Of one draw."""

    loss: float
    base: float
    error: float
    temperature: float
    shares: float
    unsure: float
    wrong: float
    right: float


def main() -> None:
    """Measure every set and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=SHARED, help="folder with `data` and `weights`")
    parser.add_argument("--sets", nargs="+", default=list(SETS), choices=list(SETS))
    parser.add_argument("--labels", nargs="+", type=int, default=[8, 16, 64], help="a class")
    parser.add_argument("--draws", type=int, default=3)
    asked = parser.parse_args()
    rows, fine = [], True
    for name in asked.sets:
        with tempfile.TemporaryDirectory() as folder:
            bench, splits = opened(asked.data, name, Path(folder))
            for labels in asked.labels:
                found = [one_draw(bench, splits, name, labels, draw) for draw in range(asked.draws)]
                fine &= np.mean([one.loss - one.base for one in found]) <= EQUAL
                rows.append([name, labels, *line(found)])
                print(*rows[-1], file=sys.stderr)
    header = ["set", "labels a class", "accuracy", "log loss", "of class shares", "ECE"]
    print(table([*header, "temperature", "part of shares", "unsure", "error of the sure"], rows))
    print(f"\nNever above the class shares: {'yes' if fine else 'NO'}. {asked.draws} draws. {machine()}.")


def opened(shared: Path, name: str, folder: Path) -> tuple[Bench, Splits]:
    """A set with at most so many examples to draw from and to measure on, and its features."""
    kind = SETS[name]
    task = registry.get("tasks", kind)
    splits = data.load(shared / "data" / kind / name, task)
    base = BASES[kind]
    loaded = load_base(base if "/" in base else str(shared / "weights" / base), task.modality.name)
    draws, both = np.random.default_rng(0), np.concatenate([splits.train, splits.validation])
    test = np.sort(draws.permutation(splits.test)[:TEST])
    splits = splits.but(train=drawn(both, splits.examples.answers, MOST, draws), test=test)
    splits = splits.but(validation=splits.train[:0])
    bench = Bench(task, splits.examples, splits.train, loaded, FrozenPass(Cache(folder), Runtime()))
    return bench, splits


def drawn(rows: IntArray, targets: IntArray, labels: int, draws: np.random.Generator) -> IntArray:
    """So many rows of every class, or all that it has."""
    mixed = draws.permutation(rows)
    return np.sort(np.concatenate([mixed[targets[mixed] == one][:labels] for one in np.unique(targets)]))


def one_draw(bench: Bench, splits: Splits, name: str, labels: int, draw: int) -> Measured:
    """The frozen arm on so many labels, written and measured."""
    targets = splits.examples.answers
    pool = drawn(splits.train, targets, labels, np.random.default_rng(1 + draw))
    held = drawn(pool, targets, max(1, round(0.15 * labels)), np.random.default_rng(100 + draw))
    few = splits.but(train=np.setdiff1d(pool, held), validation=held, brought_validation=False)
    own = bench.for_pool(pool)
    plan = adaptation.plan_once(own, few, ["frozen"], draw, lambda _, make: make(), references=False)
    with tempfile.TemporaryDirectory() as folder:
        run = open_run(Path(folder) / "run", name, {"headstart": "benchmark"})
        (arm,) = adaptation.adapt(own, few, plan, ["frozen"], run.work)
        bundle = Predictor(pack_arm(own, few, arm, SETS[name], run))
    features = bench.activations(bench.base.network(), bench.base.identity, [FEATURES], splits.test)
    head = {key: value.double().numpy() for key, value in bundle.network[-1].state_dict().items()}  # type: ignore[index]
    outputs = (
        np.asarray(features[FEATURES].read(splits.test), dtype=np.float64) @ head["weight"].T + head["bias"]
    )
    return measured(outputs, targets[splits.test], targets[pool], bundle.parts.facts)


def measured(
    outputs: FloatArray, right: IntArray, learned: IntArray, facts: dict[str, dict[str, float]]
) -> Measured:
    """What a bundle's outputs are worth."""
    known = np.broadcast_to(log_shares(learned, outputs.shape[1]), outputs.shape)
    unsure = abstaining(outputs, right, MAX_ERROR, facts["abstain"]["threshold"])
    answered, wrong = unsure["answered"] or 0.0, unsure["error"]
    return Measured(
        log_loss(outputs, right),
        log_loss(known, right),
        calibration_error(outputs, right),
        facts["calibration"]["temperature"],
        facts["calibration"]["shares"],
        1 - answered,
        np.nan if wrong is None else wrong,
        float((outputs.argmax(1) == right).mean()),
    )


def calibration_error(outputs: FloatArray, right: IntArray) -> float:
    """The mean gap between how sure answers are and how often they are right, over bins of the former."""
    shares = np.exp(log_softmax(outputs, axis=1))
    sure, hit = shares.max(1), shares.argmax(1) == right
    which = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs(sure[which == one].sum() - hit[which == one].sum()) for one in range(BINS)]
    return float(sum(gaps) / len(right))


def line(found: list[Measured]) -> list[str]:
    """Means over the draws; of the errors, over those that are sure of anything."""
    mean = {key: float(np.mean([vars(one)[key] for one in found])) for key in vars(found[0])}
    wrong = [one.wrong for one in found if not np.isnan(one.wrong)]
    return [
        f"{mean['right']:.1%}",
        *(f"{mean[key]:.4f}" for key in ("loss", "base", "error")),
        f"{np.exp(np.mean([np.log(one.temperature) for one in found])):.3g}",
        f"{mean['shares']:.2f}",
        f"{mean['unsure']:.0%}",
        f"{np.mean(wrong):.1%}" if wrong else "–",
    ]


if __name__ == "__main__":
    main()
