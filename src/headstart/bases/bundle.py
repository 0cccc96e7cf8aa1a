"""A finished run's bundle as a base: go on from what was learned there.

    runs/cells/bundle   →   its backbone, and its head where the new task has one of the same kind

Its own labels stay known: output rows of classes that the new data have too are used again, and so is a
whole head for places in pictures. What the bundle was trained on lies beside it
(`formats/fingerprints.py`), so that nobody is proven anything on those examples.
"""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

from torch import Tensor

from .. import registry
from ..errors import BaseError
from ..preprocessing.base import Preprocess
from ..types import Architecture
from ._borrowed import Borrowed
from .base import Brought, Located
from .formats.files import read_config, read_folder

FACTS, WEIGHTS = "bundle.json", "model.safetensors"
"""Its files: what it is, `backbone.…` and `head.…`, and how texts become tokens."""
SCHEMA = "headstart/bundle/1"
WRAPPERS, WITHIN = ("combined", "pooled", "pyramid", "states", "windowed"), "base."
"""What wraps a base of which maps, several layers or steps are read, that hears a whole window, or whose
input stands beside; what the
names of its parameters then begin with."""


class Bundle(Borrowed):
    """The family; the backbone's own family builds the network."""

    def locate(self, name: str) -> Located | None:
        """The bundle in a folder, or in the folder of the run that made it.

        Raises:
            BaseError: it is damaged.
        """
        folder = next((one for one in (Path(name), Path(name) / "bundle") if (one / FACTS).is_file()), None)
        plain = None if folder is None else read_config(folder, FACTS)
        if folder is None or plain is None:
            return None
        if plain.get("schema") != SCHEMA:
            raise BaseError(
                f"{folder}/{FACTS} is not of schema {SCHEMA}", "give the `bundle` folder of a run"
            )
        try:
            return _from_facts(folder, plain)
        except (KeyError, TypeError, ValueError, OSError) as error:
            raise BaseError(
                f"the bundle {folder} is damaged: {error!r}", "copy it again from its run"
            ) from error


def preprocess_of(plain: dict[str, Any], folder: Path) -> Preprocess:
    """How a bundle's inputs are prepared, from what `bundle.json` holds and the files beside it."""
    kind: type[Preprocess] = registry.get("preprocessing", plain.get("modality", "image"))
    return kind.read(dict(plain["preprocess"]), folder)


def _from_facts(folder: Path, plain: dict[str, Any]) -> Located:
    whole, labels = Architecture(**plain["architecture"]), tuple(map(str, plain["labels"]))
    within = ""
    while whole.family == "builtin" and whole.name in WRAPPERS:
        whole, within = Architecture(**whole.args["of"]), f"{within}{WITHIN}"
    head = Architecture(**plain["head"]) if plain.get("head") else None
    return Located(
        architecture=whole,
        preprocess=preprocess_of(plain, folder),
        weights=partial(_weights, folder, within),
        source_data=f"{plain['facts'].get('base', 'a base')}, then {plain['task']} on data of one's own",
        licence=None,
        folder=folder,
        labels=labels,
        classifier="head",
        head=None if head is None else partial(_head, folder, head, labels),
    )


def _weights(folder: Path, within: str) -> dict[str, Tensor]:
    """The backbone's under its own names, and the head's as `head.…`."""
    own = f"backbone.{within}"
    return {name.removeprefix(own): tensor for name, tensor in read_folder(folder).items()}


def _head(folder: Path, head: Architecture, labels: tuple[str, ...]) -> Brought:
    state = {
        name.removeprefix("head."): tensor
        for name, tensor in read_folder(folder).items()
        if name.startswith("head.")
    }
    return Brought(head, labels, state)


plugin = Bundle()
