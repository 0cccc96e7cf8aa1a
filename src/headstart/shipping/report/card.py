"""The model card: the README.md of a bundle, in the form that the Hugging Face hub reads.

The head is YAML written by a YAML library; the text escapes whatever a user named.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import PurePosixPath
from typing import Any

import yaml  # type: ignore[import-untyped]

from . import words
from .words import several

Json = Mapping[str, Any]

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


def write(result: Json) -> str:
    """The card of the bundle that a run ships.

    Args:
        result: what result.json holds; parts may be missing.

    Returns:
        Markdown with a YAML head, which can be written as UTF-8.
    """
    head = yaml.safe_dump(_head(result), sort_keys=False, allow_unicode=True, width=1000)
    parts = (_what, _how, _verdict, _metric, _data, _limits, _predict)
    text = "\n\n".join(part(result) for part in parts)
    return f"---\n{head}---\n\n{text}\n".encode("utf-8", "backslashreplace").decode("utf-8")


def _head(result: Json) -> dict[str, Any]:
    """What the hub indexes. A base is named only where its weights are in the bundle."""
    base = result.get("base") or {}
    metric = result.get("metric") or {}
    transferred = _transferred(result)
    head = {
        **_licence(base.get("licence") if transferred else None),
        "library_name": "headstart",
        "base_model": _base_name(result) if transferred else None,
        "pipeline_tag": _pipeline(result),
        "tags": [
            "headstart",
            "transfer-learning",
            (result.get("chosen") or {}).get("arm"),
            _pipeline(result),
        ],
        "metrics": [metric.get("name")],
        "dataset_fingerprint": _of(result, "data", "fingerprint"),
        "model-index": [{"name": _name(result), "results": [_entry(result)]}] if metric else None,
    }
    return {key: _without_none(value) for key, value in head.items() if value is not None}


def _licence(licence: str | None) -> dict[str, str]:
    """The hub knows licences by a short lower-case word; any other is `other` with its name."""
    if not licence:
        return {"license": "unknown"}
    if re.fullmatch(r"[A-Za-z0-9.+-]+", licence):
        return {"license": licence.lower()}
    return {"license": "other", "license_name": licence}


def _entry(result: Json) -> dict[str, Any]:
    """The test result in the hub's model-index; values are fractions."""
    metric, data = result["metric"], result.get("data") or {}
    others = {metric.get("name"): metric.get("value")} | (result.get("metrics") or {})
    return {
        "task": {"type": _pipeline(result)},
        "dataset": {
            "type": "custom",
            "name": "The user's own data",
            "split": "test",
            "revision": data.get("fingerprint"),
        },
        "metrics": [
            {"type": name, "value": value, "name": f"Test {words.spelled(name)}"}
            for name, value in others.items()
            if words.number(value) is not None
        ],
    }


def _without_none(value: Any) -> Any:
    """The value with None taken out of its mappings and lists, all the way down."""
    if isinstance(value, Mapping):
        return {key: _without_none(item) for key, item in value.items() if item is not None}
    if isinstance(value, list):
        return [_without_none(item) for item in value if item is not None]
    return value


def _what(result: Json) -> str:
    labels = _of(result, "data", "labels") or []
    kind = words.title(result.get("task") or "prediction").lower()
    text = f"# {_md(_name(result))}\n\nA model for {kind}"
    if labels:
        listed = ", ".join(_md(label) for label in labels[:LISTED_LABELS])
        more = (
            f", and {len(labels) - LISTED_LABELS} more (see `bundle.json`)"
            if len(labels) > LISTED_LABELS
            else ""
        )
        text += f" into {several(len(labels), 'class', 'classes')}: {listed}{more}"
    return f"{text}.\n\nMade with Headstart {_md(result.get('headstart') or '(unknown version)')}."


def _how(result: Json) -> str:
    chosen, base = result.get("chosen") or {}, result.get("base") or {}
    arm = _code(chosen.get("arm") or "unknown")
    if not _transferred(result):
        return (
            f"## How it was made\n\nThe arm {arm}, which uses no pre-trained weights, was best on validation."
        )
    adapted, renamed = words.ways(_of(result, "receipt", "adapted")), _of(result, "receipt", "renamed")
    return (
        f"## How it was made\n\nThe arm {arm}, chosen on validation, started from "
        f"{_code(_base_name(result))}.\n\n"
        f"- Pre-trained on: {_md(base.get('source_data') or 'not stated by its source')}\n"
        f"- Licence of the base: {_md(base.get('licence') or 'not stated by its source')}\n"
        f"- Parameters of the backbone: {words.plain(base.get('parameters'))}\n"
        f"- SHA-256 of its weights: {_code(base.get('sha256') or 'unknown')}\n"
        f"- Share of the backbone loaded from it: {words.percent(_of(result, 'receipt', 'fraction'))}"
        + (f"\n- Head: {_code(chosen['head'])}" if chosen.get("head") else "")
        + (f"\n- Weights that were made to fit: {_md(adapted)}" if adapted else "")
        + (
            f"\n- The checkpoint had {_md(renamed)}, which a known rule made this network's"
            if renamed
            else ""
        )
    )


def _verdict(result: Json) -> str:
    flag = f"\n\nToo few seeds. {words.PRELIMINARY}" if _of(result, "verdict", "preliminary") else ""
    return f"## Did transfer help?\n\n{_md(words.sentence(result))}{flag}"


def _metric(result: Json) -> str:
    metric = result.get("metric") or {}
    if not metric:
        return "## Test result\n\nNot measured."
    rows = [
        (
            metric.get("name"),
            metric.get("value"),
            words.span(metric.get("interval"), words.value_form(metric)),
        )
    ]
    rows += [(name, v, "") for name, v in (result.get("metrics") or {}).items() if name != metric.get("name")]
    lines = [
        f"| {_md(words.title(n))} | {words.measure(str(n), v, result.get('ranges'))} | {span} |"
        for n, v, span in rows
    ]
    table = "\n".join(["| Metric | Value | 95 % interval |", "|---|---|---|", *lines])
    return f"## Test result\n\nOn {several(metric.get('n'), 'test example')}{_folds(metric)}.\n\n{table}"


def _folds(metric: Json) -> str:
    if not metric.get("folds"):
        return ""
    return (
        f", each tested once, {words.tested(metric)}, by a model like this one that had not learned from it"
    )


def _data(result: Json) -> str:
    data = result.get("data") or {}
    sizes = ", ".join(f"{words.plain(data.get(split))} {split}" for split in ("train", "validation", "test"))
    dropped = (data.get("dropped") or {}).get("count") or 0
    lines = [f"- Examples: {sizes}", f"- Left out as unusable: {several(dropped, 'item')}"]
    lines += [f"- {_md(finding.get('message') or '')}" for finding in data.get("findings") or []]
    if data.get("fingerprint"):
        lines.append(f"- Fingerprint: {_code(data['fingerprint'])}")
    return "## Data\n\n" + "\n".join(lines)


def _limits(result: Json) -> str:
    lines = [
        "The test result holds for data that come about as the test split did; on other data it may be worse."
    ]
    if result.get("abstain"):  # one class an answer, with a probability
        lines.append(
            "The model answers with one of its classes whatever it is shown; it cannot say that none fits."
        )
    base = result.get("base") or {}
    if (
        _transferred(result)
        and base.get("input_unit") == "tokens"
        and words.number(base.get("input_size")) is not None
    ):
        lines.append(f"Of a text it looks at no more than about {words.plain(base['input_size'])} tokens.")
    if _transferred(result):
        lines.append("The terms of the base and of what it was pre-trained on apply to this model too.")
    lines += [str(note) for note in result.get("notes") or []]
    return "## Limits\n\n" + "\n".join(f"- {_md(line)}" for line in lines)


def _predict(result: Json) -> str:
    files = _of(result, "base", "input_unit") != "tokens"
    usage = FILES if files else TEXTS
    kept = "" if files else " and `tokenizer.json`"
    return (
        f"## How to predict\n\n{usage}\n\n`BUNDLE` is this folder. The weights are in `model.safetensors`, "
        f"everything else that is needed in `bundle.json`{kept}."
    )


def _transferred(result: Json) -> bool:
    return bool(_of(result, "chosen", "strategy"))


def _base_name(result: Json) -> str:
    """The hub's own id where the base came from the hub; of a path its last part, never the path."""
    name = str(_of(result, "base", "name") or _of(result, "chosen", "base") or "unknown").replace("\\", "/")
    if name.startswith("hf/") or re.fullmatch(r"timm/[\w.-]+", name):
        return name.removeprefix("hf/")
    return PurePosixPath(name.rpartition("@")[2]).name or "unknown"


def _name(result: Json) -> str:
    task = str(result.get("task") or "model").replace("_", "-")
    return f"{task}-{PurePosixPath(_base_name(result)).name}" if _transferred(result) else task


def _pipeline(result: Json) -> str:
    return str(result.get("task") or "other").replace("_", "-")


def _of(result: Json, *path: str) -> Any:
    """The value at a path of keys, or None where any of them is missing or null."""
    value: Any = result
    for key in path:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value


def _md(value: Any) -> str:
    """Text that Markdown shows as it is: one line, nothing that formats, links or is HTML."""
    line = " ".join(str(value).split())
    line = line.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")
    # An underscore inside a word formats nothing.
    return re.sub(r"([\\`*\[\]#|~]|(?<!\w)_|_(?!\w))", r"\\\1", line)


def _code(value: Any) -> str:
    """A short text as code; a backtick in it would end the code."""
    return "`" + " ".join(str(value).replace("`", "'").split()) + "`"
