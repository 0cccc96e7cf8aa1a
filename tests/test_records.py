"""The records and the schema of `result.json` are held to each other, field by field, all the way down."""

from __future__ import annotations

import dataclasses
import json
import types
from collections.abc import Iterator
from importlib.resources import files
from typing import Any, Literal, Union, get_args, get_origin, get_type_hints

import pytest

from headstart import records
from headstart.plain import plain, read
from headstart.records import Outcome
from headstart.types import Interval

SCHEMA = json.loads(files("headstart.shipping.report").joinpath("result.schema.json").read_text("utf-8"))
JSON = {str: "string", int: "integer", float: "number", bool: "boolean"}


def resolved(schema: dict[str, Any]) -> dict[str, Any]:
    if "$ref" in schema:
        return resolved(SCHEMA["$defs"][schema["$ref"].rpartition("/")[2]])
    return schema


def alternatives(schema: dict[str, Any]) -> list[dict[str, Any]]:
    """Each thing that a schema allows, one type at a time."""
    schema = resolved(schema)
    if "oneOf" in schema:
        return [found for one in schema["oneOf"] for found in alternatives(one)]
    named = schema.get("type")
    if isinstance(named, list):
        return [{**schema, "type": one} for one in named]
    if "enum" in schema:
        return [{"type": "null"}] * (None in schema["enum"]) + [schema]
    return [schema]


def unlike(hint: object, schema: dict[str, Any], where: str, required: bool = True) -> Iterator[str]:
    """What the annotation of a field and a schema do not both say."""
    kinds = list(get_args(hint)) if get_origin(hint) in (Union, types.UnionType) else [hint]
    allowed = alternatives(schema)
    nullable = {"type": "null"} in [{"type": one.get("type")} for one in allowed]
    if nullable and type(None) not in kinds:
        yield f"{where} may be null"
    if type(None) in kinds and not nullable and required:
        yield f"{where} may be None"
    kinds = [one for one in kinds if one is not type(None)]
    allowed = [one for one in allowed if one.get("type") != "null"]
    if all(map(dataclasses.is_dataclass, kinds)):
        whole = max(kinds, key=lambda one: len(dataclasses.fields(one)))  # others are part of it
        least = min(kinds, key=lambda one: len(dataclasses.fields(one)))
        yield from of_record(whole, least, allowed[0], where)
    else:
        for kind, one in zip(kinds, allowed, strict=True):
            yield from of_kind(kind, one, where)


def of_kind(kind: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    origin, inner = get_origin(kind), get_args(kind)
    if origin is Literal:
        if set(inner) != set(schema.get("enum", ())) - {None}:
            yield f"{where}: {inner} and {schema.get('enum')}"
    elif kind in JSON:
        expected = "string" if "const" in schema else schema.get("type")
        if expected != JSON[kind]:
            yield f"{where}: {kind} and {schema}"
    elif origin is tuple or kind is Interval:
        parts = tuple(get_type_hints(kind).values()) if kind is Interval else inner
        yield from of_array(parts, schema, where)
    elif inner[1] is not object and isinstance(schema.get("additionalProperties"), dict):
        yield from unlike(inner[1], schema["additionalProperties"], f"{where}.*")
    elif schema.get("type") != "object":
        yield f"{where}: {kind} and {schema}"


def of_array(parts: tuple[Any, ...], schema: dict[str, Any], where: str) -> Iterator[str]:
    if schema.get("type") != "array":
        yield f"{where} is no array"
    elif parts[-1] is Ellipsis:
        yield from unlike(parts[0], schema["items"], f"{where}[]")
    elif "prefixItems" in schema:
        for number, (part, one) in enumerate(zip(parts, schema["prefixItems"], strict=True)):
            yield from unlike(part, one, f"{where}[{number}]")
    else:
        if (schema.get("minItems"), schema.get("maxItems")) != (len(parts), len(parts)):
            yield f"{where} has {len(parts)} parts"
        anything = Union[parts]  # noqa: UP007  each part may be what one of them may be
        yield from unlike(anything, schema["items"], f"{where}[]")


def of_record(kind: Any, least: Any, schema: dict[str, Any], where: str) -> Iterator[str]:
    hints, described, required = get_type_hints(kind), schema["properties"], set(schema.get("required", ()))
    own = {one.name for one in dataclasses.fields(kind)} | set(getattr(kind, "also", ()))
    if own != described.keys():
        yield f"{where}: {sorted(own ^ described.keys())} are only on one side"
    needed = {
        one.name
        for one in dataclasses.fields(least)
        if one.default is dataclasses.MISSING and type(None) not in get_args(hints[one.name])
    }
    if needed - required:
        yield f"{where}: {sorted(needed - required)} need not be there"
    for one in dataclasses.fields(kind):
        if one.name in described:
            place = f"{where}.{one.name}" if where else one.name
            yield from unlike(hints[one.name], described[one.name], place, one.name in required)


def test_the_records_and_the_schema_say_the_same():
    assert list(of_record(Outcome, Outcome, SCHEMA, "")) == []


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda one: one["properties"].pop("notes"), "['notes'] are only on one side"),
        (lambda one: one["properties"]["task"].update(type="integer"), "task: <class 'str'>"),
        (lambda one: one["required"].remove("receipt"), "['receipt'] need not be there"),
        (lambda one: one["properties"]["metric"]["properties"].update(extra={}), "metric: ['extra']"),
        (lambda one: one["$defs"]["arm"]["properties"]["note"].update(type="string"), "note may be None"),
        (lambda one: one["$defs"]["interval"].update(maxItems=3), "interval has 2 parts"),
        (lambda one: one["$defs"]["count"].update(type="number"), "data.train: <class 'int'>"),
    ],
)
def test_a_difference_between_them_is_found(monkeypatch, change, said):
    changed = json.loads(json.dumps(SCHEMA))
    change(changed)
    monkeypatch.setitem(SCHEMA, "$defs", changed["$defs"])
    assert any(said in one for one in of_record(Outcome, Outcome, changed, "")), said


def test_a_result_comes_back_as_it_was_written(finished):
    record = finished.read("result.json")
    assert json.loads(json.dumps(plain(read(Outcome, record)))) == record


@pytest.mark.parametrize(
    ("labels", "kinds", "by"),
    [
        (("a", "b"), ("a", "b"), ("class", "classes")),
        ((), ("0 to 1", "1 to 2"), ("kind", "kinds")),
        ((), ("windows",), None),
        (("letter a", "letter b"), ("examples",), None),
    ],
)
def test_examples_are_counted_by_classes_or_kinds_or_nothing(labels, kinds, by):
    counts = dict.fromkeys(kinds, records.Counts(3, 1, 1))
    data = records.Data(3, 1, 1, labels, counts, records.LeftOut(()), (), "f")
    assert data.counted_by == by
