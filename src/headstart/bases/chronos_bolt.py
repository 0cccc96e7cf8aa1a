"""Chronos-Bolt as bases for series: a folder as its authors publish it, or `hf/amazon/chronos-bolt-tiny`.

Its answer comes with it: quantiles of each step, which `zero_shot` leaves as they are. Weights are read from
safetensors alone, as all that are published are.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from itertools import pairwise
from pathlib import Path
from typing import Any

from torch import Tensor, nn

from ..data.series.histories import LONGEST
from ..errors import BaseError
from ..preprocessing.series import LEVELS, HistoryPreprocess
from ..types import Architecture
from .base import Classes, Located, Saved
from .formats import hf
from .formats.files import CHRONOS, CONFIG, GET_SAFETENSORS, read_config, read_folder

CLASS = "ChronosBoltModelForForecasting"
"""What its `config.json` calls the network."""
COUNTS = ("context_length", "prediction_length", "input_patch_size", "input_patch_stride")
"""Whole numbers that it says of how a series is read and told."""
_TIED = ("shared.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight")
"""One table, under the names that it may be written by."""
_ADVICE = "give a folder of Chronos-Bolt: its config.json and model.safetensors as they are on the hub"


class Bolts:
    """The family."""

    def names(self) -> list[str]:
        """None: the hub is not listed."""
        return []

    def locate(self, name: str) -> Located | None:
        """The network in a folder.

        Raises:
            BaseError: it is another Chronos, or its settings are none that can be followed.
        """
        config = read_config(name)
        if config is None or CHRONOS not in config:
            return None
        _require_bolt(name, config)
        kind, args = hf.network_of(config)
        return Located(
            architecture=Architecture("chronos_bolt", kind, args),
            preprocess=HistoryPreprocess(context=min(LONGEST, config[CHRONOS]["context_length"])),
            weights=partial(_weights, Path(name)),
            source_data=config.get("source_data"),
            licence=config.get("license"),
            folder=Path(name),
            enough=1.0,
        )

    def build(self, architecture: Architecture, size: int | None = None) -> nn.Module:
        """The network with random weights, for every `size`."""
        from transformers import T5Config  # here: seconds, which folders of other families need not wait for

        from .networks.chronos_bolt import ChronosBolt

        with hf.quiet():
            return ChronosBolt(T5Config(**architecture.args))

    def save(
        self,
        architecture: Architecture,
        preprocess: HistoryPreprocess,
        state: dict[str, Tensor],
        classes: Classes | None,
    ) -> Saved:
        """The format of its authors, whose library loads the folder."""
        config = {"model_type": architecture.name, **architecture.args, "architectures": [CLASS]}
        return Saved({CONFIG: config}, state)


def _require_bolt(name: str, config: Mapping[str, Any]) -> None:
    """Raises BaseError: it is no Chronos-Bolt, or one whose settings cannot be followed."""
    said = config[CHRONOS]
    if not isinstance(said, dict):
        raise BaseError(f"{name}: `{CHRONOS}` should be an object, not {type(said).__name__}", _ADVICE)
    named = config.get("architectures") or [CLASS]
    missing = [key for key in (*COUNTS, "quantiles") if key not in said]
    if CLASS not in named or config.get("model_type") != "t5" or len(missing) == len(COUNTS) + 1:
        raise BaseError(f"{name} is a Chronos of another kind ({named[0]}), not a Chronos-Bolt", _ADVICE)
    if missing:
        raise BaseError(f"{name}: its `{CHRONOS}` lacks {', '.join(missing)}", _ADVICE)
    if wrong := [key for key in COUNTS if type(said[key]) is not int or said[key] < 1]:
        raise BaseError(f"{name}: {wrong[0]} should be a whole number, not {said[wrong[0]]!r}", _ADVICE)
    if said["input_patch_stride"] != said["input_patch_size"]:
        raise BaseError(
            f"{name}: its patches of {said['input_patch_size']} values begin every "
            f"{said['input_patch_stride']}: only those that lie side by side are read",
            _ADVICE,
        )
    start, tokens = config.get("decoder_start_token_id", 0), 2 if said.get("use_reg_token") else 1
    if start not in range(tokens):
        raise BaseError(f"{name}: `decoder_start_token_id` is {start!r}, of {tokens} tokens", _ADVICE)
    _require_levels(name, said["quantiles"])


def _require_levels(name: str, levels: Any) -> None:
    """Raises BaseError: these are no quantiles, or an 80 % interval lies outside of them."""
    listed = isinstance(levels, list) and all(isinstance(one, float) for one in levels) and levels
    if not listed or levels[0] <= 0 or levels[-1] >= 1 or any(a >= b for a, b in pairwise(levels)):
        raise BaseError(f"{name}: `quantiles` should rise between 0 and 1, not {levels!r}", _ADVICE)
    if levels[0] > LEVELS[0] or levels[-1] < LEVELS[-1]:
        raise BaseError(
            f"{name}: its quantiles reach from {levels[0]} to {levels[-1]}; forecasts here tell those from "
            f"{LEVELS[0]} to {LEVELS[-1]}",
            "use a base that tells wider ones",
        )


def _weights(folder: Path) -> dict[str, Tensor]:
    """Those of the network, a table that has several names once."""
    if not any(folder.glob("*.safetensors")) and any(folder.glob("*.bin")):
        raise BaseError(
            f"{folder} has its weights in PyTorch's own format alone; those of Chronos-Bolt are safetensors",
            GET_SAFETENSORS,
        )
    state = read_folder(folder)
    tables = [state.pop(name) for name in _TIED if name in state]
    return {**state, _TIED[0]: tables[0]} if tables else state


plugin = Bolts()
