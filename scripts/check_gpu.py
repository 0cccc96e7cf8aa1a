"""Does everything give the same numbers on CUDA? Says so and ends with 0, or skips without a GPU.

    python scripts/check_gpu.py

On random pictures and the built-in base: the features of the frozen pass on each engine of the GPU against
plain PyTorch on the CPU, and the validation loss of a short fine-tuning on both.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from headstart import data
from headstart.adaptation import Job, fit, strategy_named
from headstart.adaptation.base import Recipe
from headstart.bases import load_base
from headstart.bases.base import FEATURES
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.tasks.image_classification import plugin as images
from headstart.types import Splits

FEATURES_TOLERANCE = {"pytorch": 1e-3, "pytorch bfloat16": 5e-2}
LOSS_TOLERANCE = 0.1


def main() -> int:
    """0 where the numbers agree or there is no GPU."""
    if not torch.cuda.is_available():
        print("skipped: torch sees no CUDA device")
        return 0
    print(torch.cuda.get_device_name())
    with tempfile.TemporaryDirectory() as folder:
        splits = data.load(pictures(Path(folder) / "pictures"), images)
        base = load_base("builtin/glyphs")

        def bench(device: str, engine: str) -> Bench:
            cache = Cache(Path(folder) / f"{device}-{engine}")
            passes = FrozenPass(cache, Runtime(device, 2), {base.identity: engine})
            pool = np.concatenate([splits.train, splits.validation])
            return Bench(images, splits.examples, pool, base, passes)

        cpu = bench("cpu", "pytorch")
        expected = cpu.features()
        good = True
        for engine, tolerance in FEATURES_TOLERANCE.items():
            found = bench("cuda", engine).features()
            difference = float(np.abs(found - expected).max() / np.abs(expected).max())
            good &= difference <= tolerance
            print(f"{FEATURES}, {engine}: differs by {difference:.1e} of the largest (at most {tolerance:g})")
        losses = [loss(bench(device, "pytorch"), splits, Path(folder) / device) for device in ("cpu", "cuda")]
        good &= abs(losses[0] - losses[1]) <= LOSS_TOLERANCE
        print(f"validation loss after fine-tuning: CPU {losses[0]:.4f}, CUDA {losses[1]:.4f}")
    print("agrees" if good else "DIFFERS")
    return 0 if good else 1


def pictures(folder: Path) -> Path:
    """Two classes of noise, bright and dark, 40 pictures each."""
    draws = np.random.default_rng(0)
    for label, shift in (("dark", 0), ("bright", 60)):
        (folder / label).mkdir(parents=True)
        for number in range(40):
            pixels = draws.integers(0, 196, (40, 40, 3), dtype=np.uint8) + np.uint8(shift)
            Image.fromarray(pixels).save(folder / label / f"{number}.png")
    return folder


def loss(bench: Bench, splits: Splits, folder: Path) -> float:
    """The last validation loss of six epochs above the base's top boundary."""
    folder.mkdir()
    recipe = Recipe(
        epochs=6,
        batch=16,
        rate=3e-4,
        cuts=bench.base.card.stages[-1:],
        size=bench.base.preprocess.size,
        views=1,
    )
    return fit(
        Job("finetune", strategy_named("finetune"), 0, recipe, splits.train, splits.validation),
        bench,
        folder,
    ).history.validation[-1]


if __name__ == "__main__":
    sys.exit(main())
