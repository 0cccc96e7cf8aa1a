"""Files in archives are read where they lie, and nothing leads out of an archive."""

import copy
import tarfile

import pytest

from headstart.data.items import digest
from headstart.data.tables.members import ESCAPES, Member, members, name_of
from headstart.types import Dropped
from tarred import write


def link(name, to):
    entry = tarfile.TarInfo(name)
    entry.type, entry.linkname = tarfile.SYMTYPE, to
    return entry


def test_members_are_read_where_they_lie(tmp_path):
    long = "deep/" + "n" * 120 + ".txt"
    tar = write(tmp_path / "a.tar", [("./one.txt", b"1"), (long, b"22"), ("empty", b"")])
    found = list(members(tar, tmp_path))
    assert [name_of(one, tmp_path) for one in found] == ["a.tar/one.txt", f"a.tar/{long}", "a.tar/empty"]
    assert [one.read_bytes() for one in found] == [b"1", b"22", b""]
    assert found[1].open().read() == b"22"
    assert found[1].suffix == ".txt"
    assert found[1].stat().st_size == 2
    assert found[1].is_file()
    assert digest(found[1]) == digest(b"22")
    again = copy.copy(found[1])  # as it is sent to another process
    assert isinstance(again, Member)
    assert (again, again.read_bytes()) == (found[1], b"22")


@pytest.mark.parametrize("name", ["../out.txt", "a/../../out.txt", "/etc/passwd"])
def test_names_that_lead_out_are_left_out(tmp_path, name):
    tar = write(tmp_path / "a.tar", [(name, b"x"), ("in.txt", b"y")])
    first, second = members(tar, tmp_path)
    assert first == Dropped(f"a.tar/{name}", ESCAPES)
    assert second.read_bytes() == b"y"


def test_links_are_not_followed(tmp_path):
    (tmp_path / "secret").write_text("s")
    tar = write(tmp_path / "a.tar", [(link("l.txt", "../secret"), b""), (link("m.txt", "/etc/passwd"), b"")])
    assert all(isinstance(one, Dropped) and "link" in one.reason for one in members(tar, tmp_path))


def test_what_breaks_off_is_told_and_the_rest_is_read(tmp_path):
    whole = write(tmp_path / "a.tar", [("1", b"a" * 600), ("2", b"b" * 600), ("3", b"c" * 600)]).read_bytes()
    cut = tmp_path / "cut.tar"
    cut.write_bytes(whole[: 512 + 1024 + 512 + 100])  # in the second
    first, second, third = members(cut, tmp_path)
    assert first.read_bytes() == b"a" * 600
    assert (second.file, "truncated" in second.reason) == ("cut.tar/2", True)
    assert third.file == "cut.tar"
    cut.write_bytes(whole[: 512 + 1024])  # behind the first: only the mark of the end is missing
    first, last = members(cut, tmp_path)
    assert isinstance(first, Member)
    assert "breaks off" in last.reason
    cut.write_bytes(b"no archive at all" * 100)
    (none,) = members(cut, tmp_path)
    assert "no tar archive" in none.reason
    cut.write_bytes(b"")
    assert [one.file for one in members(cut, tmp_path)] == ["cut.tar"]
    assert all(isinstance(one, Member) for one in members(tmp_path / "a.tar", tmp_path))


def test_an_archive_that_became_shorter_is_an_error(tmp_path):
    tar = write(tmp_path / "a.tar", [("1", b"a" * 600)])
    (found,) = members(tar, tmp_path)
    tar.write_bytes(tar.read_bytes()[:600])
    with pytest.raises(OSError, match="cut"):
        found.read_bytes()
