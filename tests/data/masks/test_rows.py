"""Values become names in each of the ways that sets write them, and what cannot be used says why."""

import numpy as np
import pytest
from PIL import Image

from headstart.data.answers.masks import IGNORED, indexed, mask_of
from headstart.data.masks.class_names import ClassNames
from headstart.data.masks.rows import Pair, rows_of
from headstart.errors import DataError


@pytest.fixture
def rows(tmp_path):
    """`rows([mask, ...], named, image=...)` writes pairs and gives their listing."""

    def read(masks, named=None, size=None, exif=None):
        pairs = []
        for number, mask in enumerate(masks):
            image, file = tmp_path / f"images/{number}.jpg", tmp_path / f"masks/{number}.png"
            for path in (image, file):
                path.parent.mkdir(exist_ok=True)
            mask = mask if isinstance(mask, Image.Image) else Image.fromarray(np.asarray(mask, np.uint8))
            Image.new("RGB", size or mask.size).save(image, **({"exif": exif} if exif else {}))
            mask.save(file)
            pairs.append(Pair(image, file, "train"))
        return rows_of(pairs, tmp_path, named)

    return read


def named(*names):
    return ClassNames("classes.txt", dict(enumerate(names)))


def told(listing):
    """Each mask as nested lists of names; "" where it is unknown."""
    found = [mask_of(row.label) for row in listing.rows]
    return [[["" if v == IGNORED else names[v] for v in line] for line in mask] for mask, names in found]


def reasons(listing):
    return {item.file: item.reason for item in listing.dropped}


def test_names_of_values_and_255_is_unknown(rows):
    listing = rows([[[0, 1, 255]], [[2, 1, 1]]], named("sky", "road", "tree"))
    assert told(listing) == [[["sky", "road", ""]], [["tree", "road", "road"]]]
    assert [(row.name, row.source.name, row.split) for row in listing.rows] == [
        ("images/0.jpg", "0.jpg", "train"),
        ("images/1.jpg", "1.jpg", "train"),
    ]


def test_a_255_that_is_named_is_a_class(rows):
    listing = rows([[[0, 1, 255]]], ClassNames("classes.txt", {0: "a", 1: "b", 255: "c"}))
    assert told(listing) == [[["a", "b", "c"]]]


def test_without_names_values_are_called_by_their_numbers(rows):
    assert told(rows([[[0, 2, 10, 255]], [[1, 0, 0, 0]]])) == [[["0", "2", "10", ""]], [["1", "0", "0", "0"]]]


def test_black_and_white_masks_have_a_background_and_a_foreground(rows):
    bits = Image.fromarray(np.array([[True, False]]))
    assert told(rows([[[0, 255]], [[0, 0]], bits])) == [
        [["background", "foreground"]],
        [["background", "background"]],
        [["foreground", "background"]],
    ]


def test_one_other_value_makes_255_unknown(rows):
    assert told(rows([[[0, 255]], [[0, 1]]])) == [[["0", ""]], [["0", "1"]]]


def test_white_is_the_second_of_two_names_where_all_is_black_and_white(rows):
    assert told(rows([[[0, 255]]], named("membrane", "cell"))) == [[["membrane", "cell"]]]
    assert told(rows([[[0, 255, 1]]], named("membrane", "cell"))) == [[["membrane", "", "cell"]]]
    assert told(rows([[[0, 255]]], named("a", "b", "c"))) == [[["a", ""]]]


def test_a_mask_of_bits_has_the_values_0_and_1(rows):
    bits = Image.fromarray(np.array([[True, False]]))
    assert told(rows([bits, [[2, 1]]], named("a", "b", "c"))) == [[["b", "a"]], [["c", "b"]]]
    assert told(rows([bits, [[2, 1]]])) == [[["1", "0"]], [["2", "1"]]]


def test_colours_are_called_by_their_numbers_or_names(rows):
    red, black = (255, 0, 0), (0, 0, 0)
    masks = [[[black, black]], [[red, black]]]
    assert told(rows(masks)) == [[["#000000"] * 2], [["#ff0000", "#000000"]]]
    names = ClassNames("classes.txt", {0: "sky", 0xFF0000: "roof"}, coloured=True)
    assert told(rows(masks, names)) == [[["sky", "sky"]], [["roof", "sky"]]]


def test_a_value_without_a_name_leaves_the_image_out(rows):
    listing = rows([[[0, 7]], [[0, 1]], [[3, 4, 5, 6, 7]], [[(9, 8, 7)]]], named("sky", "road"))
    assert told(listing) == [[["sky", "road"]]]
    assert reasons(listing) == {
        "images/0.jpg": "masks/0.png holds the value 7, and classes.txt names 2 classes",
        "images/2.jpg": "masks/2.png holds the values 3, 4, 5 and 2 more, and classes.txt names 2 classes",
        "images/3.jpg": "masks/3.png holds the colour #090807, and classes.txt names 2 classes",
    }
    assert reasons(rows([[[(9, 8, 7)]]], ClassNames("classes.txt", {0: "sky"}, True))) == {
        "images/0.jpg": "masks/0.png holds the colour #090807, and classes.txt names 1 class"
    }


def test_values_above_a_byte_have_names(rows, tmp_path):
    wide = Image.fromarray(np.array([[0, 300, 65535]], np.uint16))
    assert told(rows([wide])) == [[["0", "300", "65535"]]]
    for values in ([0, 70_000, 300], [0, -1, 300]):
        Image.fromarray(np.array([values], np.int32)).save(tmp_path / "masks/0.tif")
        pair = Pair(tmp_path / "images/0.jpg", tmp_path / "masks/0.tif")
        assert told(rows_of([pair], tmp_path, None)) == [[[str(value) for value in values]]]
    names = ClassNames("classes.txt", {0: "sky", 300: "road"})
    assert "holds the value 65535" in rows([wide], names).dropped[0].reason


def test_photographs_and_numbers_of_objects_are_refused(rows, noise):
    with pytest.raises(DataError, match=r"masks/0\.png holds 768 different colours") as caught:
        rows([noise()])
    assert "loss" in caught.value.hint
    objects = Image.fromarray(np.arange(600, dtype=np.uint16).reshape(20, 30))
    with pytest.raises(DataError, match=r"masks/0\.png holds 600 different values") as caught:
        rows([objects])
    assert "numbers of objects" in caught.value.hint
    halves = [Image.fromarray(np.arange(start, start + 200, dtype=np.uint16)[None]) for start in (0, 300)]
    with pytest.raises(DataError, match="the masks hold 400 different values"):
        rows(halves)


def test_a_mask_of_another_size_is_left_out(rows):
    listing = rows([np.zeros((3, 4))], named("a"), size=(4, 2))
    assert reasons(listing) == {"images/0.jpg": "masks/0.png is 4 x 3, and images/0.jpg 4 x 2"}


def test_a_mask_lies_as_its_picture_is_seen(rows):
    exif = Image.Exif()
    exif[0x0112] = 6  # to be turned to the right
    stored, names = np.array([[0, 1, 2], [3, 4, 5]], np.uint8), named(*"abcdef")
    seen = [[3, 0], [4, 1], [5, 2]]
    for mask in (stored, seen):
        (row,) = rows([mask], names, size=(3, 2), exif=exif).rows
        assert indexed(row.label, list("abcdef")).tolist() == seen


def test_what_cannot_be_opened_is_left_out(rows, tmp_path):
    rows([[[0, 1]], [[0, 1]]])
    (tmp_path / "masks/0.png").write_bytes(b"text")
    outside = tmp_path / "data"
    (outside / "masks").mkdir(parents=True)
    (outside / "masks/1.png").symlink_to(tmp_path / "masks/1.png")
    pairs = [Pair(tmp_path / "images/0.jpg", tmp_path / "masks/0.png")]
    assert reasons(rows_of(pairs, tmp_path, None)) == {
        "images/0.jpg": "masks/0.png: truncated or damaged, or no PNG, TIFF, BMP or GIF"
    }
    (outside / "1.jpg").write_bytes((tmp_path / "images/1.jpg").read_bytes())
    pairs = [Pair(outside / "1.jpg", outside / "masks/1.png"), Pair(outside / "2.jpg", outside / "2.png")]
    assert reasons(rows_of(pairs, outside, None)) == {
        "1.jpg": "masks/1.png: leads outside the data folder",
        "2.jpg": "no such file",
    }


def test_a_broken_picture_is_left_to_be_examined(rows, tmp_path):
    rows([[[0, 1]]])
    (tmp_path / "images/0.jpg").write_bytes(b"text")
    pairs = [Pair(tmp_path / "images/0.jpg", tmp_path / "masks/0.png")]
    assert len(rows_of(pairs, tmp_path, None).rows) == 1


def test_one_lossy_mask_stops_everything(rows, tmp_path, encoded):
    rows([[[0, 1]], [[0, 1]]])
    (tmp_path / "masks/1.png").write_bytes(encoded(np.zeros((1, 2), np.uint8), "JPEG"))
    pairs = [Pair(tmp_path / f"images/{n}.jpg", tmp_path / f"masks/{n}.png") for n in range(2)]
    for names in (None, named("a", "b")):
        with pytest.raises(DataError, match=r"masks/1\.png is saved with loss"):
            rows_of(pairs, tmp_path, names)


@pytest.mark.parametrize(("count", "told"), [(3, False), (4, True)])
def test_masks_that_are_all_the_same_are_told(rows, count, told):
    messages = [one.message for one in rows([[[0, 1]]] * count).findings]
    assert (f"all {count} masks are the same, so they say nothing about the pictures" in messages) == told
