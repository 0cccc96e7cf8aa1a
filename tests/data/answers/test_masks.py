"""An answer gives back exactly its mask, and equal masks have equal answers."""

import base64
import io
import json

import numpy as np
import pytest
from PIL import Image

from headstart.data.answers.masks import IGNORED, as_answer, indexed, mask_of, names_in
from headstart.errors import DataError

NAMES = ("sky", "road", "tree", "background")


def drawn(seed, height=19, width=31, k=4, unknown=True):
    draws = np.random.default_rng(seed)
    mask = draws.integers(0, k, (height, width)).astype(np.uint8)
    if unknown:
        mask[draws.random((height, width)) < 0.2] = IGNORED
    return mask


@pytest.mark.parametrize("seed", range(20))
def test_a_mask_comes_back_exactly(seed):
    draws = np.random.default_rng(seed)
    k = int(draws.integers(1, 256))
    names = [f"class {number} é" for number in draws.permutation(k)]
    mask = drawn(seed, *draws.integers(1, 60, 2), k=k)
    answer = as_answer(mask, names)
    assert np.array_equal(indexed(answer, names), mask)
    found, classes = mask_of(answer)
    known = mask != IGNORED
    assert np.array_equal(found != IGNORED, known)
    assert [classes[value] for value in found[known]] == [names[value] for value in mask[known]]
    assert list(classes) == sorted({names[value] for value in mask[known]})


def test_an_answer_is_canonical():
    mask = drawn(0)
    order = [2, 0, 3, 1]
    shuffled = np.array([order.index(value) for value in range(4)] + [0] * 251 + [IGNORED], np.uint8)[mask]
    answer = as_answer(mask, NAMES)
    assert as_answer(shuffled, [NAMES[value] for value in order]) == answer
    assert as_answer(mask, (*NAMES, "never")) == answer
    assert as_answer(np.asfortranarray(mask), NAMES) == answer
    found = json.loads(answer)
    assert list(found) == ["classes", "png"]
    assert found["classes"] == sorted(NAMES)
    assert json.dumps(found, ensure_ascii=False, separators=(",", ":")) == answer
    with Image.open(io.BytesIO(base64.b64decode(found["png"]))) as image:
        assert (image.format, image.mode, image.size) == ("PNG", "L", (31, 19))


def test_two_values_of_one_name_are_one_class():
    answer = as_answer(np.array([[0, 1, 2]], np.uint8), ("car", "road", "car"))
    assert np.array_equal(mask_of(answer)[0], [[0, 1, 0]])
    assert names_in([answer]) == ("car", "road")


def test_a_mask_of_nothing_known_is_an_answer():
    answer = as_answer(np.full((3, 2), IGNORED, np.uint8), NAMES)
    found, classes = mask_of(answer)
    assert (found == IGNORED).all()
    assert classes == ()
    assert names_in([answer, as_answer(np.zeros((1, 1), np.uint8), NAMES)]) == ("sky",)


def test_a_wider_list_renumbers_and_a_narrower_one_forgets():
    answer = as_answer(np.array([[0, 1, IGNORED]], np.uint8), ("road", "sky"))
    assert indexed(answer, ("a", "sky", "b", "road")).tolist() == [[3, 1, IGNORED]]
    assert indexed(answer, ("sky",)).tolist() == [[IGNORED, 0, IGNORED]]
    with pytest.raises(DataError, match="at most 255 classes apart, but there are 256"):
        indexed(answer, [str(number) for number in range(256)])


@pytest.mark.parametrize(
    ("mask", "message"),
    [
        (np.full((2, 2), 4, np.uint8), "holds the value 4, but there are 4 classes"),
        (np.zeros((2, 2), np.int64), r"8-bit numbers, but got int64 of the shape \(2, 2\)"),
        (np.zeros((2, 2, 3), np.uint8), r"of the shape \(2, 2, 3\)"),
        (np.zeros((0, 2), np.uint8), r"of the shape \(0, 2\)"),
    ],
)
def test_what_is_no_mask_is_refused(mask, message):
    with pytest.raises(DataError, match=message) as caught:
        as_answer(mask, NAMES)
    assert caught.value.hint


def grey(mode):
    stream = io.BytesIO()
    Image.new(mode, (2, 2)).save(stream, "PNG")
    return base64.b64encode(stream.getvalue()).decode()


@pytest.mark.parametrize(
    "answer",
    [
        "cat", "[]", '{"classes":["a"]}', '{"classes":"a","png":""}', '{"classes":[1],"png":""}',
        '{"classes":["a"],"png":"!!"}', '{"classes":["a"],"png":"AAAA"}', "[" * 100_000,
        json.dumps({"classes": ["a"], "png": grey("RGB")}), json.dumps({"classes": ["a"], "png": grey("1")}),
        json.dumps({"classes": [str(n) for n in range(256)], "png": grey("L")}),
    ],
)  # fmt: skip
def test_what_is_no_answer_says_so(answer):
    with pytest.raises(DataError, match="expected the answer of an image with a mask"):
        mask_of(answer)


def test_names_of_what_is_no_answer_say_so():
    with pytest.raises(DataError, match="expected the answer of an image with a mask"):
        names_in(['{"boxes":[]}'])
