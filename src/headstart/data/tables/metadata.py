"""The file that says the labels of the files in its folder."""

from __future__ import annotations

from pathlib import Path

from ...errors import DataError

METADATA = ("metadata.csv", "metadata.jsonl", "metadata.parquet")


def metadata_of(folder: Path) -> Path | None:
    """The metadata file of a folder, if it has one.

    Raises:
        DataError: there are several.
    """
    found = [folder / name for name in METADATA if (folder / name).is_file()]
    if len(found) > 1:
        raise DataError(
            f"expected one metadata file, found {', '.join(path.name for path in found)}",
            "remove all but one",
        )
    return found[0] if found else None
