"""A score decides which way is better and how far it goes; the task's is asked for, or suits the data."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from headstart import registry
from headstart.errors import UnknownName
from headstart.tasks import task_named
from headstart.tasks.scores.base import Score, Scores, Titles, scored
from headstart.types import Finding

ERROR = Score("error", lambda outputs, right: np.abs(outputs - right), better="lower", high=np.inf)
TASK = registry.get("tasks", "image_classification")


class Splits(SimpleNamespace):
    """Stands for splits: only what was found is asked."""

    def but(self, **changes):
        return Splits(**{**vars(self), **changes})


EVEN, UNEVEN = Splits(findings=()), Splits(findings=(Finding("imbalance", "99 to 1"),))


def test_gains_are_turned_so_that_more_is_better():
    good, bad, right = np.array([1.0, 2.0]), np.array([4.0, 0.0]), np.array([1.0, 2.5])
    assert ERROR.value(good, right) == 0.25
    assert ERROR.gains(good, right).mean() > ERROR.gains(bad, right).mean()
    assert (ERROR.sign, ERROR.high) == (-1, np.inf)


def test_uneven_classes_are_measured_by_balanced_accuracy_and_it_is_said():
    task, splits = scored(TASK, {}, UNEVEN)
    assert task.score.name == "balanced_accuracy"
    (told,) = [one for one in splits.findings if one.kind == "metric"]
    assert "accuracy hardly notices" in told.message
    assert "--set metric=accuracy" in told.message


def test_even_classes_are_measured_by_accuracy():
    assert scored(TASK, {}, EVEN) == (TASK, EVEN)
    assert TASK.score.name == "accuracy"


@pytest.mark.parametrize("splits", [EVEN, UNEVEN])
def test_what_is_asked_for_goes_first(splits):
    asked = {"metric": "macro_f1"}
    task, same = scored(task_named("image_classification", asked), asked, splits)
    assert task.score.name == "macro_f1"
    assert same is splits
    assert TASK.score.name == "accuracy", "the plug-in itself is left alone"


def test_a_wrong_metric_is_refused_before_anything_is_read():
    with pytest.raises(UnknownName, match="no metric `macro_f` here"):
        task_named("image_classification", {"metric": "macro_f"})


def test_a_metric_that_the_task_does_not_have_gets_a_hint():
    with pytest.raises(UnknownName, match="no metric `macro_f` here") as refused:
        TASK.measured_by("macro_f")
    assert "macro_f1" in refused.value.hint


def test_every_task_names_its_scores():
    for name in registry.names("tasks"):
        task = registry.get("tasks", name)
        names = [score.name for score in task.scores.each]
        assert names[0] == task.score.name
        assert len(set(names)) == len(names)
        assert task.scores.uneven is None or task.scores.uneven in names


def test_every_metric_has_one_title_and_those_of_classes_name_theirs():
    titles = {name: registry.get("tasks", name).scores.titles for name in registry.names("tasks")}
    assert titles["image_classification"].of("balanced_accuracy") == "balanced accuracy"
    assert titles["image_classification"].of("auc") == "area under the curve (AUC)"
    assert titles["translation"].of("chrf") == "chrF"
    assert titles["translation"].of("corpus_chrf") == "corpus chrF"
    assert titles["translation"].of("bleu") == "BLEU"
    assert titles["object_detection"].of("map") == "mean average precision (COCO)"
    assert titles["multilabel_text_classification"].of("map") == "mean average precision"
    assert titles["object_detection"].of("ap50 a b") == "AP50 of a b"
    assert titles["segmentation"].of("iou red_cell") == "IoU of red_cell"
    assert titles["segmentation"].of("dice map") == "Dice of map"
    assert titles["segmentation"].of("dice") == "Dice"
    assert Titles().of("macro_f1") == "macro f1", "nobody said what it is called"


def test_numbers_that_come_with_more_are_not_computed_again():
    def unasked(outputs, right):
        raise AssertionError("it is among those that come with more")

    scores = Scores((ERROR, Score("other", unasked)), more=lambda *_: {"other": 2.0, "last": 3.0})
    assert list(scores.all(np.array([1.0]), np.array([3.0])).items()) == [
        ("error", 2.0),
        ("other", 2.0),
        ("last", 3.0),
    ]
    assert scores.by("other").deciding.name == "other"
    assert scores.deciding is ERROR


def test_its_range_has_no_end_where_there_is_none():
    assert ERROR.range == (0.0, None)
    assert Score("share", ERROR.of).range == (0.0, 1.0)
