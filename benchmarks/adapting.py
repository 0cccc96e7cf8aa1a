"""Across domains: what the ways gain, what the guard lets through, and what it refuses.

    python benchmarks/domain_sets.py DIR
    python benchmarks/adapting.py pairs DIR --half development|held [--families digits …] [--seed 0]
    python benchmarks/adapting.py controls DIR --half development|held [--kinds noise …] [--seed 0]
                                  [--keep FILE]
    python benchmarks/adapting.py sets DIR --half development|held [--families digits …] [--seed 0]
    python benchmarks/adapting.py interval
    python benchmarks/adapting.py cost

`domain_sets.py` computes once what the rest reads; `domain_cases.py` says which source and target are a pair,
which a control, and in which half. The rule of the guard and its thresholds were made on the development half
and measured once on the held one. `--keep` writes what was seen of each case and goes on from there: only the
rule is asked anew. A pair takes up to 400 rows of each domain, a control up to 250; of two looks of one set
the rows are different examples. In `sets` each of five labels is some of the classes, drawn for the pair, so
that an example has several of them or none; what is right is the whole set. Pairs whose features are not in
DIR are left out there.
"""

from __future__ import annotations

import argparse
import json
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
from domain_cases import DRAWN, HALVES, Case, at_hand, controls, pairs
from scipy.stats import binomtest

from headstart.adaptation import domains as across
from headstart.adaptation.domains.base import Domains, Labelled, alike
from headstart.tasks.answers.label_sets import LabelSets
from headstart.tasks.solvers import linear
from headstart.types import IntArray
from headstart.verification import guard
from headstart.verification.across import MOVING, judged
from headstart.verification.checked import interval
from headstart.verification.halves import Halves

ALONE = ("source_only", "source_only_scaled")
JUDGED = ("source_only", *MOVING, "align", "align_self")
"""Ways that the guard asks, and that may ship."""
SETS = (*JUDGED, "source_only_scaled")
LABELS, MANY = 5, 4
"""Labels of a set, and classes that they are made of at least."""
DECLARED = {"same": across.SELF, "unknown": across.VOTE}
"""What may be declared of the shares of classes, and what may ship then."""


@dataclass(frozen=True)
class Measured:
    """What a case gives."""

    right: Mapping[str, float]
    """By way, points that it has right in the target; nothing where nothing is right."""
    few: Mapping[str, float]
    """Gains with a few labels."""
    seen: guard.Seen

    def refused(self, declared: str) -> bool:
        """Does the guard refuse the adapted model?"""
        return bool(guard.refused(self.seen, declared))

    def gain(self, declared: str) -> float:
        """Points of what ships over `source_only`."""
        return 0.0 if self.refused(declared) else self.right[DECLARED[declared]] - self.right["source_only"]

    def __str__(self) -> str:
        """Whether it ships under each declaration."""
        return ", ".join("stays" if self.refused(one) else "ships" for one in DECLARED)


def measured(
    cases: Iterable[Case], asked: argparse.Namespace, measure: Callable[[Domains, IntArray | None], Measured]
) -> Iterator[tuple[Case, Measured]]:
    """Each case and what it gives, from the file of what was kept where it is there."""
    kept = {}
    if asked.keep and asked.keep.exists():
        kept = dict(json.loads(line) for line in asked.keep.read_text("utf-8").splitlines())
    for case in cases:
        key = f"{case.kind} {case.source} {case.target} {case.rows} {asked.seed}"
        if key in kept:
            seen = dict(kept[key]["seen"])
            seen["halves"] = Halves(**seen["halves"])
            yield case, Measured(kept[key]["right"], kept[key]["few"], guard.Seen(**seen))
            continue
        found = measure(*case.drawn(asked.folder, asked.seed))
        if asked.keep:
            with asked.keep.open("a", encoding="utf-8") as file:
                file.write(json.dumps([key, asdict(found)]) + "\n")
        yield case, found


def all_ways(domains: Domains, truth: IntArray | None) -> Measured:
    """A pair."""
    assert truth is not None
    found = judged(domains, across.heads(domains), "same")
    return Measured(points(found.said, truth), few_labels(domains, truth), found.seen)


def guarded(domains: Domains, truth: IntArray | None) -> Measured:
    """A control."""
    found = judged(domains, {one: across.ways()[one].solve(domains) for one in JUDGED}, "same")
    return Measured({} if truth is None else points(found.said, truth), {}, found.seen)


def points(said: Mapping[str, IntArray], truth: IntArray) -> dict[str, float]:
    return {name: 100 * float((one == truth).mean()) for name, one in said.items()}


def run_pairs(asked: argparse.Namespace) -> None:
    """Gains over the stronger of the two source-only models, by family."""
    rows = defaultdict[str, list[dict[str, float]]](list)
    ships = []
    cases = [one for one in pairs(asked.half) if not asked.families or one.family in asked.families]
    for case, found in measured(cases, asked, all_ways):
        best = max(found.right[name] for name in ALONE)
        gains = {name: value - best for name, value in found.right.items()}
        for declared in DECLARED:
            gains[f"guarded, {declared}"] = found.gain(declared) + found.right["source_only"] - best
            gains[f"guarded, {declared}, of source_only"] = found.gain(declared)
        rows[case.family].append(gains | found.few)
        ships.append([not found.refused(one) for one in DECLARED])
        told = f"{found.right['source_only']:.1f}, {gains[across.VOTE]:+.1f}, {found}"
        print(f"{case.source} -> {case.target}: {told}", flush=True)
    every = [gains for some in rows.values() for gains in some]
    print("\n| over the stronger source-only | " + " | ".join(rows) + " | all | below -1 | worst |")
    print("|---" * (len(rows) + 4) + "|")
    for name in every[0]:
        values = np.array([gains[name] for gains in every])
        means = [np.mean([gains[name] for gains in some]) for some in rows.values()]
        cells = " | ".join(f"{value:+.1f}" for value in [*means, values.mean()])
        print(f"| {name} | {cells} | {100 * (values < -1).mean():.0f} % | {values.min():+.1f} |")
    shares = ", ".join(
        f"{one} {share:.0%}" for one, share in zip(DECLARED, np.mean(ships, axis=0), strict=True)
    )
    print(f"{len(every)} pairs; ships: {shares}")


def run_sets(asked: argparse.Namespace) -> None:
    """The same pairs with sets of labels: gains over the stronger of the two source-only models."""
    gains = defaultdict[str, list[float]](list)
    for case in at_hand(asked.folder, asked.half, asked.families):
        domains, truth = case.drawn(asked.folder, asked.seed)
        if truth is None or domains.k < MANY:
            continue
        draws = np.random.default_rng([asked.seed, *case.target.encode()])
        labels = np.array(
            [draws.permutation(domains.k) < draws.integers(1, domains.k) for _ in range(LABELS)]
        )
        of_class = labels.T.astype(np.int64)
        source, target = map(LabelSets().as_read, (domains.source, domains.target))
        tagged = Domains(source, of_class[domains.right], target, LABELS, linear)
        found = judged(tagged, {one: across.solved(across.ways()[one], tagged) for one in SETS}, "same")
        right = {name: 100 * float(alike(one, of_class[truth]).mean()) for name, one in found.said.items()}
        best = max(right[name] for name in ALONE)
        ships = across.VOTE if not guard.refused(found.seen, "same") else "source_only"
        told = {**{name: right[name] for name in SETS}, "guarded, same": right[ships]}
        for name, value in told.items():
            gains[name].append(value - best)
        print(f"{case.source} -> {case.target}: {best:.1f}, {ships} {right[ships] - best:+.1f}", flush=True)
    print("\n| sets, over the stronger source-only | mean | below -1 | worst |\n|---|---|---|---|")
    for name, values in gains.items():
        row = np.array(values)
        print(f"| {name} | {row.mean():+.1f} | {100 * (row < -1).mean():.0f} % | {row.min():+.1f} |")
    print(f"{len(gains['source_only'])} pairs")


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


def run_controls(asked: argparse.Namespace) -> None:
    """Targets that must not be adapted to: how many are refused, and what is lost where one is not."""
    rows = defaultdict[str, list[Measured]](list)
    cases = [one for one in controls(asked.half) if one.kind in asked.kinds]
    for case, found in measured(cases, asked, guarded):
        rows[case.kind].append(found)
        lost = f", {found.right[across.VOTE] - found.right['source_only']:+.1f}" if found.right else ""
        print(f"{case.kind}: {case.source} -> {case.target}: {found}{lost}", flush=True)
    rows["the first three together"] = [
        one for kind in ("other things", "noise", "same domain") for one in rows[kind]
    ]
    print("\n| control | targets | refused, same | refused, unknown | worst shipped, same | unknown |")
    print("|---" * 6 + "|")
    for kind, some in rows.items():
        if some:
            cells = [refusals(some, one) for one in DECLARED] + [worst(some, one) for one in DECLARED]
            print(f"| {kind} | {len(some)} | " + " | ".join(cells) + " |")


def refusals(some: Sequence[Measured], declared: str) -> str:
    """How many are refused, with the exact 95 % interval of Clopper and Pearson."""
    many = sum(one.refused(declared) for one in some)
    ends = binomtest(many, len(some)).proportion_ci(method="exact")
    return f"{many}: {many / len(some):.0%} [{ends.low:.0%}, {ends.high:.0%}]"


def worst(some: Sequence[Measured], declared: str) -> str:
    """The least gain of those that ship and are right about something."""
    gains = [one.gain(declared) for one in some if one.right and not one.refused(declared)]
    return f"{min(gains):+.1f}" if gains else "none"


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
    for name, run in (("pairs", run_pairs), ("sets", run_sets), ("controls", run_controls)):
        verb = verbs.add_parser(name)
        verb.add_argument("folder", type=Path)
        verb.add_argument("--half", choices=HALVES, required=True)
        verb.add_argument("--seed", type=int, default=0)
        verb.add_argument("--keep", type=Path)
        if name != "controls":
            verb.add_argument("--families", nargs="*")
        else:
            verb.add_argument("--kinds", nargs="*", default=list(DRAWN))
        verb.set_defaults(run=run)
    verbs.add_parser("interval").set_defaults(run=cover)
    verbs.add_parser("cost").set_defaults(run=cost)
    asked = parser.parse_args()
    asked.run(asked)


if __name__ == "__main__":
    main()
