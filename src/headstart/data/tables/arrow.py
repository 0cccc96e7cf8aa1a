"""Tables of Arrow: with the names of classes that their schema tells, and from folders of such tables.

The library `datasets` writes to the schema of a Parquet or Arrow file, and to `dataset_info.json`, which
columns are numbers of classes, and what these are called. What it saves is a folder:

    state.json  dataset_info.json  data-00000-of-00001.arrow        one table
    dataset_dict.json  train/  test/                                one such folder for each split
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ...errors import DataError
from ..listing import unusable
from .ranges import files_of

if TYPE_CHECKING:
    import pyarrow as pa

Names = Mapping[str, Sequence[str]]
"""Columns to what their numbers are called."""
_KEY = b"huggingface"
_STATE, _DICT, _INFO = "state.json", "dataset_dict.json", "dataset_info.json"
_WANTED = "save it again with save_to_disk, or give a CSV or Parquet file"


def names_of_schema(metadata: Mapping[bytes, bytes] | None) -> dict[str, Sequence[str]]:
    """The names of classes that the metadata of a schema tell, by column; none where there are none."""
    try:
        return names_of(json.loads((metadata or {})[_KEY])["info"]["features"])
    except (KeyError, ValueError, TypeError):
        return {}


def names_of(features: object) -> dict[str, Sequence[str]]:
    """The same from features, as JSON or as objects: of columns of numbers, and of lists of numbers."""
    found = {}
    if isinstance(features, Mapping):
        for column, feature in features.items():
            names = _names(feature) or _names(_inner(feature))
            if names:
                found[str(column)] = names
    return found


def said(cell: object, names: Sequence[str]) -> object:
    """The name of a number, or those of a list of numbers; what is no number of a class is missing."""
    if isinstance(cell, list):
        return [name for name in (said(one, names) for one in cell) if name is not None]
    if isinstance(cell, int) and not isinstance(cell, bool):
        return names[cell] if 0 <= cell < len(names) else None
    return cell


def cells_of(column: Any) -> list[Any]:
    """The cells of a column of Arrow; a text that is no UTF-8 keeps its bytes, to be judged later."""
    import pyarrow as pa

    if not (pa.types.is_string(column.type) or pa.types.is_large_string(column.type)):
        return list(column.to_pylist())
    cells = column.cast(pa.large_binary()).to_pylist()
    return [None if cell is None else cell.decode("utf-8", "surrogateescape") for cell in cells]


def plain_columns(table: pa.Table, names: Names | None = None) -> dict[str, list[object]]:
    """The columns of a table as lists, with names of classes instead of their numbers."""
    known = {**names_of_schema(table.schema.metadata), **(names or {})}
    columns: dict[str, list[Any]] = {}
    for place, name in enumerate(table.schema.names):
        cells = cells_of(table.column(place))
        columns[name] = [said(cell, known[name]) for cell in cells] if name in known else cells
    return columns


def is_saved(path: Path) -> bool:
    """Is this a folder that `datasets` saved?"""
    return path.is_dir() and ((path / _STATE).is_file() or (path / _DICT).is_file())


def saved(root: Path) -> dict[str, dict[str, list[object]]]:
    """The columns of what `datasets` saved, by split; of one without splits by "".

    Raises:
        DataError: a file is missing, broken, or not in the folder.
    """
    if not (root / _DICT).is_file():
        return {"": _table(root, root)}
    splits = _json(root / _DICT, root).get("splits")
    if not isinstance(splits, list) or not all(isinstance(name, str) for name in splits):
        raise DataError(f"`{root.name}/{_DICT}` names no splits", _WANTED)
    return {name: _table(root / name, root) for name in splits}


def _table(folder: Path, root: Path) -> dict[str, list[Any]]:
    state = _json(folder / _STATE, root)
    files = state.get("_data_files")
    if not isinstance(files, list) or not files:
        raise DataError(f"`{folder.name}/{_STATE}` names no files", _WANTED)
    names: Mapping[str, Sequence[str]] = {}
    if (folder / _INFO).is_file():
        names = names_of(_json(folder / _INFO, root).get("features"))
    found: dict[str, list[Any]] = {}
    for one in files:
        name = one.get("filename") if isinstance(one, dict) else None
        for column, cells in _columns(folder / str(name), root, names).items():
            found.setdefault(column, []).extend(cells)
    return found


def _columns(path: Path, root: Path, names: Names) -> dict[str, list[Any]]:
    """The columns of one file; the bytes of pictures and recordings stay in it."""
    table, whole = _arrow(path, root)
    lying = [files_of(column, path, whole) for column in table.columns]
    plain = plain_columns(table.select([place for place, files in enumerate(lying) if files is None]), names)
    called = zip(table.schema.names, lying, strict=True)
    return {name: plain[name] if files is None else [*files] for name, files in called}


def _json(path: Path, root: Path) -> dict[str, Any]:
    _require_inside(path, root)
    try:
        found = json.loads(path.read_bytes())
    except (OSError, ValueError, RecursionError) as error:
        raise DataError(f"`{path.name}` cannot be read: {error}", _WANTED) from error
    if not isinstance(found, dict):
        raise DataError(f"`{path.name}` is not a JSON object", _WANTED)
    return found


def _arrow(path: Path, root: Path) -> tuple[pa.Table, pa.Buffer]:
    """The table of a file and all of the file, mapped into memory: nothing is read before it is asked for."""
    import pyarrow as pa

    _require_inside(path, root)
    try:
        with pa.memory_map(str(path)) as mapped:
            whole = mapped.read_buffer()
        try:
            with pa.ipc.open_stream(whole) as stream:
                return stream.read_all(), whole
        except pa.ArrowInvalid:
            with pa.ipc.open_file(whole) as file:
                return file.read_all(), whole
    except (pa.ArrowException, OSError) as error:
        raise DataError(f"`{path.name}` cannot be read as Arrow: {error}", _WANTED) from error


def _require_inside(path: Path, root: Path) -> None:
    """Raises DataError: it is missing, or not in the folder."""
    if reason := unusable(path, root):
        raise DataError(f"`{path.name}` of the saved data set: {reason}", _WANTED)


def _names(feature: Any) -> Sequence[str] | None:
    names = feature.get("names") if isinstance(feature, Mapping) else getattr(feature, "names", None)
    if isinstance(names, list | tuple) and names and all(isinstance(name, str) for name in names):
        return list(names)
    return None


def _inner(feature: Any) -> Any:
    """What a list holds."""
    if isinstance(feature, Mapping):
        return feature.get("feature")
    return (
        feature[0] if isinstance(feature, list) and len(feature) == 1 else getattr(feature, "feature", None)
    )
