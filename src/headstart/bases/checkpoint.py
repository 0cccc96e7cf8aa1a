"""`ARCHITECTURE@WEIGHTS`: an architecture that another family knows, with weights from elsewhere.

The weights of a file have to fit; those of a base (a folder, `builtin/NAME`, a hub name) are made to fit.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path

from torch import Tensor

from ..errors import BaseError, UnknownName
from ._borrowed import Borrowed, build
from .base import Located
from .formats.files import read_state
from .formats.locate import locate
from .formats.renamings import renamed
from .formats.weights import align, load


class Checkpoint(Borrowed):
    """The family; the architecture's own family builds the network and says how images are prepared."""

    def locate(self, name: str) -> Located | None:
        """The architecture left of an `@` with the weights of the file or base right of it.

        Raises:
            BaseError: there is no such file and no such base.
            UnknownName: no family knows the architecture.
        """
        if "@" not in name or Path(name).exists():
            return None
        readings = list(_readings(name))
        for architecture, weights in readings:
            if Path(weights).expanduser().is_file():
                return _with_file(locate(architecture), Path(weights).expanduser())
        for architecture, weights in readings:
            target, source = _known(architecture), _known(weights)
            if target is not None and source is not None:
                return _with_base(target, source)
        _complain(name)
        return None


def _with_file(target: Located, file: Path) -> Located:
    """What lies beside the file says what it was trained on, not the architecture's own folder."""
    if target.from_file is not None:
        return target.from_file(file)
    known = replace(target, source_data=None, licence=None, labels=())
    return replace(known, weights=partial(read_state, file), folder=file.parent)


def _with_base(target: Located, source: Located) -> Located:
    """Pictures are prepared as the weights know them, at the side that the architecture takes.

    An architecture without words of its own has those of a base of its kind, and so its widths.
    """
    if target.vocabulary is not None and _kind(target) == _kind(source):
        return source
    return replace(
        source,
        architecture=target.architecture,
        preprocess=source.preprocess.at(target.preprocess.size),
        weights=partial(_weights_of, source),
        adapts=True,
    )


def _kind(located: Located) -> tuple[str, str]:
    return located.architecture.family, located.architecture.name


def _weights_of(source: Located) -> dict[str, Tensor]:
    """A base's weights under the names of its own network, and what is left of its checkpoint."""
    network = build(source.architecture)
    known, _ = renamed(source.weights(), network)
    given = align(network, source.convert(known, network))
    state, receipt = load(network, given)
    random = {name for name, _ in receipt.fresh}
    taken = {name: value for name, value in state.items() if name not in random}
    return {**{name: given[name].float() for name, _ in receipt.unused}, **taken}


def _readings(name: str) -> Iterator[tuple[str, str]]:
    """Both sides of every `@`: paths may have some of their own."""
    parts = name.split("@")
    for i in range(1, len(parts)):
        left, right = "@".join(parts[:i]), "@".join(parts[i:])
        if "@" not in left or Path(left).exists():
            yield left, right


def _known(name: str) -> Located | None:
    """What the name stands for, or None where no family knows it."""
    try:
        return locate(name)
    except UnknownName:
        return None


def _complain(name: str) -> None:
    """Raise if what stands left of the `@` is an architecture: then it is the weights that are missing."""
    architecture, _, weights = name.partition("@")
    if _known(architecture) is not None:
        raise BaseError(
            f"`{name}`: there is no file {weights}, and no base of that name",
            "write ARCHITECTURE@WEIGHTS with the path of a checkpoint, or with a base",
        )


plugin = Checkpoint()
