"""How a person wants a data set read: which column groups it, and what its columns are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from ..errors import DataError
from ..options import Given


@dataclass(frozen=True)
class Reading:
    """What was asked about the columns of a data set."""

    group: str | None = None
    """The column whose equal values never land in two splits (a patient, a video, ...)."""
    columns: Mapping[str, str] = field(default_factory=dict)
    """Our name of a column to the data's own, where they differ."""
    options: Given = field(default_factory=dict)
    """What `--set` typed; whoever has an option reads it here."""

    def column(self, name: str) -> str:
        """What the data calls a column of ours."""
        return self.columns.get(name, name)

    def require_known(self, known: Sequence[str]) -> None:
        """Raises DataError: a column is mapped that the task does not read."""
        unknown = sorted(set(self.columns) - set(known))
        if unknown:
            raise DataError(
                f"there is no column `{unknown[0]}` to map: this task reads {', '.join(known)}", mapped(known)
            )


def named(columns: Mapping[str, object] | None = None) -> dict[str, str]:
    """Our names of columns to the data's own, which may be numbers."""
    return {str(name): str(own) for name, own in (columns or {}).items()}


PLAIN = Reading()
"""Nothing was asked."""


def mapped(names: Sequence[str]) -> str:
    """The hint that says how columns are mapped."""
    return f"say what yours are called: --columns {','.join(f'{name}=NAME' for name in names)}"
