"""Across domains: what the ways gain, what the guard lets through, and what it refuses.

    python benchmarks/adapting.py features --out DIR
    python benchmarks/adapting.py pairs DIR [--part development|held|all] [--families digits …] [--seed 0]
    python benchmarks/adapting.py controls DIR [--sets hymenoptera …] [--seed 0]
    python benchmarks/adapting.py interval
    python benchmarks/adapting.py cost

`features` computes once what the rest reads: log counts of Amazon reviews (rows of length 1); digits as
pixels and on `builtin/efficientnet-lite0`; photographs of rubbish and of insects on it, plain, blurred,
noisy, grey, dark and negative; questions and sentences of reviews on `builtin/minilm`, plain, with typos,
with words left out, spaced and as chat. A pair takes up to 400 rows of each domain; of two looks of one set
the rows are different examples.

The rule of the guard was made on the pairs of the `development` families (reviews, digits, rubbish,
insects) and tested once on those of the `held` ones (signs of hands, questions, two sets of sentences).
`controls` are targets to which nothing should be adapted: other examples of the same domain, other objects
and noise, and targets with other shares of classes or without some of them.
"""

from __future__ import annotations

import argparse
import csv
import os
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image, ImageFilter

from headstart import registry
from headstart.adaptation import domains as across
from headstart.adaptation.domains.base import Domains, Labelled
from headstart.bases import load_base
from headstart.tasks.solvers import linear
from headstart.types import FloatArray, IntArray
from headstart.verification import guard
from headstart.verification.across import MOVING, judged
from headstart.verification.checked import interval

SHARED = Path(os.environ.get("HEADSTART_DATA", Path(__file__).resolve().parents[2] / "shared")) / "data"
DEVELOPMENT = ("amazon", "digits", "trashnet", "hymenoptera")
"""Families of pairs that the rule of the guard was made on."""
MOST, BATCH = 400, 16
ALONE = ("source_only", "source_only_scaled")
JUDGED = ("source_only", *MOVING, "align")
"""Ways that the guard asks."""
LOOKS: dict[str, Callable[[Image.Image], Image.Image]] = {
    "plain": lambda image: image,
    "blur": lambda image: image.filter(ImageFilter.GaussianBlur(image.width / 64)),
    "noise": lambda image: noisy(image),
    "grey": lambda image: image.convert("L").convert("RGB"),
    "dark": lambda image: image.point(lambda value: int(0.3 * value)),
    "negative": lambda image: image.point(lambda value: 255 - value),
}
SPOKEN: dict[str, Callable[[str, np.random.Generator], str]] = {
    "plain": lambda text, draws: text,
    "typos": lambda text, draws: typed(text, draws),
    "dropped": lambda text, draws: " ".join(word for word in text.split() if draws.random() > 0.4) or text,
    "spaced": lambda text, draws: "".join(f"{one} " if at % 7 == 3 else one for at, one in enumerate(text)),
    "chat": lambda text, draws: f"lol ok so {text.lower().replace('?', '').replace('the ', 'da ')} plz thx",
}


def noisy(image: Image.Image) -> Image.Image:
    """With noise that is drawn from the picture's own sum."""
    values = np.asarray(image).astype(float)
    draws = np.random.default_rng(int(values.sum()) % 2**31)
    return Image.fromarray(np.clip(values + draws.normal(0, 50, values.shape), 0, 255).astype("uint8"))


def typed(text: str, draws: np.random.Generator) -> str:
    """With every twelfth letter changed for its neighbour."""
    letters = list(text)
    for at in range(len(letters) - 1):
        if letters[at].isalpha() and draws.random() < 0.08:
            letters[at], letters[at + 1] = letters[at + 1], letters[at]
    return "".join(letters)


def features(asked: argparse.Namespace) -> None:
    """Writes `DIR/<set>-<look>.npz` with `x` (n, d) and `y` (n,)."""
    asked.out.mkdir(parents=True, exist_ok=True)
    for name, make in everything():
        file = asked.out / f"{name}.npz"
        if not file.exists():
            x, y = make()
            np.savez(file, x=np.asarray(x, dtype=np.float32), y=np.asarray(y))
            print(name, x.shape, flush=True)


Made = tuple[str, Callable[[], tuple[FloatArray, IntArray]]]


def everything() -> Iterator[Made]:
    """All sets by name, each computed when it is asked for."""
    from functools import partial

    for name in ("books", "dvd", "electronics", "kitchen"):
        yield f"amazon-{name}", partial(reviews, name)
    for name in ("mnist", "usps"):
        yield f"raw-{name}", partial(pixels, name)
        yield f"lite16-{name}", partial(small_digits, name)
    for name in ("mnist", "mnistm"):
        folder = SHARED / f"domain_adaptation/mnist_to_mnistm/{name}/train"
        yield f"lite-{name}", partial(pictures, folder, 800, 64, LOOKS["plain"])
    for name, many in (("trashnet", 800), ("hymenoptera", 390), ("sign_digits", 800)):
        for look, change in LOOKS.items():
            folder = SHARED / f"image_classification/{name}"
            yield f"{name}-{look}", partial(pictures, folder, many, 224, change)
    for name in ("trec6", "sst2", "subjectivity"):
        for look in SPOKEN:
            yield f"{name}-{look}", partial(sentences, name, look)
    yield "noise", nothing


def reviews(name: str) -> tuple[FloatArray, IntArray]:
    from sklearn.datasets import load_svmlight_file

    file = SHARED / f"domain_adaptation/amazon_reviews_bow/{name}_train.svmlight"
    counts, signs = load_svmlight_file(str(file), n_features=5000, zero_based=True)
    order = np.random.default_rng(0).permutation(len(signs))
    rows = np.log1p(counts[order].toarray())
    return rows / np.linalg.norm(rows, axis=1, keepdims=True), (signs[order] > 0).astype(int)


def pixels(name: str) -> tuple[FloatArray, IntArray]:
    found = np.load(SHARED / f"domain_adaptation/mnist_usps_16x16/{name}.npz")
    order = np.random.default_rng(0).permutation(len(found["y"]))[:800]
    return found["x"][order].reshape(len(order), -1), found["y"][order].astype(int)


def small_digits(name: str) -> tuple[FloatArray, IntArray]:
    rows, right = pixels(name)
    rows = (255 * rows / rows.max()).astype("uint8").reshape(-1, 16, 16)
    return on_lite([Image.fromarray(row).convert("RGB").resize((64, 64), 3) for row in rows]), right


def pictures(
    folder: Path, many: int, side: int, change: Callable[[Image.Image], Image.Image]
) -> tuple[FloatArray, IntArray]:
    files = sorted(one for one in folder.rglob("*") if one.suffix.lower() in (".jpg", ".png", ".jpeg"))
    np.random.default_rng(1).shuffle(files)
    kinds = sorted({one.parent.name for one in files})
    per = max(1, many // len(kinds))
    some = [one for kind in kinds for one in [file for file in files if file.parent.name == kind][:per]]
    images = [change(Image.open(one).convert("RGB").resize((side, side), 3)) for one in some]
    return on_lite(images), np.array([kinds.index(one.parent.name) for one in some])


def sentences(name: str, look: str) -> tuple[FloatArray, IntArray]:
    rows = list(csv.DictReader((SHARED / f"text_classification/{name}/train.csv").open(encoding="utf-8")))
    np.random.default_rng(0).shuffle(rows)
    rows, draws = rows[:800], np.random.default_rng(3)
    kinds = sorted({row["label"] for row in rows})
    texts = [SPOKEN[look](row["text"], draws).encode() for row in rows]
    right = np.array([kinds.index(row["label"]) for row in rows])
    return on("builtin/minilm", "text_classification", texts), right


def nothing() -> tuple[FloatArray, IntArray]:
    draws = np.random.default_rng(0)
    values = [draws.integers(0, 256, (64, 64, 3)).astype("uint8") for _ in range(100)]
    return on_lite([Image.fromarray(one) for one in values]), np.zeros(100, dtype=int)


def on_lite(images: Sequence[Image.Image]) -> FloatArray:
    import io

    sources = []
    for image in images:
        image.save(stream := io.BytesIO(), "PNG")
        sources.append(stream.getvalue())
    return on("builtin/efficientnet-lite0", "image_classification", sources)


def on(name: str, task: str, sources: Sequence[bytes]) -> FloatArray:
    """Features of a base."""
    modality = registry.get("tasks", task).modality
    base = load_base(name, modality.name)
    inputs, network = modality.store(sources, base.preprocess), base.network().eval()
    parts = np.split(np.arange(len(sources)), range(BATCH, len(sources), BATCH))
    with torch.no_grad():
        return np.concatenate([network(inputs.batch(part)).numpy() for part in parts])


@dataclass(frozen=True)
class Pair:
    """A source and a target by the names of their files."""

    family: str
    source: str
    target: str
    looks: bool = False
    """Two looks of one set: the rows of each are different examples."""


def pairs() -> list[Pair]:
    """All, by family."""
    goods = ("books", "dvd", "electronics", "kitchen")
    found = [Pair("amazon", f"amazon-{a}", f"amazon-{b}") for a in goods for b in goods if a != b]
    for one, other in (
        ("raw-mnist", "raw-usps"),
        ("lite16-mnist", "lite16-usps"),
        ("lite-mnist", "lite-mnistm"),
    ):
        found += [Pair("digits", one, other), Pair("digits", other, one)]
    for name, looks in (
        *((name, LOOKS) for name in ("trashnet", "hymenoptera", "sign_digits")),
        *((name, SPOKEN) for name in ("trec6", "sst2", "subjectivity")),
    ):
        for look in list(looks)[1:]:
            one, other = f"{name}-plain", f"{name}-{look}"
            found += [Pair(name, one, other, True), Pair(name, other, one, True)]
    return found


def half(part: str) -> list[Pair]:
    """`development`: the families that the rule was made on; `held`: the others."""
    return [one for one in pairs() if part == "all" or (one.family in DEVELOPMENT) == (part == "development")]


def load(folder: Path, name: str) -> tuple[FloatArray, IntArray]:
    found = np.load(folder / f"{name}.npz")
    return found["x"].astype(np.float64), found["y"]


def drawn(folder: Path, pair: Pair, seed: int) -> tuple[Domains, IntArray]:
    """Up to 400 rows of each, and what is right in the target."""
    (x, y), (tx, ty) = load(folder, pair.source), load(folder, pair.target)
    draws = np.random.default_rng(seed)
    if pair.looks:
        order = draws.permutation(len(y))
        size = min(MOST, len(y) // 2)
        rows, others = order[:size], order[size : 2 * size]
    else:
        rows, others = draws.permutation(len(y))[:MOST], draws.permutation(len(ty))[:MOST]
    return Domains(x[rows], y[rows], tx[others], int(y.max()) + 1, linear), ty[others]


def rates(
    domains: Domains, truth: IntArray, names: Sequence[str] = ()
) -> tuple[dict[str, float], dict[str, list[str]]]:
    """Points that each way has right in the target, and why the guard refuses under each declaration."""
    heads = {one: across.ways()[one].solve(domains) for one in names} or across.heads(domains)
    found = judged(domains, heads, "same")
    right = {name: 100 * float((one == truth).mean()) for name, one in found.said.items()}
    return right, {name: guard.refused(found.seen, name) for name in ("same", "unknown")}


def run_pairs(asked: argparse.Namespace) -> None:
    """Gains over the stronger of the two source-only models, by family."""
    rows = []
    for pair in half(asked.part):
        if asked.families and pair.family not in asked.families:
            continue
        domains, truth = drawn(asked.folder, pair, asked.seed)
        right, refused = rates(domains, truth)
        best = max(right[name] for name in ALONE)
        gains = {name: value - best for name, value in right.items()}
        for declared, reasons in refused.items():
            gains[f"guarded, {declared}"] = (right["source_only"] if reasons else right["align"]) - best
            gains[f"guarded, {declared}, of source_only"] = (
                0 if reasons else right["align"] - right["source_only"]
            )
        gains |= few_labels(domains, truth)
        rows.append((pair, gains, refused))
        shown = " ".join("ships" if not reasons else "stays" for reasons in refused.values())
        print(
            f"{pair.source} -> {pair.target}: {right['source_only']:.1f}, {gains['align']:+.1f}, {shown}",
            flush=True,
        )
    families = list(dict.fromkeys(pair.family for pair, *_ in rows))
    print("\n| over the stronger source-only | " + " | ".join(families) + " | all | below -1 | worst |")
    print("|---" * (len(families) + 4) + "|")
    for name in rows[0][1]:
        values = np.array([gains[name] for _, gains, _ in rows])
        means = [np.mean([gains[name] for pair, gains, _ in rows if pair.family == one]) for one in families]
        cells = " | ".join(f"{value:+.1f}" for value in [*means, values.mean()])
        print(f"| {name} | {cells} | {100 * (values < -1).mean():.0f} % | {values.min():+.1f} |")
    ships = {one: np.mean([not refused[one] for *_, refused in rows]) for one in ("same", "unknown")}
    print(f"{len(rows)} pairs; ships: " + ", ".join(f"{one} {share:.0%}" for one, share in ships.items()))


def few_labels(domains: Domains, truth: IntArray) -> dict[str, float]:
    """Gains of `few` with one, three and five labels of each class, on the other rows."""
    gains = {}
    plain = [across.ways()[name].solve(domains) for name in ALONE]
    for per in (1, 3, 5):
        some = np.concatenate([np.flatnonzero(truth == number)[:per] for number in range(domains.k)])
        rest = np.setdiff1d(np.arange(len(truth)), some)
        known = Domains(
            *(domains.source, domains.right, domains.target, domains.k, linear),
            Labelled(domains.target[some], truth[some]),
        )
        vars(known).update(head=domains.head, vote=domains.vote, carried=domains.carried)
        heads = [*plain, across.ways()["few"].solve(known)]
        right = [100 * (one.outputs(domains.target[rest]).argmax(1) == truth[rest]).mean() for one in heads]
        gains[f"few, {per} a class"] = right[-1] - max(right[:-1])
    return gains


def controls(asked: argparse.Namespace) -> None:
    """Targets that must not be adapted to: how many are refused, and what is lost where one is not."""
    found: dict[str, list[tuple[float | None, dict[str, list[str]]]]] = {}

    def add(kind: str, domains: Domains, truth: IntArray | None) -> None:
        right, refused = rates(domains, domains.target[:, 0] if truth is None else truth, JUDGED)
        lost = None if truth is None else right["align"] - right["source_only"]
        found.setdefault(kind, []).append((lost, refused))

    def wanted(name: str) -> bool:
        return not asked.sets or name.startswith(tuple(asked.sets))

    draws = np.random.default_rng(asked.seed)
    for name in sorted(file.stem for file in asked.folder.glob("*.npz")):
        if name.startswith("amazon") or name == "noise" or not wanted(name):
            continue
        x, y = load(asked.folder, name)
        order = draws.permutation(len(y))
        for size in (800, 200, 120):
            one, other = np.array_split(order[:size], 2)
            halves = Domains(x[one], y[one], x[other], int(y.max()) + 1, linear)
            add(f"same domain, {size // 2} rows", halves, y[other])
    photographs = [one for one in LOOKS if one != "negative"]
    for source in [f"trashnet-{one}" for one in photographs] + ["lite-mnist", "lite-mnistm", "lite16-usps"]:
        if not wanted(source):
            continue
        x, y = load(asked.folder, source)
        rows = draws.permutation(len(y))[:MOST]
        for target in [f"hymenoptera-{one}" for one in photographs] + ["noise"]:
            other = load(asked.folder, target)[0][:MOST]
            kind = "noise" if target == "noise" else "other objects"
            add(kind, Domains(x[rows], y[rows], other, int(y.max()) + 1, linear), None)
    for pair in pairs():
        if pair.family == "amazon" or not wanted(pair.source):
            continue
        domains, truth = drawn(asked.folder, pair, asked.seed)
        heavy = truth < domains.k / 2
        kept = heavy | (draws.random(len(truth)) < 0.2)
        parts = {"other shares": kept, "classes missing": truth > 0 if domains.k > 2 else kept}
        for kind, some in parts.items():
            part = Domains(domains.source, domains.right, domains.target[some], domains.k, linear)
            add(kind, part, truth[some])
    print("| control | targets | refused, same | unknown | worst shipped, same | unknown |")
    print("|---" * 6 + "|")
    for kind, rows in found.items():
        cells = [
            f"{100 * np.mean([bool(refused[one]) for _, refused in rows]):.0f} %"
            for one in ("same", "unknown")
        ]
        for one in ("same", "unknown"):
            lost = [loss for loss, refused in rows if loss is not None and not refused[one]]
            cells.append(f"{min(lost):+.1f}" if lost else "none")
        print(f"| {kind} | {len(rows)} | " + " | ".join(cells) + " |")


def cover(asked: argparse.Namespace) -> None:
    """How often the interval of labelled disagreements holds the truth."""
    draws = np.random.default_rng(0)
    print("| labels | held: mean | least | most | half width |\n|---|---|---|---|---|")
    worlds = [
        (0.1, 0.6, 0.2),
        (0.3, 0.6, 0.2),
        (0.3, 0.3, 0.3),
        (0.3, 0.7, 0.3),
        (0.5, 0.6, 0.1),
        (0.6, 0.9, 0.05),
    ]
    for labels in (20, 30, 50, 100):
        held, widths = [], []
        for share, won, lost in worlds:
            odds = [share * won, share * lost, share * (1 - won - lost), 1 - share]
            truth, known = share * (won - lost), {}
            inside = 0
            for wins, losses, wrong, _ in draws.multinomial(labels, odds, size=3000).tolist():
                key = wins, losses, wrong
                known[key] = known.get(key) or interval(wins, losses, wins + losses + wrong, share)
                inside += known[key].low <= truth <= known[key].high
                widths.append((known[key].high - known[key].low) / 2)
            held.append(100 * inside / 3000)
        width = 100 * np.mean(widths)
        print(
            f"| {labels} | {np.mean(held):.1f} % | {min(held):.1f} | {max(held):.1f} | {width:.0f} points |"
        )


def cost(asked: argparse.Namespace) -> None:
    """Seconds of processor beyond the frozen pass: all ways and the guard."""
    draws = np.random.default_rng(0)
    for rows in (400, 5000):
        for width in (384, 1280):
            centres, right = draws.normal(size=(10, width)), np.arange(rows) % 10
            source, target = (centres[right] + 3 * draws.normal(size=(rows, width)) for _ in range(2))
            started = time.process_time()
            domains = Domains(source, right, target * 1.5 + 1, 10, linear)
            judged(domains, across.heads(domains), "same")
            print(f"{rows} + {rows} rows of {width}: {time.process_time() - started:.1f} s", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    verbs = parser.add_subparsers(required=True)
    verb = verbs.add_parser("features")
    verb.add_argument("--out", type=Path, required=True)
    verb.set_defaults(run=features)
    verb = verbs.add_parser("pairs")
    verb.add_argument("folder", type=Path)
    verb.add_argument("--part", choices=("development", "held", "all"), default="all")
    verb.add_argument("--families", nargs="*")
    verb.add_argument("--seed", type=int, default=0)
    verb.set_defaults(run=run_pairs)
    verb = verbs.add_parser("controls")
    verb.add_argument("folder", type=Path)
    verb.add_argument("--sets", nargs="*")
    verb.add_argument("--seed", type=int, default=0)
    verb.set_defaults(run=controls)
    verbs.add_parser("interval").set_defaults(run=cover)
    verbs.add_parser("cost").set_defaults(run=cost)
    asked = parser.parse_args()
    asked.run(asked)


if __name__ == "__main__":
    main()
