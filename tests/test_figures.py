"""The command that counts: `Any` under another name is found, and nothing else is taken for it."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
figures = runpy.run_path(str(ROOT / "scripts" / "figures.py"))
FILES = {
    "__init__.py": "",
    "kinds.py": (
        "from typing import Any\nLoose = dict[str, Any]\n"
        "Looser = list[Loose]\nFirm = list[str]\nMOST = max(1, 2)"
    ),
    "verbs.py": (
        "from .kinds import Firm, Looser as Wide\n"
        "def one(x: Wide) -> None: ...\n"
        "def two(x: Firm, *, y: int) -> str: ...\n"
        "def _three(x: Wide) -> None: ...\n"
        "class Kept:\n    def __init__(self, **more: Wide) -> None: ...\n    def __repr__(self) -> Wide: ..."
    ),
    "rooms/deep.py": "from ..verbs import Wide\ndef four() -> tuple[Wide, int]: ...",
}


@pytest.fixture
def checkout(tmp_path) -> Path:
    for name, text in FILES.items():
        path = tmp_path / "src" / "headstart" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_it.py").write_text("def test_a(): ...\ndef helper(): ...\n", "utf-8")
    return tmp_path


def test_any_under_another_name_is_any(checkout):
    count, found = figures["signatures"](checkout / "src" / "headstart")
    assert count == 4
    assert found == ["rooms/deep.py: four", "verbs.py: one", "verbs.py: __init__"]


def test_everything_is_counted(checkout):
    found = figures["figures"](checkout)
    assert found["source files"] == "4"
    assert found["public signatures with Any"] == "3 of 4 (75.0%)"
    assert found["imports of another room's private file"] == "0"
    assert found["test functions"] == "1"


def test_no_more_than_one_public_signature_in_twenty_says_any():
    count, found = figures["signatures"](ROOT / "src" / "headstart")
    assert len(found) <= count / 20, "\n".join(found)
