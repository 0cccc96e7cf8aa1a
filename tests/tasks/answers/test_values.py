"""A number for each example: ranges to split by, a head in units of the values, what is told."""

import numpy as np
import pytest
import torch

from headstart.errors import DataError
from headstart.tasks.answers.values import ValueHead, Values
from headstart.tasks.solvers import values


def targets(n=60, scale=1.0):
    return Values().targets([repr(scale * number) for number in range(n)])


def test_ranges_hold_about_as_many_examples_each():
    found = targets()
    assert found.right.tolist() == list(range(60))
    assert np.ptp(np.bincount(found.strata)) <= 2
    assert (np.diff(found.strata) >= 0).all()
    assert (len(found.kinds), found.kinds[0]) == (5, "0 to 11")
    assert (found.categories, found.classes, found.members) == (("value",), False, ())


@pytest.mark.parametrize(("labels", "kinds"), [(["1", "2", "3"], 1), (["0"] * 40 + ["1"] * 20, 2)])
def test_few_or_equal_values_have_fewer_ranges(labels, kinds):
    found = Values().targets(labels)
    assert len(found.kinds) == kinds == len(set(found.strata.tolist()))


def test_one_value_only_is_nothing_to_learn():
    with pytest.raises(DataError, match="all training examples have the value 3"):
        Values().learned(Values().targets(["3", "3", "4"]), np.array([0, 1]))


def test_values_outside_of_those_of_training_are_told():
    sides = {"train": np.arange(10, 50), "validation": np.array([5]), "test": np.array([20, 59])}
    (finding,) = Values().unlearned(targets(), sides)
    assert finding.items == ("5", "59")
    assert "10 to 49" in finding.message
    assert Values().unlearned(targets(), {"train": np.arange(60), "test": np.array([3])}) == []


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e6])
def test_a_new_head_says_the_mean_and_a_solved_one_what_was_solved(scale):
    draws = np.random.default_rng(0)
    features = draws.normal(size=(80, 5))
    right = scale * (features @ draws.normal(size=5) + 7)
    answer, head = Values(), ValueHead(5)
    answer.begun(head, right)
    with torch.no_grad():
        assert head(torch.from_numpy(features).float()).numpy() == pytest.approx(right.mean(), rel=1e-5)
        solved = values.solve(features, right, 1)
        head.load_state_dict({**head.state_dict(), **answer.as_state(head, solved)})
        found = head(torch.from_numpy(features).float()).numpy()
    np.testing.assert_allclose(found, solved.outputs(features), rtol=1e-4, atol=1e-4 * scale)


def test_the_loss_is_in_squares_of_the_spread():
    found = targets(scale=1e4)
    wanted = Values().wanted(found, np.arange(60))
    outputs = wanted[:, :1] + wanted[:, 1:]
    torch.testing.assert_close(Values().loss(outputs, wanted), torch.ones(60), rtol=1e-3, atol=1e-3)


def test_what_is_told():
    outputs = np.array([[1.5], [1234567.0]])
    assert Values().decode(outputs, ("value",)) == [{"value": 1.5}, {"value": 1234567.0}]
    assert [Values().as_text(one) for one in (outputs[0], 3.0, 1 / 3)] == ["1.5", "3", "0.333333"]
    assert Values().evidence(np.array([1.0, 2.0]), outputs)["values"][0] == {"right": 1.0, "given": 1.5}


def test_no_value_of_the_test_split_changes_what_is_learned_or_chosen():
    answer, rows = Values(), np.arange(40)
    first = [float(number) for number in range(60)]
    second = [*first[:40], *(1e6 - number for number in range(20))]
    one, other = (
        answer.learned(answer.targets([repr(value) for value in values_]), rows)
        for values_ in (first, second)
    )
    assert one.strata[rows].tolist() == other.strata[rows].tolist()
    assert len(one.kinds) == len(other.kinds) == 4
    assert torch.equal(answer.wanted(one, rows)[:40], answer.wanted(other, rows)[:40])


@pytest.mark.parametrize(
    ("right", "cell"), [(3, "3"), (2.5, "2.5"), (-1e-9, "-1e-09"), (123456789.25, "123456789.25")]
)
def test_a_person_says_a_number(right, cell):
    assert Values().cell(right, ()) == cell
    assert Values().correction == "number"


@pytest.mark.parametrize("wrong", ["3", None, True, float("nan"), float("inf"), [1]])
def test_other_things_are_no_numbers(wrong):
    with pytest.raises(DataError):
        Values().cell(wrong, ())
