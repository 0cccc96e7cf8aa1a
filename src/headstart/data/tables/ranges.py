"""Files in a column of Arrow that are left where they lie: each is a range of the bytes of its Arrow file.

`datasets` keeps a picture or a recording as {"bytes", "path"}, and writes its Arrow files uncompressed:
mapped into memory, a column's buffers are parts of the file, and a cell is a member of it as one of a tar is.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from .members import Member

if TYPE_CHECKING:
    import pyarrow as pa

KEPT = {"bytes", "path"}


def files_of(column: pa.ChunkedArray, file: Path, whole: pa.Buffer) -> list[dict[str, object]] | None:
    """The cells of a column of files, their bytes as members of the Arrow file; None where they are no such.

    Args:
        column: of a table that was read from `whole`.
        file: the Arrow file.
        whole: all of it, mapped into memory.
    """
    import pyarrow as pa

    kind = column.type
    if not pa.types.is_struct(kind) or {field.name for field in kind} != KEPT:
        return None
    cells: list[dict[str, object]] = []
    for chunk in column.chunks:
        parts = dict(zip((field.name for field in kind), chunk.flatten(), strict=True))
        places = _places(parts["bytes"], whole)
        if places is None:
            return None
        for place, path in zip(places, parts["path"].to_pylist(), strict=True):
            member = None if place is None else Member.at(file, str(len(cells)), *place)
            cells.append({"bytes": member, "path": path})
    return cells


def _places(contents: pa.Array, whole: pa.Buffer) -> list[tuple[int, int] | None] | None:
    """Where each begins in the file, and its size; None of an empty one, None where they lie elsewhere."""
    import pyarrow as pa

    large = pa.types.is_large_binary(contents.type)
    _, offsets, data = contents.buffers() if large or pa.types.is_binary(contents.type) else (None,) * 3
    if offsets is None or data is None:
        return None
    edges = np.frombuffer(offsets, np.int64 if large else np.int32).astype(np.int64)
    edges = edges[contents.offset : contents.offset + len(contents) + 1] + (data.address - whole.address)
    sizes = np.diff(edges)
    if len(edges) == 0 or edges[0] < 0 or edges[-1] > whole.size or (sizes < 0).any():
        return None
    there = np.asarray(contents.is_valid().to_numpy(zero_copy_only=False)) & (sizes > 0)
    found: Any = zip(edges[:-1].tolist(), sizes.tolist(), strict=True)
    return [place if here else None for place, here in zip(found, there.tolist(), strict=True)]
