"""One version, the package's, in everything that is written."""

from __future__ import annotations

from importlib.metadata import version

from headstart.version import VERSION


def test_it_is_the_packages():
    assert version("headstart") == VERSION


def test_what_a_run_writes_carries_it(finished):
    assert finished.read("result.json")["headstart"] == VERSION
    assert finished.read("settings.json")["headstart"] == VERSION
    assert finished.read("bundle/bundle.json")["facts"]["headstart"] == VERSION
