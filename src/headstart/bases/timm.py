"""Networks of the library timm: `timm/NAME`, a bare NAME that timm knows, or a folder in timm's format."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import timm
import torch
from torch import Tensor, nn

from ..errors import BaseError
from ..preprocessing.image import ImagePreprocess
from ..types import Architecture
from ._classes import labels_of
from .base import Classes, Located, Saved, with_classes
from .formats import hub, timm_pixels
from .formats.files import CONFIG, read_config, read_folder
from .formats.locate import unknown
from .formats.weights import align

PREFIX = "timm/"


class Timm:
    """The family; its networks come without an output layer, with their pooled features."""

    def names(self) -> list[str]:
        """Every pre-trained network that timm knows, with its tag."""
        return [PREFIX + name for name in timm.list_pretrained()]

    def locate(self, name: str) -> Located | None:
        """The network in a folder, or on the hub by timm's name; nothing is fetched yet.

        Raises:
            BaseError: the folder's settings cannot be followed.
            UnknownName: `timm/NAME` with a NAME that timm does not know.
        """
        config = read_config(name)
        if config is not None:
            return _from_folder(Path(name), config)
        known = name.removeprefix(PREFIX)
        if _is_known(known):
            return _from_hub(known)
        if name.startswith(PREFIX) and not Path(name).exists() and "@" not in name:
            raise unknown(name, self.names())
        return None

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The backbone with random weights: (n, 3, s, s) -> (n, d)."""
        args = dict(architecture.args)
        if size is not None and "img_size" in args:
            args["img_size"] = size
        network: nn.Module = timm.create_model(architecture.name, pretrained=False, num_classes=0, **args)
        return network

    def save(
        self,
        architecture: Architecture,
        preprocess: ImagePreprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """Timm's own format: `timm.create_model("local-dir:FOLDER", pretrained=True)` loads it."""
        fixed = "img_size" in architecture.args
        facts = {**timm_pixels.written(preprocess), "fixed_input_size": fixed, "num_classes": 0}
        settings = {
            "architecture": architecture.name,
            "num_classes": 0,
            "model_args": architecture.args,
            "pretrained_cfg": facts,
        }
        saved = Saved({CONFIG: settings}, state)
        layer = _output_layer(architecture, classes)
        if layer is None or classes is None:
            return saved
        facts |= {"num_classes": len(classes.labels), "classifier": layer}
        return with_classes(saved, classes, layer)


def _output_layer(architecture: Architecture, classes: Classes | None) -> str | None:
    """Where timm's network has a linear output layer of this shape, if it has one."""
    if classes is None:
        return None
    with torch.device("meta"):
        whole: Any = timm.create_model(
            architecture.name, num_classes=len(classes.labels), **architecture.args
        )
    layer = whole.pretrained_cfg.get("classifier")
    known = dict(whole.named_modules()).get(layer) if isinstance(layer, str) else None
    fits = isinstance(known, nn.Linear) and known.weight.shape == classes.weight.shape
    return layer if fits else None


def _from_folder(folder: Path, config: dict[str, Any]) -> Located | None:
    """The network that a folder's `config.json` describes, or None if that is not timm's."""
    name = config.get("architecture")
    if not isinstance(name, str):
        return None
    if not _is_known(name):
        return None
    facts = {**config, **(config.get("pretrained_cfg") or config)}
    located = _located(name, config.get("model_args") or {}, facts, partial(read_folder, folder))
    return replace(located, folder=folder)


def _from_hub(name: str) -> Located:
    """The network that timm's own catalogue describes."""
    known: Any = timm.get_pretrained_cfg(name)
    facts = known.to_dict() if known is not None else {}
    return _located(name.partition(".")[0], {}, facts, partial(_fetch, name, facts.get("hf_hub_id")))


def _fetch(name: str, repository: str | None) -> dict[str, Tensor]:
    if not repository:
        raise BaseError(f"timm has no weights for `{name}` on the hub", f"give them: `{name}@FILE`")
    return hub.fetch_state(repository)


def _located(
    name: str, args: dict[str, Any], facts: dict[str, Any], weights: Callable[[], dict[str, Tensor]]
) -> Located:
    preprocess = timm_pixels.read(facts)
    # `num_classes` is ours to set; what `create_model` itself takes (paths, for instance) is not an argument
    # of the network
    own = set(inspect.signature(timm.create_model).parameters) | {"num_classes"}
    args = {key: value for key, value in args.items() if key not in own}
    if _is_fixed(name, facts):
        args.setdefault("img_size", preprocess.size)
    return Located(
        architecture=Architecture("timm", name, args),
        preprocess=preprocess,
        weights=weights,
        source_data=facts.get("source_data") or facts.get("dataset") or facts.get("tag") or None,
        licence=facts.get("license"),
        labels=labels_of(facts),
        classifier=_classifier(name, facts),
        convert=_converted,
    )


def _classifier(name: str, facts: dict[str, Any]) -> str | None:
    """Name of the output layer; networks with several have a list of them."""
    known: Any = timm.get_pretrained_cfg(name)
    layer = facts.get("classifier") or getattr(known, "classifier", None)
    return layer if isinstance(layer, str) else None


def _is_fixed(name: str, facts: dict[str, Any]) -> bool:
    """Is it built for one input size? Where its settings do not say that, the catalogue does."""
    known: Any = timm.get_pretrained_cfg(name)
    return bool(facts.get("fixed_input_size", getattr(known, "fixed_input_size", False)))


def _is_known(name: str) -> bool:
    """An architecture of timm's, with a tag of its own or none."""
    if not timm.is_model(name):
        return False
    try:
        timm.get_pretrained_cfg(name)
    except RuntimeError:
        return False
    return True


def _converted(state: dict[str, Tensor], network: nn.Module) -> dict[str, Tensor]:
    """The checkpoint as timm's own rule for this architecture rewrites it."""
    state = align(network, state)
    rule = getattr(sys.modules[type(network).__module__], "checkpoint_filter_fn", None)
    if rule is None:
        return state
    try:
        converted: dict[str, Tensor] = rule(state, network)
    except Exception:  # a rule may stumble over a foreign file; the receipt then says what does not fit
        return state
    return converted


plugin = Timm()
