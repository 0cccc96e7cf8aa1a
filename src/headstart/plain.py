"""Records as plain JSON, and back: a field is a key, a tuple an array.

A field whose default is None is left out where it is None; every other is written, and so are the properties
that a record's class names in `also`. In reading, keys that are no field are passed over, and what is missing
is the field's default, or None where it may be.
"""

from __future__ import annotations

import functools
import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, fields, is_dataclass
from typing import Literal, TypeVar, Union, get_args, get_origin, get_type_hints

Record = TypeVar("Record")


class Unfit(ValueError):
    """Plain JSON that is not what a record says."""


def plain(record: object) -> dict[str, object]:
    """A record as what JSON holds: dicts, lists, texts, numbers, booleans and None."""
    if not is_dataclass(record):
        raise TypeError(f"{record!r} is no record")
    given = [(one, getattr(record, one.name)) for one in fields(record)]
    found = {one.name: _plain(value) for one, value in given if value is not None or one.default is not None}
    return found | {name: _plain(getattr(record, name)) for name in getattr(record, "also", ())}


def read(kind: type[Record], given: object, where: str = "") -> Record:
    """A record of what it knows in plain JSON; `where` is said of what does not fit.

    Raises:
        Unfit: something that is needed is missing, or is of another kind.
    """
    if not isinstance(given, Mapping):
        raise Unfit(f"{where or 'it'} is no object")
    values: dict[str, object] = {}
    record: type = kind
    for name, (hint, needed) in _fields(record).items():
        place = f"{where}.{name}" if where else name
        if name in given:
            values[name] = _value(hint, given[name], place)
        elif needed and type(None) in get_args(hint):
            values[name] = None
        elif needed:
            raise Unfit(f"{place} is missing")
    return kind(**values)


@functools.cache
def _fields(kind: type) -> dict[str, tuple[object, bool]]:
    """What each field holds, and whether it has no default."""
    if not is_dataclass(kind):
        raise TypeError(f"{kind!r} is no record")
    hints = get_type_hints(kind)
    return {
        one.name: (hints[one.name], one.default is MISSING and one.default_factory is MISSING)
        for one in fields(kind)
    }


def _plain(value: object) -> object:
    if is_dataclass(value):
        return plain(value)
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    return value


def _value(hint: object, value: object, where: str) -> object:
    """The value as its field has it."""
    origin, inner = get_origin(hint), get_args(hint)
    if origin in (Union, types.UnionType):
        return _one_of(inner, value, where)
    if origin is tuple:
        return _several(inner, value, where)
    if origin is not None and origin is not Literal:
        return _named(inner[1], value, where)
    if isinstance(hint, type) and is_dataclass(hint):
        return read(hint, value, where)
    if isinstance(hint, type) and issubclass(hint, tuple):
        made: Callable[..., object] = hint  # of parts that have names
        return made(*_several(tuple(get_type_hints(hint).values()), value, where))
    if not (value in inner if origin is Literal else _is(hint, value)):
        raise Unfit(f"{where} is {value!r:.60}")
    return value


def _is(hint: object, value: object) -> bool:
    """Is it a plain value of this kind? A whole number is a number, a boolean is none."""
    if isinstance(value, bool):
        return hint in (bool, object)
    return (
        isinstance(value, int | float)
        if hint is float
        else isinstance(hint, type) and isinstance(value, hint)
    )


def _one_of(kinds: tuple[object, ...], value: object, where: str) -> object:
    """The first kind that the value fits."""
    if value is None and type(None) in kinds:
        return None
    told: list[Unfit] = []
    for kind in kinds:
        try:
            return _value(kind, value, where)
        except Unfit as unfit:
            told.append(unfit)
    raise told[0]


def _several(kinds: tuple[object, ...], value: object, where: str) -> tuple[object, ...]:
    """An array: of any length where the kinds end in an ellipsis."""
    if not isinstance(value, list | tuple):
        raise Unfit(f"{where} is no array")
    each = kinds[:1] * len(value) if kinds[-1] is Ellipsis else kinds
    if len(each) != len(value):
        raise Unfit(f"{where} has {len(value)} parts, not {len(each)}")
    return tuple(
        _value(kind, one, f"{where}[{at}]") for at, (kind, one) in enumerate(zip(each, value, strict=True))
    )


def _named(kind: object, value: object, where: str) -> dict[str, object]:
    """An object with names of any kind."""
    if not isinstance(value, Mapping):
        raise Unfit(f"{where} is no object")
    return {name: _value(kind, one, f"{where}.{name}") for name, one in value.items()}
