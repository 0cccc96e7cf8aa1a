"""The numbers are those of pycocotools, of all images and without each of them."""

import contextlib
import io
import json
import sys

import numpy as np
import pytest
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval

from headstart.errors import DataError, MissingExtra
from headstart.tasks.scores import average_precision as _average_precision
from headstart.tasks.scores.average_precision import average_precision, matched, scores

LARGE, SMALL = ["cat", 0.1, 0.1, 0.9, 0.9], ["cat", 0.0, 0.0, 0.05, 0.05]
ELSEWHERE = ["cat", 0.91, 0.91, 0.99, 0.99]


def answer(*boxes):
    return json.dumps({"boxes": sorted(list(box) for box in boxes)}, separators=(",", ":"))


def scored(box, score):
    return [*box, score]


def reference(outputs, right):
    """COCOeval of boxes in pixels of an image of 640 x 480: the twelve numbers, and AP50 of each class."""
    found = [json.loads(one)["boxes"] for one in outputs]
    true = [json.loads(one)["boxes"] for one in right]
    names = sorted({box[0] for boxes in [*found, *true] for box in boxes})
    numbers = {name: i + 1 for i, name in enumerate(names)}

    def records(answers):
        for i, boxes in enumerate(answers):
            for name, x1, y1, x2, y2, *score in boxes:
                box = [640 * x1, 480 * y1, 640 * (x2 - x1), 480 * (y2 - y1)]
                record = {"image_id": i, "category_id": numbers[name], "bbox": box, "area": box[2] * box[3]}
                yield {**record, "iscrowd": 0, **({"score": score[0]} if score else {})}

    def coco(answers):
        kept = COCO()
        kept.dataset = {
            "images": [{"id": i} for i in range(len(answers))],
            "categories": [{"id": number, "name": name} for name, number in numbers.items()],
            "annotations": [{"id": i + 1, **one} for i, one in enumerate(records(answers))],
        }
        kept.createIndex()
        return kept

    with contextlib.redirect_stdout(io.StringIO()):
        judge = COCOeval(coco(true), coco(found), "bbox")
        judge.evaluate()
        judge.accumulate()
        judge.summarize()
    at_half = judge.eval["precision"][0, :, :, 0, 2]
    per_class = {name: at_half[:, i].mean() for i, name in enumerate(names) if at_half[0, i] > -1}
    return judge.stats, per_class


def random_answers(seed, n=12, most=6, names="abcd", levels=None):
    """Right boxes, and found ones: near right ones, or anywhere; with `levels`, scores are often equal."""
    draws = np.random.default_rng(seed)
    outputs, right = [], []
    for _ in range(n):
        true, found = [], []
        for _ in range(draws.integers(0, most)):
            corner, side = draws.random(2) * 0.6, draws.random(2) * 0.35 + 0.05
            box = np.concatenate([corner, corner + side])
            name = str(draws.choice(list(names[:-1])))
            true.append([name, *box.round(6).tolist()])
            for _ in range(draws.integers(0, 4)):
                near = box + draws.normal(size=4) * side.min() * draws.choice([0.01, 0.05, 0.15])
                near[2:] = np.maximum(near[2:], near[:2] + 0.01)
                heard = name if draws.random() < 0.8 else str(draws.choice(list(names)))
                score = draws.random() if levels is None else draws.integers(levels) / levels
                found.append([heard, *near.clip(0, 1).round(6).tolist(), float(score)])
        right.append(answer(*true))
        outputs.append(answer(*found))
    return outputs, right


def without_by_hand(outputs, right):
    def one(i):
        stats, per_class = reference(outputs[:i] + outputs[i + 1 :], right[:i] + right[i + 1 :])
        return stats[0] if per_class else 0.0

    return np.array([one(i) for i in range(len(right))])


@pytest.mark.parametrize("levels", [None, 3])
@pytest.mark.parametrize("seed", range(8))
def test_all_numbers_are_those_of_pycocotools(seed, levels):
    outputs, right = random_answers(seed, levels=levels)
    found, (stats, per_class) = average_precision(outputs, right), reference(outputs, right)
    assert found.map == pytest.approx(stats[0], abs=1e-12)
    assert found.ap50 == pytest.approx(stats[1], abs=1e-12)
    assert found.per_class == pytest.approx(per_class, abs=1e-12)
    assert list(found.per_class) == sorted(found.per_class)
    assert 0.05 < found.map < 0.95


@pytest.mark.parametrize("levels", [None, 3])
@pytest.mark.parametrize("seed", range(3))
def test_scores_are_of_pycocotools_without_each_image(seed, levels, monkeypatch):
    monkeypatch.setattr(_average_precision, "AT_ONCE", 100)  # several parts
    outputs, right = random_answers(seed, levels=levels)
    found, without = scores(outputs, right), without_by_hand(outputs, right)
    whole = reference(outputs, right)[0][0]
    expected = whole + (len(right) - 1) * (without.mean() - without)
    assert found == pytest.approx(expected, abs=1e-11)
    assert found.mean() == pytest.approx(whole, abs=1e-12)
    assert found.std() > 0.01


def test_of_more_than_a_hundred_boxes_the_best_hundred_count():
    draws = np.random.default_rng(0)
    many = [scored(["cat", x, x, x + 0.01, x + 0.01], 0.5) for x in draws.random(130).round(6)]
    outputs = [answer(*many, scored(LARGE, 0.4)), answer(*many[:20], scored(LARGE, 0.4))]
    right = [answer(LARGE), answer(LARGE)]
    found = average_precision(outputs, right)
    assert found.map == pytest.approx(reference(outputs, right)[0][0], abs=1e-12)
    assert 0 < found.map < average_precision(outputs[1:], right[1:]).map
    assert scores(outputs, right).tolist() == pytest.approx(
        (found.map + (without := without_by_hand(outputs, right)).mean() - without).tolist(), abs=1e-12
    )


def test_perfect_answers_give_one():
    _, right = random_answers(1)
    outputs = [answer(*(scored(box, 0.5) for box in json.loads(one)["boxes"])) for one in right]
    found = average_precision(outputs, right)
    assert (found.map, found.ap50, set(found.per_class.values())) == (1, 1, {1})
    assert scores(outputs, right).tolist() == [1] * len(right)


def test_the_order_of_images_is_nothing():
    outputs, right = random_answers(2)
    order = np.random.default_rng(0).permutation(len(right))
    assert order.tolist() != sorted(order.tolist())
    mixed = [outputs[i] for i in order], [right[i] for i in order]
    assert average_precision(*mixed) == average_precision(outputs, right)
    assert scores(*mixed) == pytest.approx(scores(outputs, right)[order], abs=1e-12)


def test_a_class_that_is_right_nowhere_costs_nothing():
    outputs, right = [answer(scored(LARGE, 0.5), scored(["dog", 0, 0, 1, 1], 0.9))], [answer(LARGE)]
    found = average_precision(outputs, right)
    assert (found.map, found.per_class) == (1, {"cat": 1})


def test_a_box_found_in_an_image_without_boxes_costs():
    right = [answer(LARGE), answer()]
    good, bad = (
        [answer(scored(LARGE, 0.5)), answer()],
        [answer(scored(LARGE, 0.5)), answer(scored(LARGE, 0.9))],
    )
    assert average_precision(good, right).map == 1
    assert average_precision(bad, right).map == pytest.approx(0.5)
    assert scores(bad, right) == pytest.approx(np.array([0.5 + 0.5 - 0, 0.5 + 0.5 - 1]))


def test_a_class_that_is_not_found_is_zero():
    right = [answer(LARGE, ["dog", 0.0, 0.0, 0.5, 0.5]), answer(SMALL)]
    found = average_precision([answer(scored(LARGE, 0.5)), answer(scored(SMALL, 0.9))], right)
    assert found.per_class == {"cat": 1, "dog": 0}
    assert (found.map, found.ap50) == (0.5, 0.5)


def test_without_its_only_image_a_class_is_not_in_the_mean():
    dog = ["dog", 0.0, 0.0, 0.5, 0.5]
    outputs, right = (
        [answer(scored(LARGE, 0.5)), answer(scored(LARGE, 0.6))],
        [answer(LARGE), answer(LARGE, dog)],
    )
    # both images: (1 + 0) / 2; without the first the same; without the second only cats, all found
    assert scores(outputs, right) == pytest.approx(np.array([0.5 + 0.75 - 0.5, 0.5 + 0.75 - 1]))


@pytest.mark.parametrize("n", [1, 3])
def test_where_no_image_has_a_box_all_is_zero(n):
    outputs, right = [answer(scored(LARGE, 0.5))] * n, [answer()] * n
    found = average_precision(outputs, right)
    assert (found.map, found.ap50, found.per_class) == (0, 0, {})
    assert scores(outputs, right).tolist() == [0] * n


def test_nothing_found_is_zero():
    assert average_precision([answer()] * 2, [answer(LARGE)] * 2).map == 0
    assert scores([answer()] * 2, [answer(LARGE)] * 2).tolist() == [0, 0]


def test_one_image_scores_the_whole():
    outputs, right = [answer(scored(ELSEWHERE, 0.9), scored(LARGE, 0.5))], [answer(LARGE)]
    assert scores(outputs, right).tolist() == pytest.approx([0.5])


def test_one_matching_gives_both():
    outputs, right = random_answers(3)
    both = matched(outputs, right)
    assert both.precision() == average_precision(outputs, right)
    assert both.scores().tolist() == scores(outputs, right).tolist()


def test_nothing_is_printed(capsys):
    outputs, right = random_answers(4)
    scores(outputs, right)
    print("still heard")
    assert capsys.readouterr() == ("still heard\n", "")


def test_boxes_without_a_score_are_refused():
    with pytest.raises(DataError, match="no score"):
        average_precision([answer(LARGE)], [answer(LARGE)])


def test_as_many_answers_as_right_ones():
    with pytest.raises(ValueError, match="argument 2 is longer"):
        average_precision([answer()], [answer(), answer()])


@pytest.mark.parametrize("use", [average_precision, scores])
def test_without_pycocotools_the_error_says_how_to_get_it(use, monkeypatch):
    monkeypatch.setitem(sys.modules, "pycocotools.coco", None)
    with pytest.raises(MissingExtra, match="pycocotools") as caught:
        use(*random_answers(0))
    assert "[detection]" in caught.value.hint
