"""What is typed wrongly is answered before anything heavy is imported."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from headstart.cli import early
from headstart.errors import BundleError, DataError, RunError, SettingsError

LIGHT = """
import sys
from headstart.cli import code
left = code(sys.argv[1:])
assert not {"torch", "pandas", "scipy", "sklearn"} & set(sys.modules), "something heavy was imported"
sys.exit(left)
"""


@pytest.mark.parametrize(
    ("command", "says"),
    [
        ("run photso", "did you mean `photos`?"),
        ("check photso", "does not exist"),
        ("rank photso", "does not exist"),
        ("explore photso", "does not exist"),
        ("run photos --out /proc/x/y", "cannot be written"),
        ("run photos --out file", "is a file, not a run"),
        ("adapt photos --base b --strategy frozen --out file", "is a file, not a run"),
        ("pretrain photos --out file", "is a file, not a run"),
        ("predict nothing one.png", "does not exist"),
        ("predict photos one.png", "is not a bundle"),
        ("evaluate photos photos", "is not a bundle"),
        ("export photos --data photos", "is not a bundle"),
        ("compare photso photos", "did you mean"),
        ("suggest photso", "did you mean"),
        ("runs photso", "does not exist"),
    ],
)
def test_it_is_answered_at_once(command, says, tmp_path):
    (tmp_path / "photos").mkdir()
    (tmp_path / "file").write_text("mine", "utf-8")
    done = subprocess.run(
        [sys.executable, "-c", LIGHT, *command.split()], cwd=tmp_path, capture_output=True, text=True
    )
    assert done.returncode == 1, done.stderr
    assert says in done.stderr
    assert done.stderr.splitlines()[-1].startswith("hint: ")
    assert (tmp_path / "file").read_text("utf-8") == "mine"
    assert sorted(one.name for one in tmp_path.iterdir()) == ["file", "photos"]


def test_a_run_folder_stands_for_its_bundle(finished):
    early.require_bundle(finished.folder)
    early.require_bundle(finished.bundle)
    with pytest.raises(BundleError):
        early.require_bundle(finished.data)


def test_an_input_that_is_not_there_is_said_where_inputs_are_files(finished, tmp_path):
    (tmp_path / "photo.png").write_text("", "utf-8")
    for fine in ("-", "https://a/b.png", "*.png", str(tmp_path / "photo.png")):
        early.require_inputs(finished.folder, [fine])
    with pytest.raises(DataError, match="no file or folder") as error:
        early.require_inputs(finished.bundle, [str(tmp_path / "foto.png")])
    assert "photo.png" in error.value.hint
    (tmp_path / "bundle.json").write_text('{"modality": "text"}', "utf-8")
    early.require_inputs(tmp_path, ["so dull"])
    (tmp_path / "bundle.json").write_text("{", "utf-8")
    early.require_inputs(tmp_path, ["so dull"])


def test_users_are_named_where_a_bundle_recommends(finished, tmp_path):
    early.require_users_of(finished.bundle, ())
    with pytest.raises(SettingsError, match="--user is for bundles that recommend"):
        early.require_users_of(finished.bundle, ["7"])
    for text in ('{"modality": "ratings"}', "{"):
        (tmp_path / "bundle.json").write_text(text, "utf-8")
        early.require_users_of(tmp_path, ["7"])


def test_what_is_there_passes(tmp_path):
    early.require_data(tmp_path, None, Path("-"))
    early.require_new(tmp_path / "new" / "deep")
    early.require_file(tmp_path / "table.csv")
    early.require_file(None)
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(DataError):
        early.require_data(tmp_path / "no" / "where")
    with pytest.raises(RunError, match="is a folder"):
        early.require_file(tmp_path)
    (tmp_path / "result.json").write_text("{}", "utf-8")
    with pytest.raises(RunError, match="finished run"):
        early.require_new(tmp_path)
    early.require_folder(tmp_path)


def test_the_first_line_says_what_is_read(tmp_path, capsys, monkeypatch):
    for name in "abc":
        (tmp_path / name).write_text("", "utf-8")
    early.begin([tmp_path])
    early.begin([tmp_path / "a"])
    monkeypatch.setattr(early, "MOST", 2)
    early.begin([tmp_path])
    first, second, third = capsys.readouterr().err.splitlines()
    assert first == f"stage 1 of 5: check {tmp_path} (3 files)"
    assert second.endswith("(a file)")
    assert third.endswith("(2+ files)")


@pytest.mark.parametrize("require", [early.require_new, early.require_folder, early.require_file])
def test_an_address_is_no_folder_of_this_machine(require):
    with pytest.raises(RunError, match="^s3://bucket/runs/one cannot be written") as refused:
        require(Path("s3://bucket/runs/one"))
    assert "HEADSTART_CACHE" in refused.value.hint
