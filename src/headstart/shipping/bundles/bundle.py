"""The bundle: a folder with everything that prediction needs, and nothing that trains.

model.safetensors       weights, `backbone.…` and `head.…`
bundle.json             task, architecture, preprocessing, head, labels
trained_on.safetensors  fingerprints of the examples that it has learned from
tokenizer.json          where texts are predicted for
README.md               the model card
model.onnx              where it was exported; `export.json` says how that was checked

`bases/bundle.py` reads the first three too: a bundle is a base for another run.
"""

from __future__ import annotations

import json
import shutil
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load, save
from torch import Tensor, nn

from ... import registry
from ...bases import build
from ...bases.bundle import FACTS, SCHEMA, WEIGHTS, preprocess_of
from ...bases.formats.fingerprints import NOTHING, SEEN, contents
from ...bases.networks.maps import maps_of
from ...errors import BundleError, HeadstartError
from ...preprocessing.base import Preprocess
from ...runtime import write_atomically
from ...tasks.answers.groups import FAMILY, Groups
from ...tasks.base import Task
from ...types import Architecture, IntArray

HINT = "give the `bundle` folder of a finished run"


@dataclass(frozen=True)
class Parts:
    """What a bundle is made of."""

    task: str
    architecture: Architecture
    preprocess: Preprocess
    labels: tuple[str, ...]
    width: int
    """Of the backbone's features."""
    facts: dict[str, Any]
    """Where it came from: base, arm, data fingerprint, version."""
    head: Architecture | None = None
    """Its head of `heads/`, where its task has a choice of them."""


def task_of(parts: Parts) -> Task:
    """The bundle's task, with its head."""
    plain: Task = registry.get("tasks", parts.task)
    task = plain.shipped(parts.preprocess)
    if metric := parts.facts.get("metric"):  # bundles from before there was a choice have none
        task = task.measured_by(metric)
    if parts.head is None:
        return task
    # what an exploration found is asked of the same examples, and is another answer
    grouped = parts.head.family == FAMILY
    return replace(task, answer=Groups(**parts.head.args)) if grouped else task.with_head(parts.head)


def write(folder: Path, parts: Parts, backbone: nn.Module, head: nn.Module, seen: IntArray = NOTHING) -> None:
    """Write the bundle whole or not at all; one that is there is replaced.

    `seen` is what it was trained on (`bases/formats/fingerprints.py`): with it as a base, nothing is
    proven on that.
    """
    temporary = folder.with_name(f".{folder.name}.part")
    shutil.rmtree(temporary, ignore_errors=True)
    temporary.mkdir(parents=True)
    state = nn.ModuleDict({"backbone": backbone, "head": head}).state_dict()
    own = {name: tensor.detach().cpu().contiguous().clone() for name, tensor in state.items()}
    write_atomically(temporary / WEIGHTS, save(own, {"format": "pt"}))
    how, beside = parts.preprocess.plain()
    told = {"modality": parts.preprocess.modality, "preprocess": how}
    plain = {"schema": SCHEMA, **asdict(parts), **told}
    for name, content in beside.items():
        write_atomically(temporary / name, content)
    write_atomically(temporary / SEEN, contents(seen))
    text = json.dumps(plain, indent=2, ensure_ascii=False)
    write_atomically(temporary / FACTS, text.encode())
    shutil.rmtree(folder, ignore_errors=True)
    temporary.rename(folder)


def read(folder: Path) -> tuple[Parts, nn.Sequential]:
    """The parts and the network in eval mode: inputs -> (n, k).

    Raises:
        BundleError: not a bundle, or a damaged one.
    """
    try:
        plain = json.loads((folder / FACTS).read_text(encoding="utf-8"))
        state = load((folder / WEIGHTS).read_bytes())
    except FileNotFoundError as error:
        raise BundleError(f"{folder} is not a bundle: it has no {Path(error.filename).name}", HINT) from None
    except (OSError, ValueError, SafetensorError) as error:
        raise BundleError(f"the bundle {folder} cannot be read: {error}", HINT) from None
    if not isinstance(plain, dict) or plain.get("schema") != SCHEMA:
        raise BundleError(f"{folder}/{FACTS} is not of schema {SCHEMA}", HINT)
    try:
        parts = _parts(plain, folder)
        return parts, _network(parts, state)
    except (KeyError, TypeError, ValueError, RuntimeError, OSError, HeadstartError) as error:
        raise BundleError(f"the bundle {folder} is damaged: {error}", "copy it again from its run") from error


def _parts(plain: dict[str, Any], folder: Path) -> Parts:
    return Parts(
        task=plain["task"],
        architecture=Architecture(**plain["architecture"]),
        preprocess=preprocess_of(plain, folder),
        labels=tuple(plain["labels"]),
        width=int(plain["width"]),
        facts=dict(plain["facts"]),
        head=Architecture(**plain["head"]) if plain.get("head") else None,
    )


def _network(parts: Parts, state: dict[str, Tensor]) -> nn.Sequential:
    backbone = build(parts.architecture, parts.preprocess.size)
    head = task_of(parts).answer.head(parts.width, parts.labels, maps_of(backbone))
    nn.ModuleDict({"backbone": backbone, "head": head}).load_state_dict(state)
    whole: nn.Sequential = nn.Sequential(backbone, head).eval()
    return whole
