"""What validation chooses: the best arm, and the one that ships."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm
from scipy.stats import t as student

from armed import hits, looked, result
from headstart.verification import behind, best_of, to_ship

TRANSFER = {"frozen", "finetune"}


def test_ties_on_validation_go_to_the_earlier():
    first, second, worse = (
        result(name, looks=(np.array([value]),))
        for name, value in (("a", 0.8), ("b", 0.8 + 1e-9), ("c", 0.7))
    )
    assert best_of([worse, first, second]).name == "a"
    assert best_of([second, first]).name == "b"


def test_small_values_are_told_apart():
    """Of a metric in a unit in which all are small."""
    far, near = (result(name, looks=(np.array([value]),)) for name, value in (("a", 1e-8), ("b", 4e-7)))
    assert best_of([far, near]).name == "b"


def test_the_best_is_that_of_the_seeds_that_all_have():
    """An arm with more of them is not judged by what others were not asked."""
    few, many = looked("few", 0.7, 0.7), looked("many", 0.6, 0.6, 1.0, 1.0)
    assert best_of([few, many]).name == "few"


def test_what_validation_cannot_tell_ships_the_cheaper_trained_arm():
    """Of 40 rows four are won: that is told; with three lost besides it could be luck."""
    cheap, dear = looked("frozen", 0.5), looked("finetune", 0.6)
    assert to_ship([cheap, dear], TRANSFER).name == "finetune"
    torn = dear.validation_scores[0].copy()
    torn[[0, 1, 2]] = 0.0
    close = result("finetune", torn.mean(), looks=(torn,), arm=dear.arm)
    assert close.validation > cheap.validation
    assert to_ship([cheap, close], TRANSFER).name == "frozen"
    assert to_ship([looked("frozen", 0.6), looked("finetune", 0.5)], TRANSFER).name == "frozen"


@pytest.mark.parametrize(("name", "trained"), [("raw_pixels", False), ("scratch", True)])
def test_an_arm_without_transfer_ships_only_where_it_is_clearly_better(name, trained):
    """Of 40 rows four are two standard errors; two could be luck."""
    other = looked(name, 0.7, trained=trained)
    assert to_ship([other, looked("frozen", 0.575)], TRANSFER).name == name
    assert to_ship([other, looked("frozen", 0.65)], TRANSFER).name == "frozen"
    assert to_ship([other, looked("frozen", 0.725)], TRANSFER).name == "frozen"


def test_of_several_clearly_better_trained_arms_the_earlier_ships():
    arms = [looked("frozen", 0.3), looked("other", 0.69), looked("scratch", 0.7)]
    assert to_ship(arms, TRANSFER).name == "other"


def test_a_rival_ships_sooner_and_in_the_place_of_a_network_that_is_as_good():
    """Of 40 rows two are one standard error and a half: a dull baseline has to be ahead at all."""
    ours = looked("frozen", 0.65)
    plain, dear = looked("naive", 0.69, trained=False), looked("nlinear", 0.7, trained=False)
    assert to_ship([dear, ours], TRANSFER).name == "frozen"
    assert to_ship([dear, ours], TRANSFER, ("naive", "nlinear")).name == "nlinear"
    assert to_ship([plain, dear, ours], TRANSFER, ("naive", "nlinear")).name == "naive"
    better = looked("nlinear", 0.725, trained=False)
    assert to_ship([plain, better, ours], TRANSFER, ("naive", "nlinear")).name == "nlinear"
    assert to_ship([dear, looked("frozen", 0.69)], TRANSFER, ("nlinear",)).name == "frozen"
    trained = looked("scratch", 0.71)
    assert to_ship([trained, dear, looked("frozen", 0.575)], TRANSFER, ("nlinear",)).name == "nlinear"
    assert to_ship([looked("scratch", 0.9), dear, ours], TRANSFER, ("nlinear",)).name == "scratch"


def test_an_anchor_ships_unless_another_is_ahead_by_an_interval():
    """Of 40 rows four are two standard errors and more, three are less."""
    still = looked("zero_shot", 0.5)
    arms = {"zero_shot", *TRANSFER}
    near, far = looked("frozen", 0.575), looked("frozen", 0.65)
    assert to_ship([still, near], arms).name == "frozen"
    assert to_ship([near, still], arms, anchor="zero_shot").name == "zero_shot"
    assert to_ship([still, far], arms, anchor="zero_shot").name == "frozen"
    plain = looked("naive", 0.6, trained=False)
    assert to_ship([still, near, plain], arms, ("naive",), "zero_shot").name == "naive"


def test_a_rival_has_to_be_ahead_of_what_would_ship():
    """The best transfer arm is better yet, but too little to ship in the place of the anchor."""
    still, near = looked("zero_shot", 0.5), looked("frozen", 0.575)
    arms, between = {"zero_shot", *TRANSFER}, looked("naive", 0.55, trained=False)
    assert to_ship([still, near, between], arms, ("naive",), "zero_shot").name == "naive"
    assert to_ship([still, near, between], arms, (), "zero_shot").name == "zero_shot"
    behind_both = looked("naive", 0.475, trained=False)
    assert to_ship([still, near, behind_both], arms, ("naive",), "zero_shot").name == "zero_shot"


def test_rows_that_seeds_share_are_one_piece_of_evidence():
    one, best = looked("frozen", 0.5, 0.5), looked("scratch", 0.6, 0.6)
    shared = tuple((None, np.arange(40)) for _ in range(2))
    apart = tuple((None, np.arange(40) + 40 * seed) for seed in range(2))
    few = behind(one, replace(best, validation_outputs=shared))
    many = behind(one, replace(best, validation_outputs=apart))
    assert many == pytest.approx(few * np.sqrt(2), rel=0.03)


def test_the_distance_is_on_the_rows_of_both_by_hand():
    draws = np.random.default_rng(0)
    for _ in range(50):
        one, best = (tuple(draws.integers(0, 2, (2, 9)).astype(float)) for _ in range(2))
        pairs = np.concatenate(best) - np.concatenate(one)
        error = pairs.std(ddof=1) / np.sqrt(18)
        expected = pairs.mean() / error * norm.ppf(0.975) / student.ppf(0.975, 17)
        assert behind(result("a", looks=one), result("b", looks=best)) == pytest.approx(expected)
    longer = result("c", looks=(*hits(0.5), *hits(1.0)))
    assert behind(result("a", looks=hits(0.5)), longer) == 0, "a seed that only one has says nothing"
