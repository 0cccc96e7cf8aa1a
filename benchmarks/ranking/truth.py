"""The truth: what each base gives when it is fine-tuned on a target. Run one cell at a time, resumed by file.

Every base gets the same recipe: framing chosen as `headstart` does, gradual unfreezing of the parts above
the planned boundaries (the whole network where it has none), learning rate raced on validation, three seeds.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.insert(0, str(Path(__file__).parent.parent))
from measuring import opened

from headstart.adaptation import Plan, boundaries, outputs, train_arm
from headstart.adaptation.base import Recipe
from headstart.bases.base import INPUT
from headstart.ranking import prepared

EPOCHS, SEEDS, VIEWS = 9, 3, 2


def cell(target: Path, base: Path, cache: Path, out: Path) -> None:
    """Fine-tune one base on one target; writes accuracies per seed and test picture, and CPU seconds."""
    started = time.process_time()
    bench, splits = opened(target, str(base), cache)
    cuts = boundaries(bench.base.card, len(splits.examples), float("inf")) or (INPUT,)
    bench = prepared(bench, cuts)
    size = bench.base.preprocess.size
    recipes = {"frozen": Recipe(size=size), "finetune": Recipe(EPOCHS, 16, 0.0, cuts, size, VIEWS)}
    plan = Plan(1e4, 1, 0, SEEDS, recipes, "frozen", dict.fromkeys(recipes, 1.0))
    record = {"base": base.name, "target": target.name, "sha256": bench.base.card.sha256}
    with tempfile.TemporaryDirectory() as folder:
        for name in recipes:
            arm = train_arm(name, name, bench, splits, plan, Path(folder))
            targets = bench.examples.answers[splits.test]
            right = [outputs(one, bench, splits.test).argmax(1) == targets for one in arm.fitted]
            record[name] = {
                "accuracy": [float(one.mean()) for one in right],
                "right": np.mean(right, axis=0).tolist(),
                "cpu": time.process_time() - started,
            }
    record |= {"examples": len(bench.pool), "parameters": bench.base.card.parameters}
    record |= {"flops": bench.base.card.flops, "framing": bench.base.preprocess.framing}
    out.write_text(json.dumps(record), encoding="utf-8")


if __name__ == "__main__":
    cell(*map(Path, sys.argv[1:5]))
