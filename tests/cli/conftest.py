"""Names that commands are typed with, where nothing behind them is read."""

from __future__ import annotations

from pathlib import Path

import pytest


@pytest.fixture
def named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder to type commands in: `photos`, `one`, `two` and `p` are there, and `bundle` looks like one."""
    home = tmp_path / "named"
    for name in ("photos", "one", "two", "p", "bundle"):
        (home / name).mkdir(parents=True)
    (home / "bundle" / "bundle.json").write_text("{}", "utf-8")
    monkeypatch.chdir(home)
    return home
