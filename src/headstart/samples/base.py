"""What a sample is: a small data set that needs no network, and is written as a user would have it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Sample:
    """One data set, as a plug-in of this folder.

    Attributes:
        summary: what it is, in one line.
        task: the name of the task that it is for.
        source: who made it, and how.
        licence: of the data, by its SPDX name where there is one.
        write: writes it into a folder that exists and is empty, given a seed.
        next: arguments of `headstart` that go on with it; `{data}` is its folder.
    """

    summary: str
    task: str
    source: str
    licence: str
    write: Callable[[Path, int], None]
    next: str = "run {data} --minutes 1"
