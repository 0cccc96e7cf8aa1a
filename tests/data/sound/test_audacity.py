"""Labels of Audacity."""

import pytest

from headstart.data.sound.audacity import labels
from headstart.data.sound.timed import Said


def test_labels_with_points_or_commas_and_of_pitches(tmp_path):
    path = tmp_path / "talk.txt"
    path.write_text("0.100000\t0.500000\tone two\n\\\t100.0\t200.0\n0,6\t1,25\tthree\n1.300000\t1.300000\t\n")
    assert labels(path, tmp_path) == [Said(0.1, 0.5, "one two"), Said(0.6, 1.25, "three")]


@pytest.mark.parametrize("text", ["what is said", "3.5\t4.5\n", "", "1.5\t2.5\ta\nand more"])
def test_other_texts_have_none(text, tmp_path):
    (tmp_path / "a.txt").write_text(text)
    assert labels(tmp_path / "a.txt", tmp_path) == []
