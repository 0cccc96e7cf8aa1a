"""What somebody may send who has no files here: never a name of a file, a folder or an address."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Entry = Literal["picture", "sound", "text", "table", "file"]
"""What a page offers to give one."""


@dataclass(frozen=True)
class Sending:
    """How examples of one kind are sent."""

    entry: Entry
    files: bool = True
    """May each file be an example?"""
    texts: bool = False
    """Is a string an example?"""
    rows: bool = False
    """May a table hold examples themselves?"""
