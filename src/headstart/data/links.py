"""Links in a data folder: not followed out of it, unless a person says so.

`followed(data, reading)` is called where data come in. Where links may be followed, it gives a `Followed`:
a path that behaves like any other, but whose links to folders are folders, and count as inside.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from ..options import yes_or_no
from .reading import Reading

if TYPE_CHECKING:
    _Kind = Path
else:
    _Kind = type(Path())

T = TypeVar("T")
FOLLOW_LINKS = yes_or_no("follow_links", "Follow links that lead out of the data folder: yes or no (no).")


class Followed(_Kind):
    """A path below which links are followed; every path that is made of it is one, too."""

    def is_symlink(self) -> bool:
        """Is it a link that must not be followed, because it leads to a folder that it lies in?"""
        return super().is_symlink() and _is_ring(self)


def followed(data: T, reading: Reading) -> T | Path:
    """The data as they came; a path is one that follows links, where that is asked.

    Raises:
        SettingsError: the option has a value that it cannot have.
    """
    if not FOLLOW_LINKS.of(reading.options) or not isinstance(data, str | Path):
        return data
    return Followed(data)


def _is_ring(link: Path) -> bool:
    """Each folder on the way to the link is compared, so that two links to each other's folder end too."""
    try:
        target = link.resolve()
        # absolute, not resolved: the way that was walked counts
        return any(parent.resolve() == target for parent in link.absolute().parents)
    except (OSError, RuntimeError):
        return True
