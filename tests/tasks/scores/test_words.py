"""Word errors are those that people count, and those of jiwer where it is there."""

import itertools

import numpy as np
import pytest

from headstart.tasks.scores.words import WORDS, aligned, by_kind, distance, of_letters, of_words

RIGHT = np.array(["one two three", "four", "five six"], dtype=object)
HEARD = np.array(["one too three", "", "five six seven eight"], dtype=object)


def test_errors_and_words_are_summed_over_all_recordings():
    scores = of_words(HEARD, RIGHT)
    assert scores.mean() == pytest.approx((1 + 1 + 2) / 6)
    # a mean over recordings would say (1/3 + 1 + 1) / 3
    assert scores.mean() != pytest.approx(7 / 9)
    assert of_words(np.array(["a b c"], object), np.array(["d"], object)).mean() == 3
    assert of_letters(HEARD, RIGHT).mean() == pytest.approx((1 + 4 + 12) / 25)
    assert WORDS.deciding.sign < 0


def test_the_scores_spread_as_the_rate_does_when_recordings_are_drawn_again():
    draws = np.random.default_rng(0)
    counts = draws.integers(1, 9, 150)
    right = np.array([" ".join("ab"[word % 2] for word in range(count)) for count in counts], object)
    heard = np.array([one.replace("a", "b") if draws.random() < 0.4 else one for one in right], object)
    scores = of_words(heard, right)
    rates = [of_words(heard[rows], right[rows]).mean() for rows in draws.integers(0, 150, (120, 150))]
    assert scores.std() / np.sqrt(150) == pytest.approx(np.std(rates), rel=0.25)


@pytest.mark.parametrize("seed", range(4))
def test_the_alignment_has_as_many_edits_as_the_distance_and_tells_both_sides(seed):
    draws = np.random.default_rng(seed)
    one, other = (draws.choice(list("abc"), draws.integers(0, 9)).tolist() for _ in range(2))
    edits = aligned(one, other)
    assert sum(kind != "equal" for kind, _, _ in edits) == distance(one, other)
    assert [right for _, right, _ in edits if right] == one
    assert [heard for _, _, heard in edits if heard] == other


def test_the_distance_is_the_least_of_all():
    def slow(one, other):
        if not one or not other:
            return len(one) + len(other)
        rest = slow(one[1:], other[1:]) + (one[0] != other[0])
        return min(rest, slow(one[1:], other) + 1, slow(one, other[1:]) + 1)

    words = ["".join(letters) for count in range(4) for letters in itertools.product("ab", repeat=count)]
    assert all(distance(one, other) == slow(one, other) for one in words for other in words)


def test_kinds_of_errors():
    assert by_kind(HEARD, RIGHT) == {
        "words_added": pytest.approx(2 / 6),
        "words_left_out": pytest.approx(1 / 6),
        "words_replaced": pytest.approx(1 / 6),
        "all_right": 0,
    }


def test_jiwer_says_the_same():
    jiwer = pytest.importorskip("jiwer", reason="jiwer is not installed: pip install headstart[dev]")
    assert of_words(HEARD, RIGHT).mean() == pytest.approx(jiwer.wer(RIGHT.tolist(), HEARD.tolist()))
    assert of_letters(HEARD, RIGHT).mean() == pytest.approx(jiwer.cer(RIGHT.tolist(), HEARD.tolist()))
