"""Every failure is two lines and an exit code, never a traceback, and nothing is written."""

from __future__ import annotations

import errno
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

import languages
from headstart import api, cli
from headstart.errors import DataError
from headstart.version import VERSION
from pictures import write_folder
from stories import PLENTY, Said, refused, said, said_outside


@pytest.fixture
def here(tmp_path, monkeypatch) -> Path:
    """A folder to be in, with things that are wrong in many ways."""
    monkeypatch.chdir(tmp_path)
    Path("empty").mkdir()
    write_folder(Path("one-class"), classes=("only",), per_class=4)
    write_folder(Path("no-column"), per_class=2)
    Path("no-column/metadata.csv").write_text("which,whose,label\ncircle/circle_000.png,ours,circle\n")
    write_folder(Path("photos"), per_class=4)
    shutil.copy("photos/circle/circle_000.png", "file.png")
    Path("foreign").mkdir()
    Path("foreign/thesis.txt").write_text("mine")
    Path("half.json").write_text('{"settings": {')
    languages.write(Path("bert"), "bert")
    return tmp_path


def tree(folder: Path) -> dict[str, bytes | None]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() if path.is_file() else None
        for path in folder.rglob("*")
    }


WRONG = {
    "an empty folder": ("run empty", "no task fits `empty`"),
    "one class": ("run one-class", "at least two classes"),
    "a column is missing": ("run no-column", "no column `file_name`"),
    "no such folder": ("run nothing-here", "does not exist"),
    "a file for a folder": ("run file.png", "file.png"),
    "an unknown base": ("run photos --base resnet5O", "no base called `resnet5O`"),
    "a base of another modality": (
        "run photos --base bert",
        "is a base for text, the task needs one for image",
    ),
    "a folder that holds no base": ("run photos --base empty", "holds no base"),
    "an unknown strategy": ("run photos --strategy finetun", "`finetun`"),
    "the reference as a transfer": ("run photos --strategy scratch", "reference"),
    "an unknown task": ("run photos --task telepathy", "`telepathy`"),
    "no minutes": ("run photos --minutes -1", "--minutes"),
    "a negative seed": ("run photos --seed -1", "--seed"),
    "a group without a table": ("run photos --group patient", "no column `patient`"),
    "a foreign out": ("run photos --base TINY --out foreign", "not a run of Headstart"),
    "an out that is a file": ("run photos --base TINY --out file.png", "not a run of Headstart"),
    "an out below a file": ("run photos --base TINY --out file.png/out", "cannot be written"),
    "settings that are not there": ("run --from nothing.json", "not a settings file"),
    "settings that were cut": ("run --from half.json", "not a settings file"),
    "a bundle that is not there": ("predict nothing file.png", "not a bundle"),
    "a folder that is no bundle": ("predict photos file.png", "not a bundle"),
    "a file that is no bundle": ("predict file.png file.png", "bundle"),
    "an input that is not there": ("predict BUNDLE nothing.png", "nothing.png"),
    "no input in a folder": ("predict BUNDLE empty", "nothing to predict"),
    "a table that cannot be written": ("predict BUNDLE file.png --out no/such/t.csv", "cannot be written"),
    "nothing to evaluate on": ("evaluate BUNDLE empty", "empty"),
    "labels that the bundle does not know": ("evaluate BUNDLE one-class", "'only'"),
    "no data to compare an export on": ("export BUNDLE", "--data"),
    "an unknown format": ("export BUNDLE --to tflite --data photos", "no format `tflite`"),
    "an export that is there": ("export BUNDLE --data photos --out file.png", "is there already"),
    "no run to report": ("report empty", "not a finished run"),
    "nothing to check": ("check empty", "no task fits"),
    "nothing to rank on": ("rank one-class --base TINY", "two classes"),
    "an unknown base to look at": ("bases --base nothing", "no base called"),
    "an unknown strategy alone": ("adapt photos --base TINY --strategy x --out o", "`x`"),
}


@pytest.mark.parametrize("name", WRONG)
def test_what_the_user_can_put_right_is_exit_code_1(here, finished, name):
    command, words = WRONG[name]
    before = tree(here)
    known = {"BUNDLE": finished.bundle, "TINY": finished.base}
    done = said(*(known.get(word, word) for word in command.split()))
    refused(done)
    assert words in done.err.splitlines()[-2]
    assert tree(here) == before


USAGE = {
    "no command": "",
    "an unknown command": "rum photos",
    "no data": "run",
    "data twice": "run photos --from settings.json",
    "an unknown option": "run photos --sead 3",
    "a seed that is no number": "run photos --seed text",
    "minutes that are no number": "run photos --minutes ten",
    "an option without its value": "run photos --base",
    "no inputs": "predict bundle",
    "no strategy": "adapt photos --base tiny --out out",
    "an argument too many": "check photos photos",
}


@pytest.mark.parametrize("name", USAGE)
def test_a_wrong_command_line_is_exit_code_2(here, name, monkeypatch):
    before = tree(here)
    monkeypatch.setattr(sys, "stdin", SimpleNamespace(isatty=lambda: True))
    done = said(*USAGE[name].split())
    refused(done, expected=2)
    assert "--help" in done.err
    assert tree(here) == before


def test_a_damaged_bundle_is_said(here, finished):
    shutil.copytree(finished.bundle, "bundle")
    weights = Path("bundle/model.safetensors")
    weights.write_bytes(weights.read_bytes()[:-100])
    done = said("predict", "bundle", "file.png")
    refused(done)
    assert "cannot be read" in done.err


def test_a_traceback_comes_with_debug_only(here):
    plain, debug = said("check", "empty"), said("check", "empty", "--debug")
    assert "Traceback" not in plain.err
    assert "Traceback" in debug.err
    assert debug.err.endswith(plain.err)
    assert (plain.code, debug.code) == (1, 1)


def raising(error: BaseException):
    def raise_it(*_: object, **__: object) -> None:
        raise error

    return raise_it


def outcome(monkeypatch, error: BaseException, *more: str) -> Said:
    monkeypatch.setattr(api, "check", raising(error))
    return said("check", "photos", *more)


@pytest.mark.usefixtures("named")
def test_an_interrupt_says_how_to_go_on(monkeypatch):
    done = outcome(monkeypatch, KeyboardInterrupt())
    assert (done.code, done.out) == (130, "")
    assert done.err == "error: interrupted\nhint: the same command goes on from where it was\n"


@pytest.mark.usefixtures("named")
def test_a_full_disk_is_no_bug(monkeypatch):
    done = outcome(monkeypatch, OSError(errno.ENOSPC, "No space left on device", "runs/x/result.json"))
    refused(done)
    assert done.err.startswith("error: runs/x/result.json: No space left on device\n")


@pytest.mark.usefixtures("named")
def test_a_bug_is_called_a_bug(monkeypatch):
    done = outcome(monkeypatch, ZeroDivisionError("division by zero"))
    assert (done.code, done.out) == (1, "")
    assert done.err.splitlines() == [
        "error: a bug in Headstart: ZeroDivisionError: division by zero",
        "hint: run it again with --debug and report what it prints",
    ]
    assert "Traceback" in outcome(monkeypatch, ZeroDivisionError("division by zero"), "--debug").err


@pytest.mark.usefixtures("named")
def test_a_message_of_several_lines_is_said_in_one(monkeypatch):
    refused(done := outcome(monkeypatch, DataError("this is\nwrong:\n  that", "do\nthis")))
    assert done.err == "error: this is wrong: that\nhint: do this\n"


COMMANDS = (
    *("run", "check", "rank", "explore", "adapt", "pretrain", "predict", "evaluate", "export"),
    *("runs", "compare", "suggest"),
    *("report", "bases", "list", "doctor", "demo"),
)


def test_help_lists_every_command():
    done = said("--help")
    assert (done.code, done.err) == (0, "")
    for command in COMMANDS:
        assert f"\n  {command} " in done.out


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_explains_itself(command):
    done = said(command, "--help")
    assert (done.code, done.err) == (0, "")
    assert done.out.startswith(f"Usage: headstart {command}")
    assert len(done.out.splitlines()) > 5


def test_what_people_type_first():
    assert said("--version").out == f"headstart {VERSION}\n"
    assert said("-h").out == said("--help").out
    assert said("check", "-h").out == said("check", "--help").out


def test_a_shell_completes_commands(monkeypatch):
    asked = {"_HEADSTART_COMPLETE": "complete_bash", "COMP_WORDS": "headstart exp", "COMP_CWORD": "1"}
    done = subprocess.run(
        [sys.executable, "-m", "headstart"], env={**os.environ, **asked}, capture_output=True, text=True
    )
    assert done.stdout.split() == ["explore", "export"], done.stderr


def test_main_leaves_with_the_code(monkeypatch):
    with pytest.raises(SystemExit) as left:
        cli.main(["rum"])
    assert left.value.code == 2
    monkeypatch.setattr("sys.argv", ["headstart", "list", "--json"])
    with pytest.raises(SystemExit) as left:
        cli.main()
    assert left.value.code == 0


@pytest.mark.slow
def test_names_that_no_encoding_has_are_printed_all_the_same(finished, tmp_path):
    picture = next(finished.data.rglob("*.png"))
    name = tmp_path.joinpath(b"caf\xe9.png".decode("utf-8", "surrogateescape"))
    shutil.copy(picture, name)
    done = said_outside(
        *("predict", finished.bundle, name, "--json"), cwd=tmp_path, PYTHONIOENCODING="ascii:strict"
    )
    assert done.code == 0, done.err
    assert json.loads(done.out)["input"] == str(name)


def test_the_whole_way_through_a_process(finished, tmp_path):
    """Exit code, both streams and an untouched folder, as a shell sees them."""
    write_folder(tmp_path / "photos", per_class=3)
    before = tree(tmp_path)
    refused(said_outside("run", "photos", "--base", "nothing", "--minutes", PLENTY, cwd=tmp_path))
    assert tree(tmp_path) == before
