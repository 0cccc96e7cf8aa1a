"""A data folder, walked once: which files lie where, and which of them could be examples.

Notation: n files.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from ..listing import entries, unusable

Wanted = Callable[[Path], bool]
"""Could a file that may be opened be an example?"""


@dataclass(frozen=True)
class Node:
    """One folder."""

    path: Path
    files: tuple[Path, ...]
    """What lies directly in it and is no folder; a link to a folder is one of them."""
    wanted: tuple[Path, ...]
    """Those that could be examples, or are to be named among what was left out."""
    nodes: tuple[Node, ...]
    """Its folders, empty ones too."""

    @property
    def name(self) -> str:
        """As it is written."""
        return self.path.name

    @cached_property
    def count(self) -> int:
        """How many files that could be examples lie in it, however deep."""
        return len(self.wanted) + sum(node.count for node in self.nodes)

    @cached_property
    def folders(self) -> tuple[Node, ...]:
        """Its folders that hold some of them."""
        return tuple(node for node in self.nodes if node.count)

    @property
    def is_flat(self) -> bool:
        """Do none of them lie in folders of its own?"""
        return not self.folders

    def every(self) -> Iterator[Path]:
        """All files, in the order of their names, whatever they are."""
        below = {node.path: node for node in self.nodes}
        for path in sorted([*self.files, *below]):
            if path in below:
                yield from below[path].every()
            else:
                yield path

    def every_node(self) -> Iterator[Node]:
        """The folder itself and all in it."""
        yield self
        for node in self.nodes:
            yield from node.every_node()

    def every_wanted(self) -> Iterator[Path]:
        """The files that could be examples."""
        yield from self.wanted
        for node in self.nodes:
            yield from node.every_wanted()


def grown(folder: Path, root: Path, wanted: Wanted | None = None) -> Node:
    """The tree of a folder; nothing outside the root is opened, in O(n log n)."""
    found, nodes = list[Path](), list[Node]()
    for path in entries(folder):
        if path.is_dir() and not path.is_symlink():
            nodes.append(grown(path, root, wanted))
        else:
            found.append(path)
    examples = (path for path in found if _is_lost(path, root) or wanted is None or wanted(path))
    return Node(folder, tuple(found), tuple(examples), tuple(nodes))


def _is_lost(path: Path, root: Path) -> bool:
    """Must it not be opened? What is no link lies where it was found, which is quickly seen."""
    return (path.is_symlink() or not os.path.isfile(path)) and unusable(path, root) is not None
