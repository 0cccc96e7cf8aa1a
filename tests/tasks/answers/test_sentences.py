"""Sentences that a base says itself: nothing is solved, nothing is put on top."""

import numpy as np
import torch

from headstart.tasks.answers.sentences import Sentences


def test_targets_are_the_sentences_themselves():
    answer = Sentences()
    targets = answer.targets(["the sea", "rain", "rain"])
    assert targets.right.tolist() == ["the sea", "rain", "rain"]
    assert (targets.kinds, targets.categories, targets.classes) == (("examples",), (), False)
    assert answer.learned(targets, np.arange(3)) is targets
    assert answer.known(["snow"], ()).tolist() == ["snow"]
    assert answer.wanted(targets, np.arange(3)).shape == (3,)


def test_it_has_no_head_and_says_how_it_was_measured():
    answer = Sentences()
    assert (answer.headed, answer.solver, answer.head_architecture) == ("none", None, None)
    assert isinstance(answer.head(4, ()), torch.nn.Identity)
    assert answer.evidence(np.array([]), np.array([]))["signatures"].keys() == {"chrf", "bleu"}
