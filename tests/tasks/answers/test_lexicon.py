"""Where all words are known, letters are read as these words."""

from itertools import product

import numpy as np
import pytest

from headstart.tasks.answers.lexicon import NEW, known_words, spelt

LABELS = (" ", "a", "b", "c")
WORDS = ("ab", "cab", "aa")


def said(way, labels=LABELS):
    """What is left of the outputs of all steps without repeats and nothing."""
    kept = [one for step, one in enumerate(way) if one and not (step and way[step - 1] == one)]
    return "".join(labels[one - 1] for one in kept)


def logs(rows):
    odds = np.asarray(rows, dtype=float)
    return np.log(odds / odds.sum(1, keepdims=True))


def sentences(words, most):
    for count in range(most + 1):
        for some in product(words, repeat=count):
            yield " ".join(some)


@pytest.mark.parametrize("seed", range(8))
def test_it_is_the_likeliest_of_all_ways_through_the_words(seed):
    """Against every sequence of outputs, one by one."""
    outputs = logs(np.random.default_rng(seed).exponential(size=(6, len(LABELS) + 1)))
    allowed = set(sentences(WORDS, 3))
    ways = [way for way in product(range(len(LABELS) + 1), repeat=6) if said(way) in allowed]
    scores = [sum(outputs[step, one] for step, one in enumerate(way)) for way in ways]
    found = spelt(outputs, LABELS, WORDS).tolist()
    assert said(found) in allowed
    assert sum(outputs[step, one] for step, one in enumerate(found)) == pytest.approx(max(scores))


def test_a_misspelt_word_is_heard_as_the_one_that_is_near():
    rows = np.full((3, len(LABELS) + 1), 0.05)
    rows[[0, 1, 2], [4, 2, 4]] = 0.8  # c a c
    rows[2, 3] = 0.2
    assert said(spelt(logs(rows), LABELS, ("cab", "aa"))) == "cab"


def test_there_may_be_nothing_before_and_after_words_and_spaces_but_no_space_without_a_word():
    way = [0, 2, 3, 0, 1, 0, 2, 3, 0]
    rows = np.full((len(way), len(LABELS) + 1), 0.05)
    rows[range(len(way)), way] = 0.8
    assert spelt(logs(rows), LABELS, ("ab",)).tolist() == way
    rows[[0, 0], [0, 1]] = 0.1, 0.8
    assert spelt(logs(rows), LABELS, ("ab",)).tolist() == way, "no space at the beginning"


def test_without_a_space_one_word_is_heard_at_most():
    outputs = logs(np.random.default_rng(0).exponential(size=(9, 3)))
    assert said(spelt(outputs, ("a", "b"), ("ab", "ba")), ("a", "b")) in ("ab", "ba", "")


def test_words_that_cannot_be_spelt_are_not_heard():
    outputs = logs(np.random.default_rng(1).exponential(size=(5, len(LABELS) + 1)))
    assert said(spelt(outputs, LABELS, ("xyz",))) == ""


def test_only_where_new_words_are_not_to_be_expected_there_is_a_lexicon():
    digits = ["one two", "two three one", "three one two"] * 5
    assert known_words(digits) == ("one", "three", "two")
    few = [*digits, "four"]
    assert NEW * sum(len(text.split()) for text in few) >= 1
    assert "four" in known_words(few)
    assert known_words([*digits, "four five six"]) == ()
    assert known_words([]) == ()
