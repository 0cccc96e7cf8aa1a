"""Plug-ins are found by file name and entry point, and only what is asked for is imported."""

from __future__ import annotations

import sys
from dataclasses import dataclass

import pytest

from headstart import registry
from headstart.errors import ContractError, UnknownName


@dataclass(frozen=True)
class EntryPoint:
    """What importlib.metadata gives for a plug-in of another package."""

    name: str
    plugin: object
    value: str = "a_package:plugin"

    def load(self) -> object:
        if isinstance(self.plugin, Exception):
            raise self.plugin
        return self.plugin


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A plug-in folder `headstart.shapes` with `circle`, `broken`, and machinery."""
    import headstart

    package = tmp_path / "shapes"
    package.mkdir()
    files = {
        "__init__": "",
        "base": "plugin = 'the contract'",
        "_helper": "plugin = 'machinery'",
        "circle": "plugin = 'a circle'",
        "broken": "plug = 'misspelt'",
        "explodes": "raise RuntimeError('imported')",
    }
    for name, text in files.items():
        (package / f"{name}.py").write_text(text)
    monkeypatch.setattr(headstart, "__path__", [*headstart.__path__, str(tmp_path)])
    yield package
    for name in [name for name in sys.modules if name.startswith("headstart.shapes")]:
        del sys.modules[name]


@pytest.fixture
def added(monkeypatch):
    """`added(name=plugin)` is another package that brings these plug-ins for `shapes`."""

    def add(**plugins: object) -> None:
        points = [EntryPoint(name, plugin) for name, plugin in plugins.items()]
        monkeypatch.setattr(
            registry, "entry_points", lambda group: points if group == "headstart.shapes" else []
        )

    return add


def test_names_are_the_files_without_machinery_and_nothing_of_them_is_imported(folder):
    assert registry.names("shapes") == ["broken", "circle", "explodes"]
    assert "headstart.shapes.explodes" not in sys.modules


def test_a_plug_in_is_the_attribute_of_its_module(folder):
    assert registry.get("shapes", "circle") == "a circle"


@pytest.mark.parametrize("name", ["base", "_helper", "../cli", "circle.", "", "__init__"])
def test_machinery_and_paths_are_no_plug_ins(folder, name):
    with pytest.raises(UnknownName):
        registry.get("shapes", name)


def test_an_unknown_name_gets_the_nearest_or_all(folder):
    with pytest.raises(UnknownName) as caught:
        registry.get("shapes", "circl")
    assert "`circl`" in caught.value.message
    assert "`circle`" in caught.value.hint
    with pytest.raises(UnknownName) as caught:
        registry.get("shapes", "zzzz")
    assert "broken, circle, explodes" in caught.value.hint
    assert "(none)" in registry.nearest("x", [])


def test_a_module_without_a_plug_in_breaks_the_contract(folder):
    with pytest.raises(ContractError, match=r"broken\.py"):
        registry.get("shapes", "broken")


def test_a_plug_in_says_what_it_is_or_its_file_does():
    class Told:
        summary = "a square"

    class Silent:
        """Its own class says nothing that people need."""

    assert registry.summary(Told()) == "a square"
    for part in (Silent(), Silent, test_ours_are_there):
        assert registry.summary(part) == __doc__
    assert registry.summary("a circle") == ""


def test_other_packages_add_plug_ins(folder, added):
    added(square="a square")
    assert registry.names("shapes") == ["broken", "circle", "explodes", "square"]
    assert registry.get("shapes", "square") == "a square"
    assert registry.get("shapes", "circle") == "a circle"


def test_other_packages_cannot_replace_ours(folder, added):
    added(circle="another circle")
    with pytest.raises(ContractError, match="circle") as caught:
        registry.get("shapes", "circle")
    assert "rename" in caught.value.hint


def test_ours_are_there():
    assert "image_classification" in registry.names("tasks")
    assert {"frozen", "finetune", "warm_init", "scratch"} <= set(registry.names("adaptation"))
    assert {"builtin", "timm", "torchvision", "transformers"} <= set(registry.names("bases"))
    assert "ridge" in registry.names("ranking")


def test_a_package_that_cannot_be_imported_is_named(folder, added):
    added(square=ModuleNotFoundError("No module named 'lost'"))
    with pytest.raises(
        ContractError, match=r"`square` \(a_package:plugin\) cannot be loaded.*'lost'"
    ) as caught:
        registry.get("shapes", "square")
    assert "uninstall" in caught.value.hint
