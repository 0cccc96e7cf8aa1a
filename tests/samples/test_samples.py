"""Every sample says what it is, is written whole or not at all, and is read as what it says that it is."""

from __future__ import annotations

import pytest

import headstart as hs
from headstart import registry, samples
from headstart.errors import RunError, UnknownName

NAMES = registry.names("samples")
READ = {
    "digits_phone": ("scanned", {}),
    "orders": ("orders.csv", {"source_data": "other-shop.csv", "shared": "users"}),
    "numbers": ("", {"columns": {"source": "en", "target": "de"}}),
    "sales": ("", {"horizon": 6}),
}
"""What of a sample `check` is given, and with which options; a sample alone otherwise."""


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    home = tmp_path_factory.mktemp("samples")
    return {name: samples.write(name, home / name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_is_read_as_its_task(name, written):
    part, options = READ.get(name, ("", {}))
    if "source_data" in options:
        options = {**options, "source_data": str(written[name] / options["source_data"])}
    splits = hs.check(written[name] / part, **options)
    sample = registry.get("samples", name)
    assert splits.layout.split(",")[0] == sample.task
    assert len(splits.train) > 0
    assert len(splits.test) > 0
    assert [item.file for item in splits.dropped] == []


@pytest.mark.parametrize("name", NAMES)
def test_a_sample_says_where_it_is_from(name):
    sample = registry.get("samples", name)
    assert sample.task in registry.names("tasks")
    for told in (sample.summary, sample.source, sample.licence):
        assert told.strip()
    assert "{data}" in sample.next


@pytest.mark.parametrize("name", ["parts", "sales", "topics"])
def test_a_seed_repeats_and_another_one_does_not(name, written, tmp_path):
    again = samples.write(name, tmp_path / "again")
    other = samples.write(name, tmp_path / "other", seed=1)
    first, second, third = (contents(folder) for folder in (written[name], again, other))
    assert first == second
    assert first.keys() == third.keys()
    assert first != third


def contents(folder):
    return {p.relative_to(folder): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_folder_that_holds_it_already_stays_and_one_with_more_is_refused(tmp_path):
    folder = samples.write("sales", tmp_path / "sales")
    table = folder / "sales.csv"
    before = table.stat().st_mtime_ns
    assert samples.write("sales", folder) == folder
    assert table.stat().st_mtime_ns == before
    (folder / "mine.txt").write_text("mine")
    with pytest.raises(RunError) as caught:
        samples.write("sales", folder)
    assert "--out" in caught.value.hint
    assert (folder / "mine.txt").read_text() == "mine"


def test_an_empty_folder_is_filled_and_nothing_is_left_beside(tmp_path):
    (tmp_path / "here").mkdir()
    samples.write("sales", tmp_path / "here")
    assert [path.name for path in tmp_path.iterdir()] == ["here"]
    assert (tmp_path / "here" / "sales.csv").is_file()


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("in the way")
    for place in (tmp_path / "file", tmp_path / "file" / "below"):
        with pytest.raises(RunError) as caught:
            samples.write("sales", place)
        assert "--out" in caught.value.hint
    assert (tmp_path / "file").read_text() == "in the way"


def test_an_unknown_name_gets_the_nearest(tmp_path):
    with pytest.raises(UnknownName) as caught:
        samples.write("digit", tmp_path / "x")
    assert "`digits`" in caught.value.hint
    assert not (tmp_path / "x").exists()
