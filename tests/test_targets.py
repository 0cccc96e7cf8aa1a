"""What is right, of examples with a class each and of those whose answers are texts."""

import numpy as np

from headstart.targets import Targets, of_classes, of_one_kind


def test_an_example_with_a_class_is_of_its_kind_and_has_its_category():
    targets = of_classes(np.array([1, 0, 1]), ["a", "b", "unseen"])
    assert targets.classes
    assert targets.right.tolist() == targets.strata.tolist() == [1, 0, 1]
    assert targets.kinds == targets.categories == ("a", "b", "unseen")
    assert targets.members == ((1,), (0,), (1,))


def test_texts_are_all_of_one_kind_and_nothing_is_known_of_their_names():
    targets = of_one_kind(["a|b", "", "a|b"])
    assert not targets.classes
    assert targets.right.tolist() == ["a|b", "", "a|b"]
    assert targets.right.dtype == object, "a text keeps its length"
    assert (targets.strata.tolist(), targets.strata.dtype) == ([0, 0, 0], np.int64)
    assert len(targets.kinds) == 1
    assert (targets.categories, targets.members) == ((), ())


def test_no_example_is_no_error():
    for targets in (of_classes(np.zeros(0, dtype=np.int64), ["a"]), of_one_kind([])):
        assert isinstance(targets, Targets)
        assert len(targets.right) == len(targets.strata) == len(targets.members) == 0
