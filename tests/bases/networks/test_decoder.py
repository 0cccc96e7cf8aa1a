"""Tokens one after another: as transformers has them, without loops, in a language that is heard."""

import pytest
import torch
from transformers import WhisperConfig, WhisperForConditionalGeneration

from headstart.bases.networks.decoder import Decoder, Prompt, looped, unlooped

SIZES = {"width": 24, "layers": 2, "heads": 2, "hidden": 32, "tokens": 40, "positions": 30}
PROMPT = Prompt(start=31, languages=(), rest=(32,), end=30)
ALL = torch.ones(40, dtype=torch.bool)


@pytest.fixture(scope="module")
def library():
    config = WhisperConfig(
        d_model=24, decoder_layers=2, decoder_attention_heads=2, decoder_ffn_dim=32, vocab_size=40,
        max_target_positions=30, encoder_layers=1, encoder_attention_heads=2, encoder_ffn_dim=8,
        max_source_positions=10, pad_token_id=0, bos_token_id=1, eos_token_id=30, init_std=0.5,
    )  # fmt: skip
    torch.manual_seed(3)
    return WhisperForConditionalGeneration(config).eval()


@pytest.fixture(scope="module")
def decoder(library):
    made = Decoder(**SIZES)
    made.inner.load_state_dict(library.model.decoder.state_dict())
    return made.eval()


def states(count=3):
    return torch.randn(count, 10, 24, generator=torch.Generator().manual_seed(1))


def numbers(decoder, *asked):
    return [[token.number for token in said] for said in decoder.said(*asked)]


@torch.no_grad()
def theirs(library, states, prompt, steps):
    """Greedily, the whole beginning read anew for each token."""
    tokens = torch.tensor([prompt])
    for _ in range(steps):
        found = library.model.decoder(input_ids=tokens, encoder_hidden_states=states).last_hidden_state
        tokens = torch.cat([tokens, library.proj_out(found[:, -1]).argmax(1, keepdim=True)], 1)
    return tokens[0, len(prompt) :].tolist()


def test_it_writes_what_the_library_does_alone_and_together(library, decoder):
    whole = states()
    found = numbers(decoder, whole, PROMPT, lambda _: ALL)
    assert any(found)
    for number, said in enumerate(found):
        expected = theirs(library, whole[number : number + 1], [31, 32], len(said))
        assert expected[: len(said)] == said
        assert numbers(decoder, whole[number : number + 1], PROMPT, lambda _: ALL) == [said]


def test_tokens_know_their_steps_and_their_odds(library, decoder):
    whole = states(1)
    (said,) = decoder.said(whole, PROMPT, lambda _: ALL)
    written = torch.tensor([[31, 32, *(token.number for token in said)]])
    with torch.no_grad():
        found = library.model.decoder(input_ids=written, encoder_hidden_states=whole).last_hidden_state
    odds = library.proj_out(found[0, 1:-1]).softmax(-1).tolist()
    assert [token.odds for token in said] == pytest.approx(
        [odds[i][t.number] for i, t in enumerate(said)], abs=1e-5
    )
    assert said[0].start == 0
    assert [token.end for token in said[:-1]] == [token.start for token in said[1:]]
    assert said[-1].end <= 10


def test_nothing_is_written_that_may_not_be(decoder):
    few = torch.zeros(40, dtype=torch.bool)
    few[[4, 7, 30]] = True
    assert {one for said in numbers(decoder, states(), PROMPT, lambda _: few) for one in said} <= {4, 7}


def test_the_likeliest_language_stands_in_the_prompt(library, decoder):
    whole = states()
    with torch.no_grad():
        start = torch.full((3, 1), 31)
        first = library.model.decoder(input_ids=start, encoder_hidden_states=whole).last_hidden_state
        odds = library.proj_out(first[:, -1])[:, [33, 34]]
    found = numbers(decoder, whole, Prompt(31, (33, 34), (35, 32), 30), lambda _: ALL)
    for number, language in enumerate((33 + odds.argmax(1)).tolist()):
        said = found[number]
        assert theirs(library, whole[number : number + 1], [31, language, 35, 32], len(said)) == said


def test_a_loop_is_cut_off_after_its_first_round(decoder):
    only = torch.zeros(40, dtype=torch.bool)
    only[5] = True
    assert numbers(decoder, states(1), PROMPT, lambda _: only) == [[5]]


@pytest.mark.parametrize(
    ("tokens", "size", "left"),
    [
        ([1, 2] + [3] * 12, 1, [1, 2, 3]),
        ([3] * 11, 0, [3] * 11),
        ([9] + [1, 2, 3, 4] * 3, 4, [9, 1, 2, 3, 4]),
        ([1, 2, 3, 4, 5] * 2, 0, [1, 2, 3, 4, 5] * 2),
        ([1, 2, 3, 4, 5] * 3, 5, [1, 2, 3, 4, 5]),
        ([], 0, []),
    ],
)
def test_what_a_loop_is(tokens, size, left):
    assert looped(tokens) == size
    assert (unlooped(tokens, size) if size else tokens) == left
