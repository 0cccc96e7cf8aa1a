"""Networks that recommend: what is known is left out, and what nothing is known of is popular."""

import pytest
import torch

from headstart.bases.networks.recommenders import (
    LENGTH,
    POPULAR,
    SOURCE,
    TARGET,
    Blend,
    Factors,
    FoldIn,
    Mapped,
    Mixed,
    Neighbours,
    Popular,
)


def users(*histories):
    """(n, 2, L) of lists of (number, of the source)."""
    longest = max([1, *map(len, histories)])
    found = torch.zeros(len(histories), 2, longest)
    for row, history in zip(found, histories, strict=True):
        for place, (item, source) in enumerate(history):
            row[0, place], row[1, place] = item, source
    return found


def items(answer):
    return [int(item) for item in answer[1:, 0] if item >= 0]


def fill(fold, factors, heed=(1.0, 0.0)):
    fold.factors[1:] = torch.tensor(factors)
    fold.all = 0.1 * fold.factors.T @ fold.factors
    fold.heed = torch.tensor(heed)
    fold.penalty = torch.tensor([0.01, 0.01])


def factors(read, write, heed=(1.0, 0.0)):
    network = Factors(len(write), len(read), len(read[0]))
    fill(network.fold, read, heed)
    network.write = torch.tensor(write)
    network.popularity = torch.arange(len(write)).float() + 1
    return network


TWO = [[1.0, 0.0], [1.0, 0.1], [0.0, 1.0], [0.1, 1.0]]


def test_what_a_user_has_is_not_recommended_and_lists_are_filled_up():
    network = Popular(4)
    network.popularity = torch.tensor([4.0, 3.0, 2.0, -torch.inf])
    (one, other) = network(users([(1, 0)], [(2, 1), (9, 1)]))
    assert one.shape == (LENGTH + 1, 4)
    assert items(one) == [1, 2]
    assert items(other) == [0, 2]
    assert one[0].tolist() == [POPULAR, 0, 0, 0]


def test_factors_find_what_is_alike():
    network = factors(TWO, TWO)
    answers = network(users([(1, 0)], [(3, 0)], [], [(2, 1)]))
    assert [items(answer)[0] for answer in answers] == [1, 3, 3, 3]
    assert answers[:, 0, 0].tolist() == [TARGET, TARGET, POPULAR, POPULAR]


def test_users_whom_the_source_does_not_know_are_read_from_the_target_where_that_is_asked():
    network = factors(TWO, TWO, (0.0, 1.0))
    asked = users([(1, 0)], [(1, 0), (3, 1)])
    assert network(asked)[:, 0, 0].tolist() == [POPULAR, SOURCE]
    network.fold.lone[:] = True
    answers = network(asked)
    assert answers[:, 0, 0].tolist() == [TARGET, SOURCE]
    assert [items(answer)[0] for answer in answers] == [1, 3]


def test_folding_in_solves_its_equation():
    fold = FoldIn(4, 2)
    fill(fold, TWO, (1.0, 0.5))
    pull = torch.tensor([[0.3, -0.2]])
    history = users([(1, 0), (3, 1)])
    (user,), count = fold(history[:, 0].long(), history[:, 1] > 0, pull)
    one, other = fold.factors[1], fold.factors[3]
    strength = 0.01 * 1.5 + 0.01
    left = torch.outer(one, one) + 0.5 * torch.outer(other, other) + fold.all + strength * torch.eye(2)
    assert torch.allclose(left @ user, one + 0.5 * other + strength * pull[0], atol=1e-5)
    assert count.tolist() == [2]


def test_items_of_which_nothing_is_known_are_never_recommended():
    network = factors(TWO, TWO)
    network.unknown = torch.tensor([False, True, False, False])
    assert 1 not in items(network(users([(1, 0)]))[0])


def test_mapping_starts_at_the_source_and_goes_on_with_the_target():
    network = Mapped(4, 4, 2, 2)
    fill(network.before, TWO, (0.0, 1.0))
    network.matrix = torch.tensor([[0.0, 1.0], [1.0, 0.0]])
    network.after.load_state_dict(factors(TWO, TWO).state_dict())
    cold, both, nobody = network(users([(1, 1)], [(1, 1), (2, 0)], []))
    assert items(cold)[0] in (2, 3)
    assert cold[0, 0] == SOURCE
    assert both[0, 0] == TARGET
    assert nobody[0, 0] == POPULAR


def test_a_blend_is_a_mean_of_scores_of_one_scale():
    parts = {}
    for name, scores in (("loud", [1e4, 2e4, 3e4, -torch.inf]), ("low", [3.0, 2.5, 0.0, 1.0])):
        parts[name] = Popular(4)
        parts[name].popularity = torch.tensor(scores)
    (answer,) = Blend(parts)(users([]))
    assert items(answer) == [1, 0, 2]  # second best for both, and what one knows nothing of is left out
    assert answer[0].tolist() == [POPULAR, 0, 0, 0]


def test_a_blend_of_what_knows_nothing_of_anybody_is_a_list_all_the_same():
    (answer,) = Blend({"one": Popular(3), "other": Popular(3)})(users([]))
    assert items(answer) == [0, 1, 2]


def test_neighbours_add_up():
    network = Neighbours(4, 2)
    network.near[1] = torch.tensor([2, 3])
    network.alike[1] = torch.tensor([0.2, 0.9])
    network.popularity = torch.arange(4).float()
    one, cold = network(users([(1, 0)], [(1, 1)]))
    assert items(one)[:2] == [2, 1]
    assert items(cold)[0] == 3


@pytest.mark.parametrize(("known", "first"), [(0, 0), (1, 1), (2, 1), (3, 2)])
def test_each_kind_has_its_own(known, first):
    parts = {}
    for number, kind in enumerate(("cold", "few", "warm")):
        parts[kind] = Popular(3)
        parts[kind].popularity = torch.eye(3)[number]
    network = Mixed(parts, ("warm", "few", "cold"), 3)
    (answer,) = network(users([(10 + place, 0) for place in range(known)]))
    assert items(answer)[0] == first
