"""How numbers are written: in one way in a whole table, so that commas are decimal everywhere or nowhere.

1,5   1.234,5   1 234,5   1'234,5           a decimal comma
1,234.5   12,345,678                        commas between thousands

Where all that is there could be either, as 1,234, nothing is made of it; and 1.019 among 990 and 995 is
doubtful.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence

_COMMA = re.compile(r"[+-]?(?:\d{1,3}(?:[. '\u00a0\u202f]\d{3})+|\d+),\d+")
_THOUSANDS = re.compile(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?")
_EITHER = re.compile(r"[+-]?\d{1,3},\d{3}")
_GROUPED = re.compile(r"[+-]?[1-9]\d{0,2}(?:\.\d{3})+")
_WHOLE = re.compile(r"[+-]?\d+|[+-]?\d{1,3}(?:[. '\u00a0\u202f]\d{3})+")
"""What may stand among numbers with a decimal comma, without one."""


def pointed(cells: Sequence[object]) -> list[object]:
    """The cells with a decimal point and nothing between thousands, where that is how they are meant."""
    texts = [cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()]
    written = [text for text in texts if "," in text]
    if not written or all(_EITHER.fullmatch(text) for text in written):
        return [*cells]
    if all(_COMMA.fullmatch(text) for text in written) and all(_fits_comma(text) for text in texts):
        return [_rewritten(cell, lambda text: re.sub(r"[. '\u00a0\u202f]", "", text)) for cell in cells]
    if all(_THOUSANDS.fullmatch(text) for text in written):
        return [_rewritten(cell, lambda text: text.replace(",", "")) for cell in cells]
    return [*cells]


def doubtful(cells: Sequence[object]) -> str | None:
    """A cell as 1.019 among others as 990: most likely with a point between thousands, not a decimal one.

    None where there is a number that says otherwise, as 1.02, 0.5 and 1500 do.
    """
    texts = {cell.strip() for cell in cells if isinstance(cell, str) and cell.strip()}
    pointed = sorted(text for text in texts if "." in text)
    whole = [text for text in texts if "." not in text and text[-1].isdigit()]
    if not pointed or not all(_GROUPED.fullmatch(text) for text in pointed):
        return None
    three = [len(text.lstrip("+-")) == 3 for text in whole]
    short = all(_WHOLE.fullmatch(text) and len(text.lstrip("+-")) <= 3 for text in whole)
    return pointed[0] if any(three) and short else None


def _fits_comma(text: str) -> bool:
    """Is a cell nothing that would be wrong where commas are decimal, as 1.5 is?"""
    return bool(_COMMA.fullmatch(text) or _WHOLE.fullmatch(text)) or not text[-1].isdigit()


def _rewritten(cell: object, bare: Callable[[str], str]) -> object:
    """A number without what stands between thousands; other cells are left as they are."""
    if not isinstance(cell, str) or not re.search(r"\d", cell):
        return cell
    return bare(cell.strip()).replace(",", ".")
