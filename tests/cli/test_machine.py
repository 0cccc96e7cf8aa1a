"""What the doctor says is true, and costs nothing that is not there."""

from __future__ import annotations

import platform
from importlib.metadata import version

import numpy as np
import pytest
import torch

from headstart.cache import Cache
from headstart.cli import machine


def test_versions_and_machine_are_the_real_ones():
    found = machine.facts(clear=False)
    assert found["python"] == platform.python_version()
    assert found["torch"] == version("torch")
    assert found["threads"] == torch.get_num_threads()
    assert found["disk free MB"] > 0
    assert set(machine.PACKAGES) <= set(found)


def test_a_package_that_is_not_there_is_none(monkeypatch):
    monkeypatch.setattr(machine, "PACKAGES", ("headstart", "no-such-package"))
    found = machine.facts(clear=False)
    assert (found["headstart"], found["no-such-package"]) == (version("headstart"), None)


def test_a_cache_that_is_not_there_is_empty_and_is_not_made(monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path / "a" / "b"))
    found = machine.facts(clear=True)
    assert (found["cache MB"], found["cache MB freed"]) == (0, 0)
    assert not (tmp_path / "a").exists()


def test_the_cache_is_cleared_only_when_asked():
    cache = Cache()
    cache.rows("k" * 64, (1, 1_000_000), "uint8").write(np.array([0]), np.ones((1, 1_000_000), np.uint8))
    assert machine.facts(clear=False)["cache MB"] == pytest.approx(1, abs=0.1)
    found = machine.facts(clear=True)
    assert (found["cache MB"], found["cache MB freed"]) == (0, pytest.approx(1, abs=0.1))
    assert cache.used() == 0


def test_a_gpu_is_named_where_there_is_one(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda: "a fast one")
    assert machine.facts(clear=False)["gpu"] == "a fast one"


def test_a_shared_cache_is_told_with_its_copy(monkeypatch, tmp_path):
    monkeypatch.setenv("HEADSTART_CACHE", f"file://{tmp_path}/shared")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    found = machine.facts(clear=False)
    assert found["cache shared through"] == f"file://{tmp_path}/shared"
    assert found["cache folder"].startswith(str(tmp_path / "headstart"))
