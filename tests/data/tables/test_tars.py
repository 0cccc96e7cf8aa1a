"""Tars of examples as WebDataset has them: the same data as in folders, and what is not whole is listed."""

import json

import pytest

import headstart as hs
from headstart.data.images.decode import looks_like_image
from headstart.data.reading import PLAIN, Reading
from headstart.data.tables.tars import read_tar_heap, read_tars, tars_of
from headstart.errors import DataError
from tarred import write


@pytest.fixture
def pictures(encoded, noise):
    """`pictures(count, start=0)` gives the bytes of so many PNG files, all unlike."""
    return lambda count, start=0: [encoded(noise(start + number, 8, 8)) for number in range(count)]


def read(root, reading=PLAIN):
    return read_tars(tars_of(root, looks_like_image), root, reading, looks_like_image)


def said(listing):
    return [(row.name, row.label, row.split) for row in listing.rows]


def reasons(listing):
    return {one.file: one.reason for one in listing.dropped}


def labelled(pictures, start=0):
    """Pairs of PNG and cls, labels in turn."""
    files = []
    for number, content in enumerate(pictures, start):
        files += [(f"{number:03d}.png", content), (f"{number:03d}.cls", b"%d\n" % (number % 2))]
    return files


def test_archives_are_the_same_data_as_folders(tmp_path, pictures):
    train, test = pictures(24), pictures(8, 100)
    root = tmp_path / "tars"
    root.mkdir()
    write(root / "set-train-000000.tar", labelled(train[:12]))
    write(root / "set-train-000001.tar", labelled(train[12:], 12))
    write(root / "set-test-000000.tar", labelled(test))
    for side, files in (("train", train), ("test", test)):
        for number, content in enumerate(files):
            path = tmp_path / "folders" / side / str(number % 2) / f"{number}.png"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
    splits, folders = hs.check(root), hs.check(tmp_path / "folders")
    assert splits.fingerprint == folders.fingerprint
    assert (len(splits.examples), len(splits.test)) == (32, 8)
    assert "set-test-000000.tar/000.png" in splits.examples.names
    assert splits.layout == "image_classification, 3 tar archives of examples"
    assert not splits.dropped


def test_splits_are_said_by_folders_and_classes_by_a_list(tmp_path, pictures):
    for split in ("train", "test"):
        (tmp_path / split).mkdir()
        write(tmp_path / split / "0.tar", labelled(pictures(2)))
    (tmp_path / "classnames.txt").write_text("cat\ndog\n")
    assert said(read(tmp_path))[:2] == [
        ("train/0.tar/000.png", "cat", "train"),
        ("train/0.tar/001.png", "dog", "train"),
    ]
    (tmp_path / "classnames.txt").write_text("cat\n")
    listing = read(tmp_path)
    assert [row.label for row in listing.rows] == ["cat", "cat"]
    assert "its class is 1" in reasons(listing)["train/0.tar/001"]


def test_classes_and_groups_are_keys_of_json(tmp_path, pictures):
    kinds = [{"label": "cat", "who": "a"}, {"label": "dog", "who": "b"}, {"label": None, "who": "b"}]
    files = []
    for number, (content, keys) in enumerate(zip(pictures(3), kinds, strict=True)):
        files += [(f"d/{number}.jpg", content), (f"d/{number}.json", json.dumps(keys).encode())]
    write(tmp_path / "shard-0.tar", files)
    listing = read(tmp_path, Reading(group="who"))
    assert [(row.label, row.group, row.split) for row in listing.rows] == [
        ("cat", "a", None),
        ("dog", "b", None),
    ]
    assert reasons(listing) == {"shard-0.tar/d/2.jpg": "no label"}
    other = read(tmp_path, Reading(columns={"label": "who"}))
    assert [row.label for row in other.rows] == ["a", "b", "b"]
    with pytest.raises(DataError, match="key `owner`") as error:
        read(tmp_path, Reading(group="owner"))
    assert "label, who" in error.value.hint


def test_which_of_several_pictures_is_asked_for(tmp_path, pictures):
    left, right, seg = pictures(3)
    write(tmp_path / "a.tar", [("1.left.png", left), ("1.right.png", right), ("1.kind.txt", b"a")])
    write(tmp_path / "b.tar", [("1.png", left), ("1.seg.png", seg), ("1.cls", b"b")])
    listing = read(tmp_path)
    assert said(listing) == [("b.tar/1.png", "b", None)]
    assert "--columns file_name=END" in reasons(listing)["a.tar/1"]
    listing = read(tmp_path, Reading(columns={"file_name": "right.png", "label": "kind.txt"}))
    assert said(listing) == [("a.tar/1.right.png", "a", None)]
    assert reasons(listing) == {"b.tar/1": "it has no .right.png"}


def test_what_cannot_be_read_is_listed(tmp_path, pictures):
    first, second, third, fourth = pictures(4)
    files = [("1.png", first), ("1.cls", b"a"), ("2.cls", b"a"), ("3.png", second), ("3.json", b"{")]
    files += [("4.png", third), ("4.png", third), ("4.cls", b"b"), ("5.png", fourth), ("README", b"")]
    write(tmp_path / "train-0.tar", files)
    whole = write(tmp_path / "train-1.tar", [("1.png", first), ("1.cls", b"c"), ("2.png", second)])
    whole.write_bytes(whole.read_bytes()[: 512 + 512 * -(-len(first) // 512) + 1024 + 600])
    write(tmp_path / "extra.tar", [("1.png", first), ("1.cls", b"a")])
    listing = read(tmp_path)
    assert [row.name for row in listing.rows] == [
        "train-0.tar/1.png",
        "train-0.tar/4.png",
        "train-1.tar/1.png",
    ]
    said = reasons(listing)
    assert set(said) == {
        "extra.tar", "train-0.tar/2", "train-0.tar/3", "train-0.tar/4.png", "train-0.tar/5.png",
        "train-1.tar", "train-1.tar/2.png",
    }  # fmt: skip
    assert "truncated" in said["train-1.tar/2.png"]
    assert "no JSON" in said["train-0.tar/3"]
    assert said["train-0.tar/5.png"] == "no label"


def test_without_labels_the_hint_says_where_they_could_be(tmp_path, pictures):
    (content,) = pictures(1)
    write(tmp_path / "a.tar", [("1.png", content), ("1.txt", b"a caption")])
    with pytest.raises(DataError, match=r"a.tar/1.png \(no label\)") as error:
        read(tmp_path)
    assert "NAME.cls" in error.value.hint
    write(tmp_path / "a.tar", [("1.png", content), ("1.json", b'{"species": "ant"}')])
    with pytest.raises(DataError) as error:
        read(tmp_path)
    assert "the keys species: --columns label=KEY" in error.value.hint
    write(tmp_path / "a.tar", [("._1.png", b"of a Mac"), ("1.png", content)])
    heap = read_tar_heap(tars_of(tmp_path, looks_like_image), tmp_path, looks_like_image)
    assert said(heap) == [("a.tar/1.png", "", None)]


def test_other_archives_are_none(tmp_path, pictures):
    write(tmp_path / "a.tar", [("1.txt", b"text"), ("1.cls", b"1")])
    assert tars_of(tmp_path, looks_like_image) == []
    (tmp_path / "a.tar").write_bytes(b"")
    assert tars_of(tmp_path, looks_like_image) == []
    (tmp_path / "a.tar").unlink()
    assert tars_of(tmp_path, looks_like_image) == []
