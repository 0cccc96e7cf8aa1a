"""A folder is walked once."""

from headstart.data.folders.tree import grown


def test_what_lies_where(tmp_path):
    for name in ("b/c/1.png", "b/2.txt", "a.png", ".hidden/3.png", "empty/.keep"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "d").symlink_to("b")
    node = grown(tmp_path, tmp_path, lambda path: path.suffix == ".png")
    assert [path.name for path in node.files] == ["a.png", "d"]
    assert [one.name for one in node.nodes] == ["b", "empty"]
    assert [one.name for one in node.folders] == ["b"]
    assert node.count == 3, "a link to a folder is to be told among what is left out"
    assert [path.name for path in node.every()] == ["a.png", "2.txt", "1.png", "d"]
    assert [path.name for path in node.every_wanted()] == ["a.png", "d", "1.png"]
    assert [one.name for one in node.every_node()][1:] == ["b", "c", "empty"]
    assert not node.is_flat
    assert node.folders[0].folders[0].is_flat


def test_everything_is_wanted_where_nothing_is_said(tmp_path):
    (tmp_path / "a.txt").touch()
    assert grown(tmp_path, tmp_path).count == 1
