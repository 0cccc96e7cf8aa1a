"""Links are followed where a person says so, and rings end."""

import pytest

from headstart.data import layouts
from headstart.data.links import Followed, followed
from headstart.data.listing import files, is_inside
from headstart.data.reading import PLAIN, Reading
from headstart.errors import SettingsError

FOLLOW = Reading(options={"follow_links": "yes"})


@pytest.fixture
def linked(tmp_path):
    """Class folders of links to files, and one that is itself a link, as caches have them."""
    for label in "abc":
        (tmp_path / "blobs" / label).mkdir(parents=True)
        for number in range(3):
            (tmp_path / "blobs" / label / f"f{number}").write_text(f"{label} {number}")
    root = tmp_path / "snapshot"
    for label in "ab":
        (root / label).mkdir(parents=True)
        for number in range(3):
            (root / label / f"{number}.png").symlink_to(f"../../blobs/{label}/f{number}")
    (root / "c").symlink_to("../blobs/c")
    return root


def test_only_where_it_is_asked(linked):
    assert followed(linked, PLAIN) is linked
    assert followed(linked, Reading(options={"follow_links": "no"})) is linked
    assert followed(str(linked), FOLLOW) == linked
    table = object()
    assert followed(table, FOLLOW) is table
    with pytest.raises(SettingsError, match="expected yes or no"):
        followed(linked, Reading(options={"follow_links": "perhaps"}))


def test_without_it_everything_is_left_out_and_the_links_are_told(linked):
    listing = layouts.read(linked)
    assert listing.rows == ()
    assert {item.reason for item in listing.dropped} == {"leads outside the data folder"}
    (finding,) = listing.findings
    assert finding.message == (
        "7 links that lead outside it, such as c -> ../blobs/c (--set follow_links=yes follows them); they"
        " were left out"
    )


def test_with_it_rows_have_the_names_of_the_links(linked):
    listing = layouts.read(followed(linked, FOLLOW), FOLLOW)
    names = [row.name for row in listing.rows]
    assert names[:2] == ["a/0.png", "a/1.png"]
    assert names[-1] == "c/f2"
    assert {row.label for row in listing.rows} == {"a", "b", "c"}
    assert listing.findings == ()
    assert listing.rows[-1].source.read_text() == "c 2"


def test_rings_end(linked):
    (linked / "a/ring").symlink_to(linked)
    (linked / "a/self").symlink_to("self")
    (linked / "a/over").symlink_to("../b")
    (linked / "b/back").symlink_to("../a")
    (linked / "b/up").symlink_to(linked.parent)
    names = [path.relative_to(linked).as_posix() for path in files(Followed(linked))]
    assert "a/over/0.png" in names
    assert "a/ring" in names, "it is a link, not a folder"
    assert len(names) < 200


def test_dots_do_not_lead_out(linked):
    root = Followed(linked)
    assert is_inside(root / "a/0.png", root)
    assert not is_inside(root / "../blobs/a/f0", root)


def test_paths_made_of_it_are_of_its_kind(linked):
    path = Followed(linked) / "c"
    assert isinstance(path, Followed)
    assert not path.is_symlink()
    assert isinstance(path.with_suffix(".png"), Followed)
    assert path == linked / "c"
