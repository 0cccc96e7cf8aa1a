"""result.schema.json describes result.json, and refuses what is not one."""

from __future__ import annotations

import json
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import pytest
from jsonschema import Draft202012Validator

Json = dict[str, Any]
SPEED: Json = {"milliseconds": 12.5, "frames_per_second": 80.0, "size": 256, "threads": 2}


@pytest.fixture(scope="module")
def validator() -> Draft202012Validator:
    schema = json.loads(files("headstart.shipping.report").joinpath("result.schema.json").read_text("utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def test_a_result_is_valid(validator: Draft202012Validator, result: Json) -> None:
    assert [error.message for error in validator.iter_errors(result)] == []


def test_a_run_without_verdict_or_strategy_is_valid(validator: Draft202012Validator, result: Json) -> None:
    result |= {"verdict": None, "chosen": {"base": "x", "strategy": None, "arm": "raw_pixels"}}
    assert validator.is_valid(result)


def test_runs_on_texts_are_valid(
    validator: Draft202012Validator, of_texts: tuple[Json, Json], of_translations: tuple[Json, Json]
) -> None:
    for made, _ in (of_texts, of_translations):
        assert [error.message for error in validator.iter_errors(made)] == []


def test_a_speed_is_valid_and_may_be_absent_or_null(validator: Draft202012Validator, result: Json) -> None:
    for speed in (SPEED, None):
        assert validator.is_valid(result | {"speed": speed})
    for wrong in ({**SPEED, "milliseconds": 0}, {**SPEED, "unit": "ms"}, {"size": 256}, 12.5):
        assert not validator.is_valid(result | {"speed": wrong})


SPOILERS: dict[str, Callable[[Json], Any]] = {
    "a key is missing": lambda result: result.pop("receipt"),
    "an unknown key": lambda result: result.update(extra=1),
    "an unknown key deep inside": lambda result: result["arms"][0].update(acc=1),
    "another schema": lambda result: result.update(schema="headstart/result/2"),
    "an unknown call": lambda result: result["verdict"].update(call="maybe"),
    "an interval of one end": lambda result: result["metric"].update(interval=[0.1]),
    "a value as text": lambda result: result["metric"].update(value="93 %"),
    "a fraction above one": lambda result: result["receipt"].update(fraction=99.8),
    "a weight without shape": lambda result: result["receipt"]["loaded"].append(["conv.weight"]),
    "a weight with a third part": lambda result: result["receipt"]["loaded"].append(["w", [1], 2]),
    "an adapted weight without its way": lambda result: result["receipt"].update(adapted=[["w", [1]]]),
    "another library's names without a word": lambda result: result["receipt"].update(renamed=""),
    "a negative time": lambda result: result["seconds"].update(rank=-1),
    "a class without test count": lambda result: result["data"]["per_class"]["ants"].pop("test"),
}


@pytest.mark.parametrize("name", SPOILERS)
def test_what_is_no_result_is_refused(validator: Draft202012Validator, result: Json, name: str) -> None:
    SPOILERS[name](result)
    assert not validator.is_valid(result)
