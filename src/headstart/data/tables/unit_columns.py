"""Columns that say whose an example is, where nobody named one as the group.

Examples of one speaker, patient or slide are alike: one that is tested is easier told after others of the
same were learned from. Whether that matters is for a person to say, so that it is a finding and no more.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...types import Finding
from .column_names import plain

_UNITS = (
    "speaker spk client patient subject participant person donor animal slide plate well specimen video "
    "session site hospital scanner camera writer author user"
)
USUAL = frozenset(name + end for name in _UNITS.split() for end in ("", "id", "no", "nr", "number", "name"))
"""Without case and what stands between words."""
_ALIKE = 0.9
"""Of the rows have a value of their own: then it says nothing about pairs of them."""


def unit_column(there: Sequence[str], taken: Sequence[str]) -> str | None:
    """The column that is called so, of those that are not read for anything else; the first of several."""
    return next((name for name in there if name not in taken and plain(name) in USUAL), None)


def torn(column: str, cells: Sequence[object]) -> list[Finding]:
    """That rows of one value may be learned from and tested, where several values have several rows."""
    known = [cell for cell in cells if cell is not None and cell != ""]
    values = {str(cell) for cell in known}
    if len(values) < 2 or len(values) > _ALIKE * len(known):
        return []
    message = (
        f"the column `{column}` has {len(values)} values for {len(known)} rows: rows of one may be learned "
        f"from and tested, which is easier than new ones; --group {column} keeps each on one side"
    )
    return [Finding("torn_units", message, (column,))]
