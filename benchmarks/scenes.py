"""Boxes and masks: what transfer is worth with few images, what the cache saves, and how quick a detector is.

    python benchmarks/scenes.py transfer --data DIR --base BASE --out DIR [--sets bccd nuclei ...]
                                         [--images 50] [--minutes 15] [--head HEAD]
    python benchmarks/scenes.py cached --data DIR --base BASE [--sets bccd nuclei]
    python benchmarks/scenes.py speed --bundle BUNDLE --pictures DIR

`transfer`: IMAGES of a set's training images are drawn (0 for all); its own validation and test images stay.
A whole `headstart run` then compares frozen features and fine-tuning with training from scratch, which has
its own raced learning rate and, where that makes it stronger in the time, a smaller input. Means over seeds
on the test images (AP50 or mean IoU); the difference is the verdict's, paired, in points of the default
metric: COCO's mean average precision or mean IoU.
`cached`: an epoch of the head on feature maps from the cache, against the same epoch with the frozen base run
at each step on a freshly augmented view, in turns; without the pass that fills the cache.
`speed`: frames a second of a bundle, one picture at a time, from decoded pixels to boxes, by the exported
graph (`headstart export` writes it) and by PyTorch, in turns.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from measuring import machine, seconds, spread, table

from headstart import data, ranking, registry
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.cache import Cache
from headstart.runtime import Runtime

TASKS = {"bccd": "object_detection", "playing_cards": "object_detection"}
POINTS = {"object_detection": "ap50", "segmentation": "mean_iou"}
TURNS = 5
BATCH = 8


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("transfer", "cached", "speed"))
    parser.add_argument("--data", type=Path, help="folder with object_detection and segmentation")
    parser.add_argument("--base")
    parser.add_argument("--out", type=Path)
    parser.add_argument("--sets", nargs="+", default=["bccd", "playing_cards", "nuclei", "membrane_em"])
    parser.add_argument("--images", type=int, default=50)
    parser.add_argument("--minutes", type=float, default=15.0)
    parser.add_argument(
        "--head", help="what stands on the base; the usual one, or the base's own, if not given"
    )
    parser.add_argument("--bundle", type=Path)
    parser.add_argument("--pictures", type=Path)
    asked = parser.parse_args()
    {"transfer": transfer, "cached": cached, "speed": speed}[asked.what](asked)
    print(f"\n{machine()}")


def transfer(asked: argparse.Namespace) -> None:
    """A run on some images of every set."""
    rows = []
    for name in asked.sets:
        task = TASKS.get(name, "segmentation")
        part = asked.out / "data" / f"{name}-{asked.images}"
        if not part.exists():
            drawn(asked.data / task / name, part, asked.images)
        called = "-".join(filter(None, [name, str(asked.images), Path(asked.base).name, asked.head]))
        out = asked.out / "runs" / called
        if not (out / "result.json").exists():
            options = ["--base", asked.base, "--task", task, "--minutes", asked.minutes, "--out", out]
            options += ["--head", asked.head] if asked.head else []
            run([sys.executable, "-m", "headstart", "run", part, *options])
        rows.append(line_of(name, json.loads((out / "result.json").read_text()), POINTS[task]))
    header = ["set", "images", "metric", "scratch", "frozen", "finetune", "dull", "shipped"]
    print(table([*header, "verdict on the default metric", "seeds"], rows))


def line_of(name: str, result: dict, metric: str) -> list[object]:
    """One run."""
    arms = {arm["name"]: arm.get("metrics", {}).get(metric) for arm in result["arms"]}
    dull = [value for arm, value in arms.items() if arm not in ("scratch", "frozen", "finetune")]
    verdict = result["verdict"]
    low, high = verdict["interval"]
    shown = [
        f"{arms[arm]:.3f}" if arms.get(arm) is not None else "" for arm in ("scratch", "frozen", "finetune")
    ]
    points = f"{100 * verdict['delta']:+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
    said = f"{verdict['call']}: {verdict['transfer']} {points}"
    counts = result["data"]["train"] + result["data"]["validation"]
    return [name, counts, metric, *shown, f"{max(dull):.3f}", result["chosen"]["arm"], said, verdict["seeds"]]


def drawn(folder: Path, into: Path, images: int) -> None:
    """A copy of a set with so many training images."""
    shutil.copytree(folder, into, ignore=shutil.ignore_patterns("Annotations", "ImageSets", "SOURCE.json"))
    if not images:
        return
    for lists in into.glob("train.txt"):
        lists.write_text("\n".join(some(lists.read_text().split(), images)))
    for file in into.glob("coco/instances_train.json"):
        plain = json.loads(file.read_text())
        plain["images"] = some(plain["images"], images)
        file.write_text(json.dumps(plain | {"annotations": of_images(plain)}))


def of_images(plain: dict) -> list:
    kept = {image["id"] for image in plain["images"]}
    return [one for one in plain["annotations"] if one["image_id"] in kept]


def some(every: list, many: int) -> list:
    return random.Random(0).sample(every, min(many, len(every)))


def cached(asked: argparse.Namespace) -> None:
    """An epoch of the head with the cache and without."""
    rows = []
    for name in asked.sets:
        task = registry.get("tasks", TASKS.get(name, "segmentation"))
        splits = data.load(asked.data / TASKS.get(name, "segmentation") / name, task)
        with tempfile.TemporaryDirectory() as folder:
            passes = FrozenPass(Cache(Path(folder)), Runtime(threads=torch.get_num_threads()))
            bench = ranking.benches(task, splits, [load_base(asked.base)], passes)[0]
            took = [epochs(bench, splits) for _ in range(TURNS)]
        ratios = spread([without / with_cache for with_cache, without in took], ".2f")
        rows.append([name, len(splits.train), *(spread(one) for one in zip(*took, strict=True)), ratios])
    print(table(["set", "images", "cached, s an epoch", "uncached, s an epoch", "ratio"], rows))


def epochs(bench, splits) -> tuple[float, float]:
    """Seconds of an epoch from the cache, and of one that runs the base."""
    from headstart.adaptation.training.feed import CachedFeed, LiveFeed, PrefixFeed
    from headstart.adaptation.training.objective import Answered
    from headstart.bases.base import FEATURES
    from headstart.bases.networks.maps import maps_of

    network = bench.base.network()
    torch.manual_seed(0)
    head = bench.task.answer.head(bench.base.card.width, splits.examples.categories, maps_of(network))
    inputs = bench.subject(bench.base.preprocess.size).inputs
    objective, optimizer = Answered(bench.task, inputs), torch.optim.AdamW(head.parameters(), 2e-3)
    rows = bench.activations(network, bench.base.identity, [FEATURES])[FEATURES]
    live = LiveFeed(inputs, 0, "cpu")
    feeds = CachedFeed(rows, {}, 0, "cpu"), PrefixFeed(live, network)
    parts = np.array_split(splits.train, max(1, len(splits.train) // BATCH))

    def epoch(feed) -> None:
        for step, part in enumerate(parts):
            loss = objective.loss(head(feed.tensor(feed.fetch(part, 0, step))), part, feed.view(0, step))
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()

    return seconds(lambda: epoch(feeds[0])), seconds(lambda: epoch(feeds[1]))


def speed(asked: argparse.Namespace) -> None:
    """Frames a second, one at a time."""
    from headstart.shipping.bundles import bundle, exported

    parts, plain = bundle.read(asked.bundle)
    task, graph = registry.get("tasks", parts.task), exported.current(asked.bundle, parts.labels)
    pictures = sorted(path for path in asked.pictures.iterdir() if path.is_file())[:20]
    inputs = task.modality.store(pictures, parts.preprocess, Cache(Path(tempfile.mkdtemp())))
    inputs.encoded(np.arange(len(pictures)))  # decoded once: a camera gives pixels
    rows = []
    for name, network in (("PyTorch", plain), ("exported", graph)):
        if network is None:
            continue

        @torch.inference_mode()
        def frames(network=network) -> None:
            for row in range(len(pictures)):
                task.answer.answers(network, inputs.batch(np.array([row])), parts.preprocess)

        frames()
        rates = [len(pictures) / seconds(frames) for _ in range(TURNS)]
        rows.append([name, parts.preprocess.size, torch.get_num_threads(), spread(rates)])
    print(table(["engine", "side, px", "threads", "frames a second"], rows))


def run(words: list) -> None:
    done = subprocess.run(list(map(str, words)), env=os.environ, check=False)
    if done.returncode:
        raise SystemExit(f"{' '.join(map(str, words))} failed")


if __name__ == "__main__":
    main()
