"""Find which family a name belongs to."""

from __future__ import annotations

import difflib
import re
from pathlib import Path

from ... import registry
from ...errors import BaseError, UnknownName
from ..base import Located
from . import changes, hub
from .files import CONFIG, OF_PYTORCH, foreign_weights, read_config

HUB = "hf/"
_TIMMS = "pretrained_cfg"
"""In the settings that timm writes: of the pictures that a network takes."""


def locate(name: str, modality: str | None = None) -> Located:
    """The base called `name`, as the first family that knows it finds it.

    A folder may be of use in several ways (an encoder-decoder reads texts, and translates): of those the one
    of a modality is taken, if one is asked for.

    Raises:
        UnknownName: no family knows it; the hint names the nearest.
        BaseError: it is known, or a folder or file, but cannot be used.
    """
    if name.startswith(HUB) and not Path(name).exists() and "@" not in name:
        name = str(hub.fetch(name.removeprefix(HUB)))  # the hub has folders of every format
    if Path(name).is_dir():
        changes.refuse(Path(name))
    families, others = _likeliest_first(name), list[Located]()
    for family in families:
        # one import at a time: most libraries are large, and not needed
        located: Located | None = registry.get("bases", family).locate(name)
        if located is not None and modality in (None, located.preprocess.modality):
            return located
        others += [located] if located is not None else []
    if others:
        return others[0]
    if Path(name).is_dir():
        if read_config(name) is None and (foreign := foreign_weights(Path(name))):
            told = f"the folder {name} holds no base: it has weights of {', '.join(foreign)}"
            raise BaseError(f"{told}, and no {CONFIG}", OF_PYTORCH)
        raise BaseError(
            f"the folder {name} holds no base: {_named(name)}",
            f"its {CONFIG} needs an `architecture` of timm's or torchvision's, or a `model_type`",
        )
    if Path(name).is_file():
        raise BaseError(f"{name} does not say which network it is of", f"write ARCHITECTURE@{name}")
    raise unknown(name, [known for family in families for known in registry.get("bases", family).names()])


def _likeliest_first(name: str) -> list[str]:
    """The families, that which the folder's settings speak of first."""
    config = read_config(name) or {}
    said = "timm" if _TIMMS in config else str(config.get("architecture")).partition("/")[0]
    return sorted(registry.names("bases"), key=lambda family: family != said)


def takes_pictures(folder: Path) -> bool:
    """Do a folder's settings say so, whatever its network is? Then no library has to be asked."""
    return _TIMMS in (read_config(str(folder)) or {})


def unknown(name: str, known: list[str]) -> UnknownName:
    """The error for a name that is not among `known`."""
    # people leave out the tag (`.a1_in1k`) and the prefix (`timm/`)
    untagged = [one.partition(".")[0] for one in known]
    bare = [one.rpartition("/")[2] for one in untagged]
    near = difflib.get_close_matches(name, list(dict.fromkeys([*bare, *untagged, *known])), n=3)
    ways = [f"did you mean {' or '.join(f'`{one}`' for one in near)}?"] if near else []
    if re.fullmatch(r"([\w.-]+/)?[\w.-]*[A-Za-z][\w.-]*", name):
        ways.append(f"a model of the Hugging Face hub is written --base {HUB}{name}")
    ways.append("`headstart bases` lists the names; a folder in timm's or Hugging Face's format works too")
    return UnknownName(f"no base called `{name}`, and no such folder", "; ".join(ways))


def _named(folder: str) -> str:
    """What the folder's settings say that it is."""
    config = read_config(folder)
    if config is None:
        return f"it has no {CONFIG}"
    said = config.get("architecture") or config.get("model_type")
    return f"nothing here knows the network {said!r}" if said else f"its {CONFIG} names no network"
