"""Limits as they are typed, and what they say of a base."""

from dataclasses import replace

import pytest

from headstart.errors import SettingsError
from headstart.ranking import Limits
from headstart.ranking._limits import quantity


@pytest.mark.parametrize(
    ("text", "of", "value"),
    [
        *(("20M", "parameters", 20e6), ("1.5m", "parameters", 1.5e6), ("300000", "parameters", 3e5)),
        *(("30ms", "latency", 30), ("0.5 s", "latency", 500)),
        *(("500MB", "memory", 500), ("2gb", "memory", 2000)),
    ],
)
def test_a_number_and_its_unit(text, of, value):
    assert quantity(text, of) == pytest.approx(value)


@pytest.mark.parametrize(
    ("text", "of"),
    [("30", "latency"), ("M", "parameters"), ("-1M", "parameters"), ("0ms", "latency"), ("5 cows", "memory")],
)
def test_anything_else_is_refused_with_the_units(text, of):
    with pytest.raises(SettingsError) as caught:
        quantity(text, of)
    assert "a number and a unit" in caught.value.hint


def test_what_is_typed_is_read():
    assert Limits.typed("20M", "30ms", None, "mit") == Limits(20e6, 30, None, "mit")


def test_no_limits_have_nothing_against_a_base(base):
    assert Limits().against(base.card) is None
    assert Limits().against_cost(1e9, 1e9) is None


@pytest.mark.parametrize(
    ("limits", "said"),
    [
        (Limits(parameters=10), "parameters"),
        (Limits(licence="permissive"), "not known"),
        (Limits(licence="mit"), "not mit"),
    ],
)
def test_facts_above_a_limit_are_said(base, limits, said):
    assert said in limits.against(replace(base.card, licence=None))


@pytest.mark.parametrize(
    ("licence", "wanted", "fits"),
    [
        ("apache-2.0", "permissive", True),
        ("Apache-2.0", "apache-2.0", True),
        ("cc-by-nc-4.0", "permissive", False),
        ("mit", "apache-2.0", False),
    ],
)
def test_licences_are_compared_by_their_names(base, licence, wanted, fits):
    against = Limits(licence=wanted).against(replace(base.card, licence=licence))
    assert (against is None) == fits


def test_costs_above_a_limit_are_said():
    assert "ms here" in Limits(latency=10).against_cost(10.1, None)
    assert "MB here" in Limits(memory=100).against_cost(1, 101)
    assert Limits(latency=10, memory=100).against_cost(10, 100) is None
