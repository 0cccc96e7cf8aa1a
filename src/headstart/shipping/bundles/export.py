"""Export a bundle to ONNX, and prove on the user's own examples that it still answers the same.

The graph is the network alone: prepared inputs in, calibrated outputs out. It is written only after plain
PyTorch and ONNX Runtime ran the same examples and agreed, in what the network gives and in the metric.

Notation: n examples.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import torch
from torch import nn

from ...bases.bundle import WEIGHTS
from ...bases.networks.example import example
from ...bases.networks.memory import laid_out
from ...bases.passes.engines import TOLERANCE
from ...bases.passes.onnx import OPSET
from ...bases.passes.onnx import export as as_onnx
from ...data.items import Item, digest, inspect
from ...data.links import followed
from ...data.listed import listed
from ...data.reading import PLAIN, Reading
from ...data.tables.frames import adopted
from ...errors import DataError, ExportError, RunError, SettingsError
from ...options import require_declared
from ...preprocessing.text import TextPreprocess
from ...runtime import write_atomically
from ...tasks.base import Task
from ...types import Data
from ...version import VERSION
from . import bundle
from .compare import ADVICE, Compared, compare, first_line, seconds
from .evaluate import one_split
from .exported import GRAPH, INPUTS, OUTPUTS, RECORD, SCHEMA, Exported

FORMATS = ("onnx",)
ORDER = ("validation", "test", None, "train")
"""Splits to compare on: any will do, but the metric means most where nothing was trained."""
MOST = 1000
"""Examples that are compared; they are sorted by their hashes, so that the first are a fair sample."""
LARGEST = TOLERANCE["float32"]
"""Difference over the largest value that counts as agreement."""
LARGEST_OF_METRIC = 0.001


def export(
    folder: str | Path,
    data: Data | None = None,
    reading: Reading = PLAIN,
    to: str = "onnx",
    out: str | Path | None = None,
) -> dict[str, object]:
    """Write `model.onnx` and `export.json` into a bundle, after a comparison on `data`; returns the latter.

    Args:
        folder: the bundle.
        data: of its task, with labels or without: the validation split, else test, else all is compared.
        reading: what the data call their columns.
        to: the format.
        out: a new file to copy the graph to.

    Raises:
        SettingsError: no such format, no data, or a bundle that translates.
        RunError: `out` is there already, or something cannot be written.
        BundleError: the bundle cannot be read.
        DataError: the data cannot.
        ExportError: ONNX does not take the network, or the graph does not answer as the bundle does. The
            bundle is then left without an export, an earlier one included.
    """
    folder, copy = Path(folder), None if out is None else Path(out)
    _require(to, data, copy)
    parts, network = bundle.read(folder)
    _require_one_pass(parts)
    task = bundle.task_of(parts)
    split, items, labelled = _examples(task, data, reading, parts.labels)
    try:
        graph, exported = _graph(network, parts)
        plain = laid_out(network, "cpu", example(parts.preprocess))
        compared = compare(task, parts.preprocess, plain, exported, [item.row.source for item in items])
        metric = _metric(task, parts, compared, items) if labelled else None
        _require_agreement(compared.difference, metric, len(items))
    except ExportError:
        for name in (RECORD, GRAPH):
            (folder / name).unlink(missing_ok=True)
        raise
    one = task.unanswered([items[0].row.source], parts.preprocess).batch(np.array([0]))
    record = {
        **_facts(parts, exported),
        "sha256": {WEIGHTS: digest(folder / WEIGHTS), GRAPH: digest(graph)},
        "n": len(items),
        "split": split,
        "difference": compared.difference,
        "metric": metric,
        "seconds": {"pytorch": seconds(plain, one), "onnxruntime": seconds(exported, one)},
    }
    return _written(folder, graph, record, copy)


def _require(to: str, data: Any, copy: Path | None) -> None:
    """Raises what is wrong with the question itself, before anything is read."""
    if to not in FORMATS:
        raise SettingsError(
            f"there is no format `{to}` to export to", f"the formats are: --to {' | '.join(FORMATS)}"
        )
    if data is None:
        raise SettingsError(
            "an export needs --data: it is written only after it answered examples as the bundle does",
            "give the data that the bundle was trained on, or others of its task: --data FOLDER",
        )
    if copy is not None and copy.exists():
        raise RunError(f"{copy} is there already", "remove it, or choose another --out")
    if copy is not None and not copy.absolute().parent.is_dir():
        raise RunError(f"{copy} cannot be written: its folder does not exist", "choose another --out")


def _require_one_pass(parts: bundle.Parts) -> None:
    """Raises SettingsError: the answer is not one pass of the network."""
    if not bundle.task_of(parts).answer.one_pass:
        raise SettingsError(
            f"this bundle for {parts.task} cannot be exported: it writes its answers word by word, "
            "and a graph is one pass of the network",
            "predict with the bundle itself; only answers of one pass are exported",
        )


def _examples(
    task: Task, data: Any, reading: Reading, labels: Sequence[str] = ()
) -> tuple[str | None, list[Item], bool]:
    """The split to compare on, its examples, and whether they have labels."""
    reading.require_known(task.reader.columns)
    require_declared(reading.options, task.options)
    data = followed(data, reading)
    try:
        listing, labelled = listed(data, task, reading, labels), True
    except DataError as error:
        try:
            listing, labelled = task.reader.read_heap(adopted(data), reading), False
        except DataError:
            raise error from None
    items, _ = inspect(listing.rows, task.modality.examine)
    split, chosen = one_split(items, ORDER)
    return split, chosen[:MOST], labelled


def _graph(network: nn.Sequential, parts: bundle.Parts) -> tuple[bytes, Exported]:
    """The network as ONNX, and loaded.

    Raises:
        ExportError: it has something that ONNX, the exporter or ONNX Runtime does not know.
    """
    preprocess = parts.preprocess
    one = example(preprocess)
    if isinstance(preprocess, TextPreprocess) and preprocess.size > preprocess.window:
        one = one.repeat(1, 2 * preprocess.window)[:, : 2 * preprocess.window]  # long texts go in chunks
    try:
        graph = as_onnx(network, torch.cat([one, one]), INPUTS, [OUTPUTS])
        return graph, Exported(graph, network[-1])
    except Exception as error:  # whatever a library says to a network that it does not take
        raise ExportError(f"the network cannot be written as ONNX: {first_line(error)}", ADVICE) from error


def _metric(
    task: Task, parts: bundle.Parts, compared: Compared, items: list[Item]
) -> dict[str, str | float] | None:
    """The metric by both engines; None where the data have labels that the bundle does not know."""
    try:
        right = task.answer.known([item.row.label for item in items], parts.labels)
    except DataError:
        return None
    plain, exported = (task.score.value(answers, right) for answers in (compared.answers, compared.others))
    return {
        "name": task.score.name,
        "pytorch": plain,
        "onnxruntime": exported,
        "difference": abs(exported - plain),
    }


def _require_agreement(difference: float, metric: dict[str, Any] | None, n: int) -> None:
    """Raises ExportError: the engines differ too much."""
    if not difference <= LARGEST:  # NaN too
        raise ExportError(
            f"the exported graph does not answer as the bundle does: on {n} examples its outputs differ by "
            f"{difference:.1e} of the largest, and {LARGEST:.0e} is allowed",
            f"nothing was written; {ADVICE}",
        )
    if metric is not None and not metric["difference"] <= LARGEST_OF_METRIC:
        raise ExportError(
            f"the exported graph does not answer as the bundle does: on {n} examples its {metric['name']} is "
            f"{metric['onnxruntime']:.4f} instead of {metric['pytorch']:.4f}, and a difference of "
            f"{LARGEST_OF_METRIC:g} is allowed",
            f"nothing was written; {ADVICE}",
        )


def _facts(parts: bundle.Parts, exported: Exported) -> dict[str, Any]:
    """What somebody needs who runs the graph without Headstart."""
    given, gives = exported.session.get_inputs()[0], exported.session.get_outputs()[0]
    prepared = asdict(parts)["preprocess"]
    prepared.pop("tokenizer", None)  # a file of its own in the bundle
    return {
        "schema": SCHEMA,
        "headstart": VERSION,
        "onnxruntime": onnxruntime.__version__,
        "opset": OPSET,
        "task": parts.task,
        "labels": list(parts.labels),
        "modality": parts.preprocess.modality,
        "preprocess": prepared,
        "inputs": {"name": given.name, "type": given.type, "shape": given.shape},
        "outputs": {"name": gives.name, "type": gives.type, "shape": gives.shape},
        "threads": torch.get_num_threads(),
    }


def _written(folder: Path, graph: bytes, record: dict[str, Any], copy: Path | None) -> dict[str, Any]:
    """Write the graph, then the record that makes it count, then the copy; the record as plain JSON."""
    text = json.dumps(record, indent=2, ensure_ascii=False, allow_nan=False)
    files = {folder / GRAPH: graph, folder / RECORD: text.encode(), **({copy: graph} if copy else {})}
    for path, content in files.items():
        try:
            write_atomically(path, content)
        except OSError as error:
            raise RunError(f"{path} cannot be written: {error.strerror}", "check its folder") from error
    return dict(json.loads(text))
