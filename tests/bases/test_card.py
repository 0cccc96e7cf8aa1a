"""The card is the same whether its facts were measured or remembered, and nothing broken is believed."""

import json

import pytest

from headstart.bases import _card, facts
from headstart.cache import Cache

NAME = "builtin/glyphs"


@pytest.fixture
def kept(monkeypatch):
    """The file in which the facts of a base are, after it was loaded once: in the cache of this test."""
    monkeypatch.setattr(_card, "Cache", Cache)
    first = facts(NAME)
    (file,) = Cache().folder.glob("*.json")
    return first, file


def test_what_was_measured_once_is_remembered(kept, monkeypatch):
    first, _ = kept
    monkeypatch.setattr(_card, "_measured", lambda *_: pytest.fail("it was measured again"))
    assert facts(NAME) == first
    assert first.stages
    assert len(first.stages) == len(first.stage_numbers) == len(first.stage_flops)


@pytest.mark.parametrize("broken", ["", "{", "[]", "{}", '{"width": "wide"}', '{"width": 1, "stages": null}'])
def test_what_is_broken_is_measured_again(kept, broken):
    first, file = kept
    file.write_text(broken)
    assert facts(NAME) == first
    assert json.loads(file.read_text())["width"] == first.width


def test_another_architecture_has_facts_of_its_own(kept):
    facts("builtin/vision-s")
    assert len(list(Cache().folder.glob("*.json"))) == 2


def test_without_a_folder_to_keep_them_in_they_are_measured_each_time(kept, monkeypatch):
    for name in ("HEADSTART_CACHE", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("pathlib.Path.home", _no_home)
    assert facts(NAME) == kept[0]


def _no_home():
    raise RuntimeError("no home")
