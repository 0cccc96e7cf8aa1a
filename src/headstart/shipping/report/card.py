"""The model card: the README.md of a bundle, in the form that the Hugging Face hub reads.

The head is YAML written by a YAML library; the text escapes whatever a user named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath

import yaml  # type: ignore[import-untyped]

from ... import tasks
from ...records import Metric, Outcome
from . import words
from .words import several

LISTED_LABELS = 30
"""A card lists so many class names; bundle.json has them all."""
FILES = """```
headstart predict BUNDLE FILE
```

`FILE` is one or more files, or folders of files."""
TEXTS = """```
headstart predict BUNDLE "A text."
headstart predict BUNDLE texts.csv --json
headstart predict BUNDLE - < lines.txt
```

Or in Python:

```python
import headstart

for record in headstart.predict("BUNDLE", ["A text.", "Another one."]):
    print(record)
```

A table gives the texts of its column, any other file is one text, and `-` takes one text a line."""
"""How to predict, for inputs that are files and for texts."""


def write(outcome: Outcome) -> str:
    """The card of the bundle that a run ships.

    Returns:
        Markdown with a YAML head, which can be written as UTF-8.
    """
    head = yaml.safe_dump(_head(outcome), sort_keys=False, allow_unicode=True, width=1000)
    parts = (_what, _how, _verdict, _metric, _data, _limits, _predict)
    text = "\n\n".join(part(outcome) for part in parts)
    return f"---\n{head}---\n\n{text}\n".encode("utf-8", "backslashreplace").decode("utf-8")


def _head(outcome: Outcome) -> dict[str, object]:
    """What the hub indexes. A base is named only where its weights are in the bundle."""
    transferred = _transferred(outcome)
    head = {
        **_licence(outcome.base.licence if transferred else None),
        "library_name": "headstart",
        "base_model": _base_name(outcome) if transferred else None,
        "pipeline_tag": _pipeline(outcome),
        "tags": ["headstart", "transfer-learning", outcome.chosen.arm, _pipeline(outcome)],
        "metrics": [outcome.metric.name],
        "dataset_fingerprint": outcome.data.fingerprint,
        "model-index": [{"name": _name(outcome), "results": [_entry(outcome)]}],
    }
    return {key: value for key, value in head.items() if value is not None}


def _licence(licence: str | None) -> dict[str, str]:
    """The hub knows licences by a short lower-case word; any other is `other` with its name."""
    if not licence:
        return {"license": "unknown"}
    if re.fullmatch(r"[A-Za-z0-9.+-]+", licence):
        return {"license": licence.lower()}
    return {"license": "other", "license_name": licence}


def _entry(outcome: Outcome) -> dict[str, object]:
    """The test result in the hub's model-index; values are fractions."""
    metric, titles = outcome.metric, tasks.titles_of(outcome.task)
    others: Mapping[str, float | None] = {metric.name: metric.value, **outcome.metrics}
    return {
        "task": {"type": _pipeline(outcome)},
        "dataset": {
            "type": "custom",
            "name": "The user's own data",
            "split": "test",
            "revision": outcome.data.fingerprint,
        },
        "metrics": [
            {"type": name, "value": value, "name": f"Test {titles.of(name)}"}
            for name, value in others.items()
            if words.number(value) is not None
        ],
    }


def _what(outcome: Outcome) -> str:
    labels = outcome.data.labels
    kind = words.spelled(outcome.task)
    text = f"# {_md(_name(outcome))}\n\nA model for {kind}"
    if outcome.data.counted_by == ("class", "classes"):  # names of values are no classes
        listed = ", ".join(_md(label) for label in labels[:LISTED_LABELS])
        more = (
            f", and {len(labels) - LISTED_LABELS} more (see `bundle.json`)"
            if len(labels) > LISTED_LABELS
            else ""
        )
        text += f" into {several(len(labels), 'class', 'classes')}: {listed}{more}"
    return f"{text}.\n\nMade with Headstart {_md(outcome.headstart)}."


def _real_time(outcome: Outcome) -> str:
    speed = outcome.speed
    if speed is None or speed.real_time_factor is None:
        return ""
    threads = several(speed.threads, "thread", "threads")
    return (
        f"\n- Real-time factor where it was made: {words.plain(speed.real_time_factor)} s for each second of "
        f"sound, from the file to the answer ({threads})"
    )


def _how(outcome: Outcome) -> str:
    chosen, base, receipt = outcome.chosen, outcome.base, outcome.receipt
    arm = _code(chosen.arm)
    if not _transferred(outcome):
        return (
            f"## How it was made\n\nThe arm {arm}, which uses no pre-trained weights, was best on validation."
        )
    adapted, renamed = words.ways(receipt.adapted), receipt.renamed
    return (
        f"## How it was made\n\nThe arm {arm}, chosen on validation, started from "
        f"{_code(_base_name(outcome))}.\n\n"
        f"- Pre-trained on: {_md(base.source_data or 'not stated by its source')}\n"
        f"- Licence of the base: {_md(base.licence or 'not stated by its source')}\n"
        f"- Parameters of the backbone: {words.plain(base.parameters)}\n"
        f"- SHA-256 of its weights: {_code(base.sha256)}\n"
        f"- Share of the backbone loaded from it: {words.percent(receipt.fraction)}"
        + (f"\n- Head: {_code(chosen.head)}" if chosen.head else "")
        + _real_time(outcome)
        + (f"\n- Weights that were made to fit: {_md(adapted)}" if adapted else "")
        + (
            f"\n- The checkpoint had {_md(renamed)}, which a known rule made this network's"
            if renamed
            else ""
        )
    )


def _verdict(outcome: Outcome) -> str:
    few = outcome.verdict is not None and outcome.verdict.preliminary
    flag = f"\n\nToo few seeds. {words.PRELIMINARY}" if few else ""
    said = words.sentence(outcome, tasks.titles_of(outcome.task).of(outcome.metric.name))
    further = f"\n\n{_md(words.ended(outcome.verdict))}" if outcome.verdict is not None else ""
    return f"## Did transfer help?\n\n{_md(said)}{further}{flag}"


def _metric(outcome: Outcome) -> str:
    metric, titles = outcome.metric, tasks.titles_of(outcome.task)
    span = words.span(metric.interval, words.value_form(metric.range))
    rows: list[tuple[str, float | None, str]] = [(metric.name, metric.value, span)]
    rows += [(name, value, "") for name, value in outcome.metrics.items() if name != metric.name]
    lines = [
        f"| {_md(words.capital(titles.of(name)))} | {words.measure(name, value, outcome.ranges)} | {ends} |"
        for name, value, ends in rows
    ]
    table = "\n".join(["| Metric | Value | 95 % interval |", "|---|---|---|", *lines])
    return f"## Test result\n\nOn {several(metric.n, 'test example')}{_folds(metric)}.\n\n{table}"


def _folds(metric: Metric) -> str:
    if not metric.folds:
        return ""
    return (
        f", each tested once, {words.tested(metric)}, by a model like this one that had not learned from it"
    )


def _data(outcome: Outcome) -> str:
    data = outcome.data
    sizes = ", ".join(f"{words.plain(count)} {side}" for side, count in data.sides.items())
    lines = [f"- Examples: {sizes}", f"- Left out as unusable: {several(data.dropped.count, 'item')}"]
    lines += [f"- {_md(finding.message)}" for finding in data.findings]
    lines.append(f"- Fingerprint: {_code(data.fingerprint)}")
    return "## Data\n\n" + "\n".join(lines)


def _limits(outcome: Outcome) -> str:
    lines = [
        "The test result holds for data that come about as the test split did; on other data it may be worse."
    ]
    if outcome.abstain:  # one class an answer, with a probability
        lines.append(
            "The model answers with one of its classes whatever it is shown; it cannot say that none fits."
        )
    base = outcome.base
    if _transferred(outcome) and base.input_unit == "tokens":
        lines.append(f"Of a text it looks at no more than about {words.plain(base.input_size)} tokens.")
    if _transferred(outcome):
        lines.append("The terms of the base and of what it was pre-trained on apply to this model too.")
    lines += outcome.notes
    return "## Limits\n\n" + "\n".join(f"- {_md(line)}" for line in lines)


def _predict(outcome: Outcome) -> str:
    files = outcome.base.input_unit != "tokens"
    usage = FILES if files else TEXTS
    kept = "" if files else " and `tokenizer.json`"
    return (
        f"## How to predict\n\n{usage}\n\n`BUNDLE` is this folder. The weights are in `model.safetensors`, "
        f"everything else that is needed in `bundle.json`{kept}."
    )


def _transferred(outcome: Outcome) -> bool:
    return outcome.chosen.strategy is not None


def _base_name(outcome: Outcome) -> str:
    """The hub's own id where the base came from the hub; of a path its last part, never the path."""
    name = outcome.base.name.replace("\\", "/")
    if name.startswith("hf/") or re.fullmatch(r"timm/[\w.-]+", name):
        return name.removeprefix("hf/")
    return PurePosixPath(name.rpartition("@")[2]).name or "unknown"


def _name(outcome: Outcome) -> str:
    task = _pipeline(outcome)
    return f"{task}-{PurePosixPath(_base_name(outcome)).name}" if _transferred(outcome) else task


def _pipeline(outcome: Outcome) -> str:
    return outcome.task.replace("_", "-")


def _md(value: str) -> str:
    """Text that Markdown shows as it is: one line, nothing that formats, links or is HTML."""
    line = " ".join(value.split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # An underscore inside a word formats nothing.
    return re.sub(r"([\\`*\[\]#|~]|(?<!\w)_|_(?!\w))", r"\\\1", line)


def _code(value: str) -> str:
    """A short text as code; a backtick in it would end the code."""
    return "`" + " ".join(value.replace("`", "'").split()) + "`"
