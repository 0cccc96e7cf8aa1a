"""Sets of labels: what is right, where the head starts, what it learns, what it says."""

import numpy as np
import pytest
import torch

from headstart.data.answers.label_sets import set_of
from headstart.errors import DataError
from headstart.tasks.answers.label_sets import LabelHead, LabelSets, said_of


def features(n=30, d=6, scale=1.0):
    return scale * torch.randn(n, d, generator=torch.Generator().manual_seed(0))


def test_it_starts_with_even_odds_and_says_nothing():
    head = LabelHead(6, ("a", "b"))
    assert head.labels == ("a", "b")
    outputs = head(features())
    assert torch.equal(outputs, torch.zeros(30, 2))
    said = said_of(outputs.sigmoid().double().detach().numpy(), head.labels)
    assert {set_of(one).labels for one in said} == {()}


def test_features_of_any_size_are_alike_to_it():
    head = LabelHead(6, ("a", "b"))
    with torch.no_grad():
        head.weight.add_(torch.arange(12.0).reshape(2, 6))
    torch.testing.assert_close(head(features(scale=100.0)), head(features()), rtol=1e-3, atol=1e-3)
    assert head(features()).std() > 0.1


def test_the_loss_is_one_number_a_text_and_the_mean_over_labels():
    outputs = torch.tensor([[0.0, 2.0], [-1.0, 0.5]])
    targets = torch.tensor([[1.0, 0.0], [0.0, 1.0]])
    sigmoid = outputs.sigmoid()
    expected = -(targets * sigmoid.log() + (1 - targets) * (1 - sigmoid).log()).mean(1)
    torch.testing.assert_close(LabelSets().loss(outputs, targets), expected)
    assert LabelSets().loss(torch.tensor([[1e4, -1e4]]), torch.tensor([[0.0, 1.0]])).item() == pytest.approx(
        1e4
    )


def test_it_learns_labels_of_their_own():
    inputs, head = features(200), LabelHead(6, ("a", "b", "c"))
    targets = torch.stack([inputs[:, 0] > 0, inputs[:, 1] > inputs[:, 2], torch.zeros(200) > 1], 1).float()
    optimizer = torch.optim.Adam(head.parameters(), lr=0.05)
    for _ in range(200):
        optimizer.zero_grad()
        LabelSets().loss(head(inputs), targets).mean().backward()
        optimizer.step()
    assert ((head(inputs) > 0).float() == targets).float().mean() > 0.9


def test_what_is_more_likely_than_not_is_said():
    said = said_of(np.array([[0.9, 0.5, 0.51], [0.1, 0.2, 0.3]]), ("a", "b", "c"))
    assert said.dtype == object
    first, second = map(set_of, said)
    assert first.labels == ("a", "c")
    assert first.probabilities == {"a": 0.9, "b": 0.5, "c": 0.51}
    assert second.labels == ()
    assert said_of(np.zeros((0, 3)), ("a", "b", "c")).shape == (0,)


def test_each_example_has_its_own_labels_of_those_that_can_be_learned():
    answer = LabelSets()
    targets = answer.learned(answer.targets(["a", "", "b|c", "c|test only"]), np.arange(3))
    assert targets.categories == ("a", "b", "c")
    assert targets.members == ((0,), (), (1, 2), (2,))
    assert not targets.classes
    wanted = answer.wanted(targets, np.arange(3))
    assert wanted.dtype == torch.float32
    assert wanted.tolist() == [[1, 0, 0], [0, 0, 0], [0, 1, 1], [0, 0, 1]]


def test_labels_of_the_test_split_that_training_lacks_are_told():
    answer = LabelSets()
    targets = answer.targets(["a", "b", "a|z"])
    sides = {"train": np.array([0, 1]), "validation": np.array([], int), "test": np.array([2])}
    (finding,) = answer.unlearned(targets, sides)
    assert (finding.kind, finding.items) == ("unlearned", ("z: 1",))


def test_a_person_says_labels_of_the_model():
    names = ("a", "b|c", "d")
    assert LabelSets().cell(["d", "b|c"], names) == '["b|c", "d"]'
    assert LabelSets().cell([], names) == "[]"
    for wrong in ("a", ["x"], None, [["a"]], {"a": 1}):
        with pytest.raises(DataError):
            LabelSets().cell(wrong, names)


def test_it_is_as_unsure_as_of_the_label_that_is_nearest_to_even_odds():
    said = said_of(np.array([[0.99, 0.01], [0.99, 0.5], [0.7, 0.0]]), ("a", "b"))
    assert LabelSets().unsure(said) == pytest.approx([0.02, 1.0, 0.6])
    assert LabelSets().unsure(np.array([""], dtype=object)).tolist() == [0.0]
