"""Limits leave something, and one request always fits."""

from __future__ import annotations

import pytest

from headstart.errors import SettingsError
from headstart.serving.limits import Limits


def test_bytes():
    assert Limits(megabytes=0.5).body == 500_000
    assert Limits(megabytes=1_000).bytes_held == 1_000_000_000


@pytest.mark.parametrize(
    "wrong", [{"megabytes": 0}, {"megabytes": float("nan")}, {"examples": 0}, {"examples": -1}]
)
def test_what_leaves_nothing_is_refused(wrong):
    with pytest.raises(SettingsError):
        Limits(**wrong)
