"""Views of a recording are moved and have stripes, and say nothing that is louder than it."""

import numpy as np

from headstart.data.sound.views import STRONG, USUAL, WHOLE, drawn

LEVELS = np.random.default_rng(0).uniform(-1, 1, (80, 60)).astype(np.float16)


def view(seed, policy=USUAL):
    return drawn(LEVELS, policy, np.random.default_rng(seed))


def test_a_view_repeats_and_another_seed_gives_another():
    before = LEVELS.copy()
    np.testing.assert_array_equal(view(1), view(1))
    assert (view(1) != view(2)).any()
    np.testing.assert_array_equal(before, LEVELS)
    assert view(1).dtype == LEVELS.dtype


def test_what_is_hidden_is_silence_and_the_rest_is_the_recording_moved():
    for seed in range(20):
        found = view(seed)
        kept = found != LEVELS.min()
        moves = [np.roll(LEVELS, by, 1) for by in range(-3, 4)]
        assert max((found == moved)[kept].mean() for moved in moves) == 1
        assert found.shape == LEVELS.shape
        assert (found != 0).any(0).all()


def test_strong_views_hide_more():
    hidden = [
        np.mean([(view(seed, policy) == LEVELS.min()).mean() for seed in range(40)])
        for policy in (USUAL, STRONG)
    ]
    assert 0 < hidden[0] < hidden[1] < 0.7


def test_a_very_short_recording_has_views_too():
    assert drawn(LEVELS[:, :2], STRONG, np.random.default_rng(0)).shape == (80, 2)


def test_views_of_words_are_never_moved():
    for seed in range(20):
        found = view(seed, WHOLE)
        same = found == LEVELS
        assert same.mean() > 0.6
        assert (found[~same] == LEVELS.min()).all()
