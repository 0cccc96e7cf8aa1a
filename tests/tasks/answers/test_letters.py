"""What is read off a head step by step, and what it is trained by."""

import math
import pickle

import numpy as np
import pytest
import torch

from headstart.tasks.answers import letters
from headstart.tasks.answers.letters import (
    SECONDS,
    Heard,
    LayerSum,
    Letters,
    Word,
    needed,
    numbered,
    read_off,
)

LABELS = (" ", "a", "b")


def outputs(said, ended=0, sure=0.9):
    """(S, k + 1) log odds of one letter a step, `.` for nothing; then what has ended."""
    found = np.full((len(said) + ended, len(LABELS) + 1), np.log((1 - sure) / len(LABELS)))
    for step, letter in enumerate(said):
        found[step, 0 if letter == "." else 1 + LABELS.index(letter)] = np.log(sure)
    found[len(said) :] = 0
    return found


def test_repeats_are_one_letter_and_nothing_between_makes_two():
    assert read_off(outputs("aa.ab"), LABELS) == "aab"
    assert read_off(outputs(".a b.", ended=3), LABELS) == "a b"
    assert read_off(outputs("...."), LABELS) == ""
    assert read_off(outputs("  a  "), LABELS) == "a"


def test_a_word_knows_when_it_was_said_and_how_sure_its_letters_are():
    heard = read_off(outputs("..ab. b", ended=2, sure=0.8), LABELS, begin=10.0)
    assert [word.text for word in heard.words] == ["ab", "b"]
    first = heard.words[0]
    assert (first.start, first.end) == (10 + 2 * SECONDS, 10 + 4 * SECONDS)
    assert first.confidence == pytest.approx(0.8)
    again = pickle.loads(pickle.dumps(heard))
    assert again == heard == "ab b"
    assert again.words == heard.words
    assert Heard([Word("a", 0, 1, 0.5)]) == "a"


def test_the_loss_is_that_of_all_ways_to_say_it():
    # "a" in two steps: a., .a, aa
    logs = torch.from_numpy(outputs("a.", ended=1)).float().unsqueeze(0)
    odds = logs.exp()[0]
    ways = odds[0, 2] * odds[1, 0] + odds[0, 0] * odds[1, 2] + odds[0, 2] * odds[1, 2]
    found = letters.loss(logs, numbered(["a"], LABELS))
    assert found.tolist() == pytest.approx([-math.log(ways)], rel=1e-5)


def test_a_transcript_that_does_not_fit_weighs_nothing():
    logs = torch.from_numpy(np.stack([outputs("aa"), outputs("ab")])).float().requires_grad_()
    found = letters.loss(logs, numbered(["aa", "ab"], LABELS))
    assert found[0] == 0 < found[1]
    found.sum().backward()
    assert torch.isfinite(logs.grad).all()
    assert [needed("aa"), needed("ab"), needed("")] == [3, 2, 0]


def test_letters_that_nobody_knows_are_left_out():
    assert numbered(["a b", "xb", ""], LABELS).tolist() == [[2, 1, 3], [3, -1, -1], [-1, -1, -1]]
    assert torch.isfinite(letters.loss(torch.from_numpy(outputs("ab")[None]).float(), numbered([""], LABELS)))


def test_what_pads_a_batch_changes_nothing():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        head = Letters(6, LABELS).eval()
        states = torch.randn(2, 21, 6)
    states[1, 13:] = 0
    with torch.no_grad():
        both, alone = head(states), head(states[1:, :13])
    assert both.shape == (2, 11, 4)
    torch.testing.assert_close(both[1, :7], alone[0])
    assert (both[1, 7:] == 0).all()
    torch.testing.assert_close(both[0].exp().sum(-1), torch.ones(11))


def test_it_learns_to_spell():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        head, codes = Letters(4, LABELS), torch.randn(3, 4)
        texts = ["ab", "ba", "a b", "b a"]
        rows = [[codes[LABELS.index(letter)] for letter in text for _ in range(5)] for text in texts]
        states = torch.nn.utils.rnn.pad_sequence([torch.stack(row) for row in rows], True)
        optimizer = torch.optim.AdamW(head.parameters(), 1e-2)
        for _ in range(60):
            loss = letters.loss(head(states), numbered(texts, LABELS)).mean()
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        with torch.no_grad():
            found = head.eval()(states).numpy()
    assert [read_off(one, LABELS) for one in found] == texts


def test_of_several_layers_the_head_learns_which_says_most():
    draws = torch.Generator().manual_seed(0)
    states = torch.randn(4, 12, 3 * 8, generator=draws)
    wanted = torch.nn.functional.layer_norm(states[..., 8:16], (8,))
    layers = LayerSum(3)
    louder = states * torch.tensor([1, 5, 9]).repeat_interleave(8)
    torch.testing.assert_close(layers(louder), layers(states), atol=1e-3, rtol=1e-3)
    optimizer = torch.optim.Adam(layers.parameters(), 0.1)
    for _ in range(80):
        optimizer.zero_grad()
        (layers(states) - wanted).square().mean().backward()
        optimizer.step()
    assert layers.layers.softmax(0)[1] > 0.9


def test_a_head_of_several_layers_reads_as_many_steps_as_one_of_one_layer():
    states = torch.randn(2, 11, 3 * 8, generator=torch.Generator().manual_seed(0))
    states[1, 6:] = 0
    several, one = Letters(24, LABELS, 3).eval(), Letters(8, LABELS).eval()
    assert several(states).shape == one(states[..., :8]).shape == (2, 6, 4)
    assert (several(states)[1, 3:] == 0).all()
    assert not any("sum" in name for name in one.state_dict())
