"""What a run is asked for is checked at once, and a settings.json gives it back."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace

import pytest

from headstart import settings as module
from headstart.errors import SettingsError, UnknownName
from headstart.settings import Settings, read


@pytest.mark.parametrize("minutes", [0, -1, float("nan"), float("inf"), 1e9])
def test_minutes_are_above_nothing_and_end(minutes):
    with pytest.raises(SettingsError, match="--minutes"):
        Settings("photos", minutes=minutes)


@pytest.mark.parametrize("seed", [-1, 2**31, 2**63])
def test_a_seed_fits_31_bits(seed):
    with pytest.raises(SettingsError, match=f"--seed .*{seed}"):
        Settings("photos", seed=seed)


def test_what_is_just_inside_is_taken():
    Settings("photos", minutes=0.01, seed=2**31 - 1)
    Settings("photos", minutes=99_999)


def test_a_strategy_is_one_that_there_is():
    with pytest.raises(UnknownName) as caught:
        Settings("photos", strategy=("frozen", "finetun"))
    assert "`finetune`" in caught.value.hint


def test_the_reference_is_no_transfer():
    with pytest.raises(SettingsError, match="scratch"):
        Settings("photos", strategy=("scratch",))


def test_where_jobs_run_is_checked_at_once_and_is_no_part_of_what_a_run_is(monkeypatch, bases):
    monkeypatch.delenv("HEADSTART_ON", raising=False)
    assert Settings("photos").place == "local"
    with pytest.raises(UnknownName) as caught:
        Settings("photos", on="locl")
    assert "`local`" in caught.value.hint
    with pytest.raises(SettingsError, match="no address"):
        Settings("photos", on="local://here")
    monkeypatch.setenv("HEADSTART_ON", "nowhere")
    with pytest.raises(UnknownName, match="nowhere"):
        Settings("photos")
    assert Settings("photos", on="local").place == "local"
    assert "on" not in Settings("photos", on="local").identity("print", bases)["settings"]


def test_without_a_strategy_it_is_left_to_the_task_and_one_twice_is_refused():
    assert Settings("photos").strategy == ()
    with pytest.raises(SettingsError, match="different strategies"):
        Settings("photos", strategy=("frozen", "frozen"))


def test_the_name_is_the_folders():
    assert Settings("some/photos/").name == "photos"
    assert Settings(Path("photos")).name == "photos"
    assert Settings(".").name == Path.cwd().name
    assert Settings(object()).name == "data"


@pytest.fixture
def bases():
    return [SimpleNamespace(name="tiny", card=SimpleNamespace(sha256="ab"))]


def test_the_identity_changes_with_everything_that_changes_the_run(bases):
    plain = Settings("photos", base=("tiny",), minutes=3, seed=1)
    known = {json.dumps(plain.identity("f", bases), sort_keys=True)}
    others = [
        Settings("others", base=("tiny",), minutes=3, seed=1).identity("f", bases),
        Settings("photos", base=("tiny",), minutes=4, seed=1).identity("f", bases),
        Settings("photos", base=("tiny",), minutes=3, seed=2).identity("f", bases),
        Settings("photos", base=("tiny",), minutes=3, seed=1, group="who").identity("f", bases),
        Settings("photos", base=("tiny",), minutes=3, seed=1, columns={"text": "body"}).identity("f", bases),
        Settings("photos", base=("tiny",), minutes=3, seed=1, strategy=("frozen",)).identity("f", bases),
        Settings("photos", "image_classification", ("tiny",), minutes=3, seed=1).identity("f", bases),
        plain.identity("g", bases),
        plain.identity("f", [SimpleNamespace(name="tiny", card=SimpleNamespace(sha256="cd"))]),
    ]
    known |= {json.dumps(one, sort_keys=True) for one in others}
    assert len(known) == 1 + len(others)


def test_columns_are_read_and_come_back(tmp_path, bases):
    asked = Settings("texts", strategy=("frozen",), group="who", columns={"text": "body", "label": "topic"})
    assert (asked.reading.group, asked.reading.column("text")) == ("who", "body")
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(asked.identity("f", bases)))
    assert read(path) == asked
    older = json.loads(path.read_text())
    del older["settings"]["columns"]
    path.write_text(json.dumps(older))
    assert read(path).columns == {}


def test_the_folder_is_not_part_of_the_identity(bases):
    one, other = Settings("photos", out=Path("a")), Settings("photos", out=Path("b"))
    assert one.identity("f", bases) == other.identity("f", bases)


def test_what_was_asked_comes_back_from_the_file(tmp_path, bases):
    asked = Settings(
        "photos", "image_classification", ("tiny", "x"), ("frozen",), 2.5, seed=7, group="who", out=Path("a")
    )
    path = tmp_path / "settings.json"
    path.write_text(json.dumps(asked.identity("f", bases)))
    again = read(path, Path("b"))
    assert again == Settings(
        "photos", "image_classification", ("tiny", "x"), ("frozen",), 2.5, seed=7, group="who", out=Path("b")
    )
    assert json.loads(path.read_text())["schema"] == module.SCHEMA


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not json",
        "[]",
        "null",
        "{}",
        '{"settings": []}',
        '{"settings": {"data": "photos"}}',
        '{"settings": {"data": "photos", "base": [], "strategy": ["frozen"], "colour": "red"}}',
        '{"settings": {"data": "photos", "base": [], "strategy": ["frozen"], "minutes": "ten"}}',
        '{"settings": {"data": "photos", "base": 3, "strategy": ["frozen"]}}',
        '{"settings": {"data": "photos", "base": [], "strategy": ["frozen"], "columns": "text"}}',
    ],
)
def test_what_is_no_settings_file_is_refused_with_a_hint(tmp_path, text):
    path = tmp_path / "settings.json"
    path.write_text(text)
    with pytest.raises(SettingsError, match=r"settings\.json") as caught:
        read(path)
    assert "settings.json" in caught.value.hint


def test_a_file_that_is_not_there_and_bytes_that_are_no_text_are_refused(tmp_path):
    with pytest.raises(SettingsError):
        read(tmp_path / "settings.json")
    with pytest.raises(SettingsError):
        read(tmp_path)
    (tmp_path / "settings.json").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError):
        read(tmp_path / "settings.json")


def test_values_of_a_file_are_checked_like_typed_ones(tmp_path):
    path = tmp_path / "settings.json"
    plain = {"data": "photos", "base": [], "strategy": ["frozen"], "minutes": -1}
    path.write_text(json.dumps({"settings": plain}))
    with pytest.raises(SettingsError, match="--minutes"):
        read(path)


def test_a_head_is_one_that_there_is():
    assert Settings("photos", head="unet").identity("f", [])["settings"]["head"] == "unet"
    with pytest.raises(UnknownName, match="no head called `unett`") as caught:
        Settings("photos", head="unett")
    assert "`unet`" in caught.value.hint


def test_a_file_of_another_version_is_refused_and_says_which(tmp_path, bases):
    path = tmp_path / "settings.json"
    old = Settings("photos").identity("f", bases) | {"schema": "headstart/settings/1", "headstart": "0.1.0"}
    path.write_text(json.dumps(old))
    with pytest.raises(SettingsError, match=r"headstart/settings/1.*would not repeat") as caught:
        read(path)
    assert "type its command again" in caught.value.hint
