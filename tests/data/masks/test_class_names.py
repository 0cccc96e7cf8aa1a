"""`classes.txt` in each of its forms, and what is wrong with one."""

import pytest

from headstart.data.masks.class_names import read_class_names
from headstart.errors import DataError


@pytest.fixture
def named(tmp_path):
    """`named(text)` reads a folder with that `classes.txt`."""

    def read(text, file="classes.txt"):
        (tmp_path / file).write_bytes(text if isinstance(text, bytes) else text.encode())
        return read_class_names(tmp_path)

    return read


@pytest.mark.parametrize(
    ("text", "names", "coloured"),
    [
        ("membrane\ncell\n", {0: "membrane", 1: "cell"}, False),
        ("\ufeffmembrane \r\n cell\r\n\r\n", {0: "membrane", 1: "cell"}, False),
        ("a\n\nc\n", {0: "a", 2: "c"}, False),
        ("0 sky\n7 traffic light\n65535: far\n", {0: "sky", 7: "traffic light", 65535: "far"}, False),
        ("background\n1 euro\n2 euro\n", {0: "background", 1: "1 euro", 2: "2 euro"}, False),
        ("1 car\n2 car\n", {1: "car", 2: "car"}, False),
        ("#000000 sky\n#80FF00 tree top\n", {0: "sky", 0x80FF00: "tree top"}, True),
        ("0 0 0 sky\n128, 255, 0 tree\n", {0: "sky", 0x80FF00: "tree"}, True),
    ],
)  # fmt: skip
def test_each_form_of_the_file(named, text, names, coloured):
    found = named(text)
    assert (found.file, dict(found.names), found.coloured) == ("classes.txt", names, coloured)


def test_a_labelmap_of_colours(named):
    found = named(
        "# label:color_rgb:parts:actions\nbackground:0,0,0::\ntree top:128,255,0::\n", "labelmap.txt"
    )
    assert dict(found.names) == {0: "background", 0x80FF00: "tree top"}
    assert found.coloured
    assert named("a\nb\n").file == "classes.txt", "it comes first"


def test_no_file_names_nothing(tmp_path):
    assert read_class_names(tmp_path) is None
    outside = tmp_path / "outside.txt"
    outside.write_text("a\n")
    (tmp_path / "data").mkdir()
    (tmp_path / "data/classes.txt").symlink_to(outside)
    assert read_class_names(tmp_path / "data") is None


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("\n \n", "names no classes"),
        ("sky\n\xff\n".encode("latin-1"), "line 2: not UTF-8"),
        ("#000000 sky\ntree\n", "line 2 has no colour, though other lines have one"),
        ("0 0 0 sky\n0 0 256 tree\n", "line 2 has no colour"),
        ("1 sky\n1 tree\n", "names the value 1 twice: sky and tree"),
        ("#0000ff sky\n#0000FF tree\n", "names the colour #0000ff twice"),
        ("".join(f"c{number}\n" for number in range(256)), "names 256 classes; expected at most 255"),
    ],
)
def test_a_wrong_file_says_what_is_wrong(named, text, message):
    with pytest.raises(DataError, match=message) as caught:
        named(text)
    assert caught.value.hint


@pytest.mark.parametrize(
    ("file", "text", "names", "coloured"),
    [
        ("class_dict.csv", 'name,r,g,b\nX,128,0,0\n"A", 0,255,0\n', {0x800000: "X", 0xFF00: "A"}, True),
        ("_classes.csv", "Pixel Value, Class\n0, background\n1, leaf\n", {0: "background", 1: "leaf"}, False),
        ("train/_classes.csv", "Pixel Value, Class\n0, background\n", {0: "background"}, False),
    ],
)  # fmt: skip
def test_tables_that_tools_write(named, tmp_path, file, text, names, coloured):
    (tmp_path / "train").mkdir()
    found = named(text, file)
    assert (dict(found.names), found.coloured) == (names, coloured)


def test_a_table_of_something_else_names_nothing(named):
    assert named("filename, cat, dog\n1.jpg, 0, 1\n", "_classes.csv") is None
    with pytest.raises(DataError, match="line 2 is not name, r, g, b"):
        named("name,r,g,b\nSky,blue,1,2\n", "class_dict.csv")
