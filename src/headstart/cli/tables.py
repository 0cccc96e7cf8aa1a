"""Records as rows of a table: a ranking for people, predictions for a CSV file."""

from __future__ import annotations

import csv
import json
import os
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any

from ..across import Across
from ..errors import RunError
from ..explored import Explored
from ..measured import Costed
from ..records import Data, Outcome
from ..shipping.report.words import amount, sentence
from ..types import BaseCard, Offered
from . import output

_FEW = 8
VERBS = {"helps": "helps", "hurts": "hurts", "undecided": "neither helps nor hurts for sure"}
_FACTS = [field.name for field in fields(BaseCard)]
_SIDES = {"train": "training"}
_SINGULAR = {"probabilities": "probability", "shares": "share"}


def ranking(rows: Sequence[Costed]) -> list[dict[str, object]]:
    """What a person reads of a ranking: places, the combined score, each score with its rank, costs."""
    return [
        {
            "place": f"{row.place}{'=' if row.tied else ''}",
            "base": row.base,
            "score": f"{row.score:+.2f} ± {row.deviation or 0:.2f}",
            **{
                name: f"{value:.3f} ({(row.ranks or {})[name]:g})"
                for name, value in (row.scores or {}).items()
            },
            "prior": f"{row.prior or 0:+.2f}" if row.prior_sets else "unknown",
            "by size": f"{row.by_size:g}",
            "by list": f"{row.by_list:g}",
            "parameters": amount(row.parameters or 0).replace(" ", ""),
            "latency": f"{row.latency_ms:.1f} ms",
            **({"memory": f"{row.memory_mb:.0f} MB"} if row.memory_mb else {}),
            "licence": row.licence,
            "seconds": f"{row.seconds:.1f}",
        }
        for row in rows
    ]


def bases(listed: Sequence[BaseCard | Offered]) -> list[dict[str, Any]]:
    """Facts under the same names for all; what is not known of a base that is not there yet is None.

    `megabytes` are those of its files where it is not there, else of its backbone's weights.
    """
    known = (
        {**asdict(one), "megabytes": round(4e-6 * one.parameters, 1), "stages": len(one.stages)}
        if isinstance(one, BaseCard)
        else asdict(one)
        for one in listed
    )
    names = [*_FACTS, "megabytes", "install"]
    return [{name: row.get(name) for name in names} for row in known]


def show_bases(rows: Sequence[Mapping[str, Any]]) -> None:
    """What a person reads of bases in 80 columns; everything else is in the JSON."""
    output.table(
        [
            {
                "name": _within(row["name"], 34),
                "modality": row["modality"],
                "size": amount(row["parameters"]).replace(" ", "") if row["parameters"] else "-",
                "licence": _within(row["licence"] or "unknown", 14),
                "here": "no" if row["install"] else "yes",
            }
            for row in rows
        ]
    )
    lines = dict.fromkeys(row["install"] for row in rows if row["install"])
    for line in lines:
        names = ", ".join(row["name"].removeprefix("builtin/") for row in rows if row["install"] == line)
        print(f"\nnot here: {names}\n  {line}")
    output.Terminal().note("size: parameters; all facts: headstart bases --json")


def _within(text: str, width: int) -> str:
    """The text, its beginning left out where it is longer."""
    return text if len(text) <= width else f"…{text[1 - width :]}"


def usable(data: Data) -> str:
    """The verdict of a check: what can be used, and what to look at."""
    total = sum(data.sides.values())
    findings, left = len(data.findings), data.dropped.count
    looked = f"{findings} finding{'s' * (findings != 1)} to look at" if findings else "nothing odd"
    return f"verdict  can be used: {total} examples, {looked}, {left} left out"


def read_as(layout: str, data: Data) -> str:
    """What data were read as: task and layout, how many examples, which classes or kinds."""
    names = [output.flat(name) for name in data.per_class]
    few = f"{', '.join(names[:_FEW])}{', …' if len(names) > _FEW else ''}"
    counts = ", ".join(f"{count} {_SIDES.get(side, side)}" for side, count in data.sides.items())
    kinds = data.counted_by
    classes = f"; {len(names)} {kinds[len(names) != 1]}: {few}" if kinds else ""
    return f"read as {layout}: {counts}{classes}\n"


def answer_line(record: dict[str, object]) -> str:
    """One prediction for a person: the input, what was answered, and whether that is unsure."""
    if "because" in record:
        return _recommended(record)
    hidden = ("abstain", "probabilities", "words", "new")
    shown = (value for name, value in record.items() if name not in hidden and not _is_embedded(name, value))
    return "\t".join([*map(_cell, shown), *(["unsure"] if record.get("abstain") else [])])


def _recommended(record: dict[str, Any]) -> str:
    """The items for one user, one below the other, each with the items of theirs for which it is there."""
    nobody = "" if record["known"] else ", for nothing is known of this user"
    lines = [f"{output.flat(str(record['input']))}\tby {record['basis']}{nobody}"]
    for item, score, told in zip(record["items"], record["scores"], record["because"], strict=True):
        why = f"\tbecause of {output.flat(' and '.join(told))}" if told else ""
        lines.append(f"\t{output.flat(item)}\t{score:.3f}{why}")
    if record["new"]:
        lines.append(f"\tof those that nobody took yet\t{output.flat(', '.join(record['new']))}")
    return "\n".join(lines)


def _cell(value: Any) -> str:
    """A part of an answer: boxes with their corners in pixels, shares as percentages."""
    if isinstance(value, float):
        return f"{value:.3f}"
    if isinstance(value, dict):
        return ", ".join(f"{output.flat(str(name))} {_percent(one)}" for name, one in value.items())
    if isinstance(value, list):
        return _listed(value) or "nothing found"
    return output.flat(str(value))


def _listed(value: list[Any]) -> str:
    """Labels as one text, as tables of labels have them; other things one after the other."""
    texts = all(isinstance(one, str) for one in value)
    return output.flat("|".join(value)) if texts else "; ".join(map(_item, value))


def _percent(value: Any) -> str:
    return f"{100 * value:.1f} %" if isinstance(value, float) else output.flat(str(value))


def _item(one: Any) -> str:
    if not isinstance(one, dict) or "box" not in one:
        return output.flat(str(one))
    corners = ", ".join(f"{place:.0f}" for place in one["box"])
    return f"{output.flat(one['label'])} {one['score']:.2f} ({corners})"


def _is_embedded(name: str, value: Any) -> bool:
    """Is it a whole mask, which is nothing to read?"""
    return name == "mask" and str(value).startswith("{")


def write_csv(path: Path, records: Iterable[dict[str, object]]) -> None:
    """One row per record, `probabilities` and `shares` as one column per label; whole or not at all.

    Boxes are JSON in their cell; a mask is left out where it is no file of its own.

    The records wait on disk until all columns are known: there may be millions.

    Raises:
        RunError: the file cannot be written.
    """
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    names: dict[str, None] = {}
    with tempfile.TemporaryFile("w+", encoding="utf-8") as waiting:
        for record in records:
            row = _flat(record)
            names |= dict.fromkeys(row)
            waiting.write(json.dumps(row) + "\n")
        waiting.seek(0)
        try:
            with temporary.open("w", encoding="utf-8", errors="surrogateescape", newline="") as file:
                writer = csv.DictWriter(file, list(names), restval="")
                writer.writeheader()
                writer.writerows(map(json.loads, waiting))
            os.replace(temporary, path)
        except OSError as error:
            raise RunError(f"{path} cannot be written: {error.strerror}", "choose another --out") from error
        finally:
            temporary.unlink(missing_ok=True)


def _flat(record: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in record.items():
        if isinstance(value, dict):
            found |= {f"{_SINGULAR.get(name, name)} of {label}": one for label, one in value.items()}
        elif not _is_embedded(name, value):
            found[name] = _written(value) if isinstance(value, list) else value
    return found


def _written(value: list[Any]) -> str:
    texts = all(isinstance(one, str) for one in value)
    return "|".join(value) if texts else json.dumps(value, ensure_ascii=False)


def show_across(outcome: Across, folder: Path) -> None:
    """The arms, what may be said, why what ships does, and what labels would tell."""
    rows = []
    for arm in outcome.arms:
        rate = arm.target
        known = "-" if rate is None else "{:.3f} ({:.3f} to {:.3f})".format(rate.value, *rate.interval)
        rows.append({"arm": arm.name, "agrees": f"{arm.agreement:.3f}", "right on labelled target": known})
    output.table(rows)
    print(f"\n{outcome.verdict.sentence}\nshipped: {outcome.chosen}: {outcome.why}")
    for finding in outcome.data.findings:
        print(f"{finding.kind}: {finding.message}")
    if outcome.data.dropped.count:
        print(f"left out: {outcome.data.dropped.count} examples; the report names each")
    for text in outcome.notes:
        print(f"note: {text}")
    if outcome.verdict.delta is None:
        print(f"label these first, then --labelled-target: {', '.join(outcome.to_label[:_FEW])}, …")
    bundle = folder / "bundle"
    print(f"\nreport   {folder / 'report.html'}\nbundle   {bundle}")
    print(f"beside   {folder / outcome.beside / 'bundle'}\nnext     headstart predict {bundle} INPUT")


def show_run(outcome: Outcome, folder: Path) -> None:
    """The arms as a table, the verdict as a sentence, and where everything is."""
    metric, data = outcome.metric, outcome.data
    output.table(
        [
            {
                "arm": arm.name,
                metric.name: f"{arm.value:.3f}",
                "95 % interval": "{:.3f} to {:.3f}".format(*arm.interval),
                "seconds": f"{arm.seconds:.1f}",
            }
            for arm in outcome.arms
        ]
    )
    low, high = metric.interval
    print(f"\n{sentence(outcome, metric.name)}")
    where = f"in {metric.folds} folds" if metric.folds else "on the test split"
    print(
        f"shipped: {outcome.chosen.arm}, {metric.name} {metric.value:.3f} ({low:.3f} to {high:.3f}) {where}"
    )
    for finding in data.findings:
        print(f"{finding.kind}: {finding.message}")
    if data.dropped.count:
        print(f"left out: {data.dropped.count} examples; `headstart check` names each")
    for text in outcome.notes:
        print(f"note: {text}")
    bundle = folder / "bundle"
    print(f"\nreport   {folder / 'report.html'}\nbundle   {bundle}")
    print(f"next     headstart predict {bundle} INPUT")


def show_explored(found: Explored, folder: Path) -> None:
    """The clusters as a table, what was found in a few lines, and where everything is."""
    told = any(one.words for one in found.groups)
    output.table(
        [
            {
                "cluster": one.name,
                "examples": one.size,
                "silhouette": f"{one.silhouette:.3f}",
                "medoid": output.flat(one.medoid),
                **({"words": output.flat(", ".join(one.words))} if told else {}),
            }
            for one in found.groups
        ]
    )
    print(f"\n{found.sentence}")
    if found.numbers:
        print("best numbers  " + ", ".join(f"{one.clusters} ({one.silhouette:.3f})" for one in found.numbers))
    print(f"far from all others: {len(found.lonely)}; pairs nearly the same: {len(found.copies)}")
    if (proof := found.proof) is not None:
        low, high = (100 * end for end in proof.interval)
        shares = ", ".join(f"{name} {share:.1%}" for name, share in proof.shares.items())
        gain = f"{100 * proof.delta:+.1f} points ({low:+.1f} to {high:+.1f})"
        print(f"structure: the base {VERBS[proof.call]}, {gain}\nviews that found each other: {shares}")
    if (agreed := found.agreement) is not None:
        print(
            f"beside {output.flat(agreed.column)} ({agreed.labels} labels): NMI {agreed.nmi:.3f}, "
            f"ARI {agreed.ari:.3f}, matched accuracy {agreed.matched:.3f}, "
            f"nearest neighbours {agreed.neighbours:.3f}"
        )
    for finding in found.findings:
        print(f"{finding.kind}: {finding.message}")
    for one in found.dropped.items[:_FEW]:
        print(f"left out: {output.flat(one.file)}: {output.flat(one.reason)}")
    if found.dropped.count > _FEW:
        print(f"left out: {found.dropped.count - _FEW} more; result.json names each")
    print(
        f"\nreport   {folder / 'report.html'}\ntable    {folder / 'table.csv'}\nbundle   {folder / 'bundle'}"
    )
    print(f"next     headstart predict {folder / 'bundle'} INPUT")


def show_pretrained(record: dict[str, Any], folder: Path) -> None:
    """What was learned from, how far the features spread, and what to do with the base."""
    rows = ("name", "train", "classes", "metric", "value")
    output.table([{name: source[name] for name in rows} for source in record["sources"]])
    knn = "" if record["knn"] is None else f", nearest neighbours on the probe {record['knn']:.3f}"
    if record["dimensions"] is not None:
        print(f"\nfeatures spread in {record['dimensions']:.0f} effective dimensions{knn}")
    print(f"base     {folder}\nnext     headstart run DATA --base {folder}")


def show_export(record: dict[str, Any]) -> None:
    """Both engines as a table, and how far they are apart."""
    metric = record["metric"]
    output.table(
        [
            {
                "engine": title,
                "ms an example": f"{1e3 * record['seconds'][name]:.2f}",
                "examples a second": f"{1 / record['seconds'][name]:.0f}",
                **({metric["name"]: f"{metric[name]:.4f}"} if metric else {}),
            }
            for name, title in (("pytorch", "PyTorch"), ("onnxruntime", "ONNX Runtime"))
        ]
    )
    split = f" of the {record['split']} split" if record["split"] else ""
    apart = f"{record['difference']:.1e} of the largest output apart"
    print(f"\ncompared on {record['n']} examples{split}: {apart}")
