"""What is solved: items that nobody took are known by their words."""

import numpy as np
import pytest
import torch

from headstart.bases.networks.recommenders import DESCRIBED, POPULAR
from headstart.tasks.fitters import solved
from headstart.tasks.fitters.taken import taken
from headstart.tasks.solvers.factorisation import Settings
from tastes_bench import bench


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return bench(tmp_path_factory.mktemp("solved"), users=160, items=True)


def test_an_item_that_nobody_took_is_like_those_of_its_words(made):
    one, splits = made
    known = taken(one.examples, one.base.preprocess, one.pool)
    network = solved.scratch(known, Settings(width=8, penalty=0.01))
    new = one.examples.categories.index("new")
    alike = torch.cosine_similarity(network.write, network.write[new : new + 1])
    group = np.array([name[1:].isdigit() and int(name[1:]) // 10 == 1 for name in one.examples.categories])
    assert alike[group].mean() > alike[~group].mean() + 0.3
    assert not network.unknown[new]


def test_new_items_have_a_list_of_their_own(made):
    one, _ = made
    known = taken(one.examples, one.base.preprocess, one.pool)
    new, first = one.examples.categories.index("new"), one.examples.categories.index("a11")
    how = Settings(width=8, penalty=0.01)
    for network in (solved.scratch(known, how), solved.blended(known, how), solved.mapped(known, how)):
        answer = network(torch.tensor([[[first + 1], [0]]]).float())[0]
        assert answer[1:, 2].tolist() == [new, *[-1] * 19]
        assert answer[1:, 0].isfinite().all()


def test_factors_that_a_base_has_are_not_solved_again(made):
    one, _ = made
    known = taken(one.examples, one.base.preprocess, one.pool)
    how = Settings(width=8, penalty=0.01)
    first = solved._of_source(known, how)
    again = solved._of_source(solved.replace(known, before=first.items), how)
    assert again.items is first.items
    there = np.asarray(known.source.sum(1)).ravel() > 0
    assert np.allclose(again.users[there], first.users[there], atol=0.05)


def test_what_several_arms_need_is_solved_once_for_each_setting(made, monkeypatch):
    one, _ = made
    known, calls = solved.replace(taken(one.examples, one.base.preprocess, one.pool)), []
    plain = solved.factorised
    monkeypatch.setattr(
        solved, "factorised", lambda *given, **more: (calls.append(1), plain(*given, **more))[1]
    )
    for times, penalty in ((3, 0.01), (6, 0.1)):  # of the target, of the source, of both
        how = Settings(width=8, penalty=penalty)
        for way in (solved.scratch, solved.frozen, solved.mapped, solved.blended):
            way(known, how)
        assert len(calls) == times
    first, other = (solved.scratch(known, Settings(width=8, penalty=penalty)) for penalty in (0.01, 0.1))
    assert not torch.equal(first.write, other.write)
    assert len(calls) == 6


@pytest.mark.parametrize("way", [solved.scratch, solved.warm, solved.blended, solved.mapped, solved.frozen])
def test_a_user_of_new_items_only_is_told_by_what_is_said_of_them(made, way):
    one, _ = made
    known, categories = taken(one.examples, one.base.preprocess, one.pool), one.examples.categories
    network = way(known, Settings(width=8, penalty=0.01))
    new = categories.index("new") + 1
    (answer,) = network(torch.tensor([[[new], [0]]]).float())
    assert answer[0, 0] == DESCRIBED
    groups = [int(categories[int(item)][1:]) // 10 for item in answer[1:6, 0]]
    assert groups.count(1) >= 4
    bare = solved.replace(known, words=known.words * 0)
    (answer,) = way(bare, Settings(width=8, penalty=0.01))(torch.tensor([[[new], [0]]]).float())
    assert answer[0, 0] == POPULAR


def texts_of(categories, draws, telling):
    """(m, 8) made texts: of the group of each item, or of nothing."""
    groups = [int(name[1:]) // 10 if name[1:].isdigit() else 1 for name in categories]
    rows = draws.normal(size=(len(categories), 8)) / 4
    rows[range(len(groups)), groups] += telling
    return (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)


@pytest.mark.parametrize(("words", "telling", "told"), [(0, 2, True), (1, 0, True), (0, 0, False)])
def test_a_text_that_tells_makes_a_new_item_known_and_another_does_no_harm(made, words, telling, told):
    one, _ = made
    known, categories = taken(one.examples, one.base.preprocess, one.pool), one.examples.categories
    texts = texts_of(categories, np.random.default_rng(0), telling)
    network = solved.scratch(
        solved.replace(known, words=known.words * words, texts=texts), Settings(width=8, penalty=0.01)
    )
    new = categories.index("new")
    assert network.unknown[new] != told
    if told:
        alike = torch.cosine_similarity(network.write, network.write[new : new + 1])
        group = np.array([name[1:].isdigit() and int(name[1:]) // 10 == 1 for name in categories])
        assert alike[group].mean() > alike[~group].mean() + 0.3


def test_of_whom_nothing_is_known_gets_new_items_as_they_are_expected_to_be_taken(made):
    one, _ = made
    known = taken(one.examples, one.base.preprocess, one.pool)
    size, draws = known.target.shape[1], np.random.default_rng(0)
    liked = draws.random((size, 1)) < 0.5
    target = known.target.toarray() * (draws.random(known.target.shape) < np.where(liked.T, 1.0, 0.3))
    target[:, :6] = 0
    told = solved.replace(
        known,
        target=solved.sparse.csr_matrix(target),
        words=solved.sparse.csr_matrix(np.hstack([liked, ~liked]) * 1.0),
    )
    counts = solved.expected(told.contents, told.popularity)
    assert np.array_equal(counts[6:-1], target.sum(0)[6:-1])
    assert (counts[:6] < 0).all()
    assert counts[:6][liked[:6, 0]].min() > counts[:6][~liked[:6, 0]].max()
    bare = solved.replace(told, words=told.words * 0)
    bare = solved.expected(bare.contents, bare.popularity)
    assert np.isneginf(bare[:6]).all(), "of whom nothing is said is not recommended"


def test_items_that_only_the_source_knows_keep_its_factors(made):
    one, _ = made
    known = taken(one.examples, one.base.preprocess, one.pool)
    new = one.examples.categories.index("new")
    source = known.source.tolil()
    source[:40, new] = 1
    heard = solved.replace(known, source=source.tocsr())
    how = Settings(width=8, penalty=0.01)
    for way in (solved.frozen, lambda *about: solved.collective(1.0, *about)):
        first, then = way(known, how), way(heard, how)
        assert not torch.allclose(first.write[new], then.write[new], atol=1e-3)
        assert torch.allclose(then.write[new], then.fold.factors[new + 1], atol=1e-6)
    alone = [solved.scratch(about, how).write[new] for about in (known, heard)]
    assert torch.equal(*alone)
