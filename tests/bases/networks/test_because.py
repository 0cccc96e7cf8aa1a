"""Reasons are the items without which another would score least."""

import numpy as np
import pytest
import torch

from headstart.bases.networks.because import LONGEST, reasons
from headstart.bases.networks.recommenders import Mixed, Neighbours, Popular


def neighbours():
    """Item 4 is like the first two, more so like the second; nothing is like the third."""
    network = Neighbours(5, 2)
    network.near[1, 0], network.near[2, 0] = 4, 4
    network.alike[1, 0], network.alike[2, 0] = 0.2, 0.7
    network.popularity = torch.arange(5).float()
    return network


def known(*items):
    return torch.tensor([items, [0] * len(items)]).float()


@pytest.mark.parametrize("within", [False, True])
def test_the_strongest_is_first_and_what_changes_nothing_is_none(within):
    network = neighbours()
    if within:
        network = Mixed({"all": network, "none": Popular(5)}, ("all", "none", "none"), 3)
    found = reasons(network, known(1, 3, 2, 0), np.array([3.0, 4.0, -1.0]), {1: 7, 2: 8, 3: 9})
    assert found.tolist() == [[8, 7], [-1, -1], [-1, -1]]


def test_the_only_item_is_why_the_list_is_none_of_what_is_popular():
    assert reasons(neighbours(), known(2), np.array([3.0]), {2: 5}).tolist() == [[5, -1]]


def test_nothing_known_is_no_reason():
    assert (reasons(neighbours(), known(0), np.array([3.0]), {}) == -1).all()
    assert (reasons(Popular(5), known(1, 2), np.array([3.0]), {1: 0, 2: 1}) == -1).all()


def test_of_a_long_history_the_newest_items_are_asked():
    asked = known(1, *[3] * LONGEST)
    assert reasons(neighbours(), asked, np.array([3.0]), {1: 0, 3: 1}).tolist() == [[-1, -1]]
