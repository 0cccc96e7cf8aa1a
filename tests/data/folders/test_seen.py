"""Errors say what a folder holds."""

from headstart.data.folders.seen import few, kinds, links, seen


def test_folders_tables_and_kinds(tmp_path):
    for name in ("Training/cats/1.png", "Training/cats/2.png", "raw/3.png", "LICENSE"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    (tmp_path / "labels.csv").write_text("id,breed\n1,pug\n")
    (tmp_path / "broken.csv").write_bytes(b"")
    assert seen(tmp_path) == (
        ".png (3), .csv (2), files without a suffix (1);"
        " folders Training (2 files in 1 folder), raw (1 file); tables broken.csv, labels.csv (id, breed)"
    )


def test_nothing(tmp_path):
    assert seen(tmp_path) == "no files"
    assert kinds(tmp_path) == []


def test_one_file_and_links_that_lead_outside(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "a.PNG").touch()
    (tmp_path / "in/x.png").symlink_to("../a.PNG")
    assert kinds(tmp_path / "a.PNG") == [".png"]
    said = "1 link that leads outside it, such as x.png -> ../a.PNG (--set follow_links=yes follows them)"
    assert kinds(tmp_path / "in") == [said]
    assert links([tmp_path / "a.PNG"], tmp_path).startswith("1 link that leads outside it (--set")


def test_few():
    assert few("abc") == "a, b, c"
    assert few("abc", 2) == "a, b and 1 more"
