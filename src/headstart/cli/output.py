"""Where the command line speaks: results on stdout, everything else on stderr."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from typing import Any

from ..spoken import Terminal

_BREAKS = dict.fromkeys(map(ord, "\t\n\r\v\f\x85\u2028\u2029\0"), " ")


def table(rows: Sequence[Mapping[str, object]]) -> None:
    """Rows with the same keys as an aligned table on stdout."""
    if not rows:
        return
    names = list(rows[0])
    cells = [names, *([_cell(row[name]) for name in names] for row in rows)]
    widths = [max(len(line[column]) for line in cells) for column in range(len(names))]
    for line in cells:
        print("  ".join(cell.ljust(width) for cell, width in zip(line, widths, strict=True)).rstrip())


def document(value: object) -> None:
    """One JSON document on stdout."""
    print(_json(value, indent=2))


def line(value: object) -> None:
    """One JSON line on stdout, at once."""
    print(_json(value), flush=True)


def _json(value: Any, indent: int | None = None) -> str:
    """JSON is UTF-8; where the terminal is not, or a name has no UTF-8, its letters are escaped."""
    plain = json.dumps(value, indent=indent, ensure_ascii=False)
    try:
        plain.encode()
    except UnicodeEncodeError:
        return json.dumps(value, indent=indent)
    unicode = (sys.stdout.encoding or "utf-8").lower().replace("-", "") in ("utf8", "utf_8")
    return plain if unicode else json.dumps(value, indent=indent)


def flat(text: str) -> str:
    """The text in one cell of one line."""
    return text.translate(_BREAKS)


def failure(message: str, hint: str) -> None:
    """The two lines of every failure, on stderr."""
    print(f"error: {_one_line(message)}\nhint: {_one_line(hint)}", file=sys.stderr, flush=True)


def _one_line(text: str) -> str:
    return " ".join(text.split())


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.4g}" if isinstance(value, float) else str(value)


__all__ = ["Terminal", "document", "failure", "flat", "line", "table"]
