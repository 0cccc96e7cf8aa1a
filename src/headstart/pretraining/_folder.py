"""The base folder that pre-training leaves: one that every other part, and the network's own library, loads.

config.json             architecture and preprocessing, in the format of the network's own library
tokenizer.json, …       how texts become numbers, and what else that library reads
model.safetensors       the backbone, and its output layer where it learned one set of labels
trained_on.safetensors  fingerprints of what it was trained on (`bases/formats/fingerprints.py`)
README.md               the card
result.json             what happened; written last
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml  # type: ignore[import-untyped]
from safetensors.torch import save
from torch import Tensor

from .. import registry
from ..bases.base import Classes, Saved
from ..bases.formats import fingerprints
from ..preprocessing.base import Preprocess
from ..runtime import write_atomically
from ..types import Architecture, IntArray


@dataclass(frozen=True)
class Made:
    """A base that is ready to be written."""

    architecture: Architecture
    preprocess: Preprocess
    state: dict[str, Tensor]
    classes: Classes | None
    seen: IntArray
    licence: str | None
    source_data: str


def write(folder: Path, made: Made) -> None:
    """Everything but the card and the result."""
    family = registry.get("bases", made.architecture.family)
    saved: Saved = family.save(made.architecture, made.preprocess, made.state, made.classes)
    about = {"source_data": made.source_data} | ({"license": made.licence} if made.licence else {})
    for name, settings in saved.settings.items():
        text = json.dumps({**settings, **about} if name == "config.json" else settings, indent=2)
        (folder / name).parent.mkdir(exist_ok=True)
        write_atomically(folder / name, (text + "\n").encode())
    for place, state in {".": saved.state, **saved.more}.items():
        plain = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}
        write_atomically(folder / place / "model.safetensors", save(plain, {"format": "pt"}))
    write_atomically(folder / fingerprints.SEEN, fingerprints.contents(made.seen))


def write_card(folder: Path, name: str, result: dict[str, Any]) -> None:
    """README.md from what happened."""
    write_atomically(folder / "README.md", card(name, result).encode("utf-8", "backslashreplace"))


def card(name: str, result: dict[str, Any]) -> str:
    """The model card: Markdown with a YAML head."""
    head = {
        "license": (result["licence"] or "unknown").lower(),
        "library_name": result["architecture"]["family"],
        "tags": ["headstart", "pre-trained", result["method"]],
        **({"base_model": Path(result["base"]).name} if result["base"] else {}),
    }
    text = yaml.safe_dump(head, sort_keys=False, allow_unicode=True)
    started = f"continued from `{_plain(result['base'])}`" if result["base"] else "from random weights"
    lines = [
        f"---\n{text}---\n\n# {_plain(name)}\n",
        f"`{result['architecture']['name']}`, {result['size']} {result['unit']}, pre-trained by Headstart "
        f"{result['headstart']} with the method `{result['method']}`, {started}.\n",
        "## Trained on\n",
        *_table(result["sources"]),
        f"\n{result['dropped']['count']} examples were left out as unusable. Fingerprints of "
        f"{result['trained_on']} examples are in `{fingerprints.SEEN}`: Headstart proves nothing with this "
        "base on test examples that are among them.\n",
        "## What came of it\n",
        f"{result['epochs']} epochs, {result['steps']} steps, {result['seconds']:.0f} s.",
        *(
            [
                f"Its features spread in {result['dimensions']:.0f} effective dimensions (RankMe) on "
                "examples that it was trained on."
            ]
            if result["dimensions"] is not None
            else []
        ),
        *(
            [f"Nearest-neighbour accuracy on the probe: {result['knn']:.3f}."]
            if result["knn"] is not None
            else []
        ),
        f"\nSHA-256 of the backbone's weights: `{result['sha256']}`",
    ]
    return "\n".join(lines) + "\n"


def _table(sources: Sequence[dict[str, Any]]) -> list[str]:
    def value(one: dict[str, object]) -> str:
        return "" if one["value"] is None else f"{one['metric']} {one['value']:.3f}"

    rows = [
        f"| {_plain(one['name'])} | {one['train']} | {one['classes'] or ''} | {value(one)} "
        f"| `{one['fingerprint'][:23]}` |"
        for one in sources
    ]
    return [
        "| data set | examples | classes | on its validation | fingerprint |",
        "|---|---|---|---|---|",
        *rows,
    ]


def _plain(text: str) -> str:
    """A name that a user chose, on one line and without a cell's end."""
    return " ".join(text.split()).replace("|", "/").replace("<", "&lt;").replace("`", "'")
