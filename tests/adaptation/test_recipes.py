"""Recipes that fit: lower parts before views before epochs, larger inputs where the epochs are many."""

import pytest

from headstart.adaptation import _recipes
from headstart.adaptation._costs import Costs, Counts, Way
from headstart.adaptation._recipes import hasty, head_only, options
from headstart.adaptation.training.speed import Speeds
from headstart.bases.base import INPUT

RUNS = 8


def costs(below=1e-3, wholes=(16,), **way):
    """Of a base with two cached boundaries."""
    cuts = ("top", "lower")
    speeds = Speeds(
        1e-3,
        1e-3,
        {"top": 1e-3, "lower": 2e-3},
        dict.fromkeys(cuts, below),
        {size: 5e-3 * (size / 16) ** 2 for size in wholes},
        head=1e-4,
    )
    return Costs(speeds, Counts(130, 100, 80, 20, 20), (*cuts, INPUT), max(wholes), 0.0, Way(**way))


def best(name, share, of=None):
    return next(options(of or costs(), name, share, RUNS), None)


def test_every_recipe_fits_its_share():
    for name in ("finetune", "scratch", "lora"):
        for share in (5.0, 30.0, 300.0):
            fitting = list(options(costs(), name, share, RUNS))
            assert fitting or share < 300
            for one in fitting:
                spent = RUNS * costs().steps(name, one) + costs().views(one)
                # stages have whole epochs: one of a few may be more than its part
                assert spent <= share * 1.34, (name, share, one)


def test_more_time_opens_lower_parts_and_shows_more_views():
    little, plenty = best("finetune", 12.0), best("finetune", 1_000.0)
    assert len(little.cuts) < len(plenty.cuts) == 3
    assert little.views <= plenty.views == 4
    assert plenty.epochs == _recipes.PART_EPOCHS[1]
    assert best("finetune", 0.1) is None


def test_a_cache_that_costs_more_than_it_saves_is_not_built():
    """Views cost a pass each; where running the frozen part is nearly free, they do not pay."""
    assert not best("finetune", 1_000.0).live
    cheap = best("finetune", 1_000.0, costs(below=-2e-3))
    assert (cheap.live, cheap.views) == (True, 0)


@pytest.mark.parametrize(("share", "size"), [(5_000.0, 32), (100.0, 16)])
def test_from_scratch_the_input_is_as_large_as_the_epochs_allow(share, size):
    of = costs(wholes=(32, 16))
    assert best("scratch", share, of).size == size
    assert best("warm_init", 5_000.0, of).size == 32, "inherited weights keep their input side"


def test_what_never_fits_has_one_epoch_at_the_smallest_side():
    of = costs(wholes=(32, 16))
    assert (hasty(of, "scratch", -1.0).epochs, hasty(of, "scratch", -1.0).size) == (1, 16)
    assert head_only(of).head_epochs == _recipes.HEAD_EPOCHS[0]
    assert head_only(of).epochs == 0


def test_a_head_that_is_trained_alone_takes_views_before_epochs():
    of = costs(head=True)
    assert best("frozen", 1_000.0, of).views == 4
    assert best("frozen", 0.0, of) is None
    assert 0 < best("frozen", 20.0, of).head_epochs <= _recipes.HEAD_EPOCHS[1]


def test_a_strategy_with_a_recipe_of_its_own_needs_some_time():
    assert best("contrastive", 1.0) == costs().own("contrastive")
    assert best("contrastive", 0.0) is None
