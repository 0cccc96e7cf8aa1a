"""Views of a recording are moved and have stripes, and say nothing that is louder than it."""

import numpy as np

from headstart.data.sound.views import GAIN, QUIET, STRONG, USUAL, WHOLE, drawn, drawn_samples

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


def test_views_of_samples_are_moved_hidden_and_louder_where_that_is_heard():
    before = LEVELS.copy()
    for seed in range(20):
        found = drawn_samples(LEVELS, USUAL, np.random.default_rng(seed))
        kept = np.abs(found) > QUIET
        moves = [np.roll(LEVELS, by, 1) for by in range(-3, 4)]
        assert max((found == moved)[kept].mean() for moved in moves) == 1
        louder = drawn_samples(LEVELS, WHOLE, np.random.default_rng(seed), gain=True)
        heard = np.abs(louder) > 0.01
        ratio = louder[heard].astype(float) / LEVELS[heard]
        assert 1 / GAIN <= ratio.mean() <= GAIN
        assert ratio.std() < 0.01
        assert (found != 0).all()
        assert (louder != 0).all()
    np.testing.assert_array_equal(before, LEVELS)
