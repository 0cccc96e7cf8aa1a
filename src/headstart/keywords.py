"""How a verb reads data, by what it was given by name: columns, and options of parts as `--set` has them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from inspect import Parameter, signature
from typing import TypedDict

from .errors import UnknownName
from .registry import nearest


class Called(TypedDict):
    """Fields of a `Reading`, which settings have too."""

    columns: Mapping[str, str]
    options: Mapping[str, str]


def read_as(
    verb: Callable[..., object],
    options: Mapping[str, object],
    columns: Mapping[str, str] | None = None,
) -> Called:
    """The fields `columns` and `options` of a `Reading`, which settings have too.

    Args:
        verb: whose own keywords a typo may have meant; they are read from its signature.
        options: what it was given by other names; values become texts, lists and tuples with commas.
        columns: our names of columns to the data's own.

    Raises:
        UnknownName: something is no option of any task; the hint is the nearest option or keyword.
    """
    from . import tasks
    from .data.reading import named
    from .explored import OPTIONS

    known = {option.name for option in (*tasks.options(), *OPTIONS)} if options else set()
    for name, value in options.items():
        if name not in known:
            hint = nearest(name, sorted({*known, *_own(verb)}))
            if name in tasks.columns():
                hint = f"it is what we call a column: columns={{{name!r}: {value!r}}}"
            raise UnknownName(f"there is no keyword or option `{name}`", hint)
    texts = {name: _typed(value) for name, value in options.items()}
    return {"columns": named(columns), "options": texts}


def _own(verb: Callable[..., object]) -> list[str]:
    by_name = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    return [one.name for one in signature(verb).parameters.values() if one.kind in by_name]


def _typed(value: object) -> str:
    return ",".join(map(_quoted, value)) if isinstance(value, list | tuple) else str(value)


def _quoted(value: object) -> str:
    """One of several, as a cell of a CSV file where it holds a comma or a quotation mark."""
    text = str(value)
    return '"{}"'.format(text.replace('"', '""')) if set(text) & set(',"') else text
