"""The decoder of Whisper: what it heard, token by token, the likeliest one each time.

Radford et al., "Robust Speech Recognition via Large-Scale Weak Supervision", ICML 2023, section 2.3; the
layers are those of transformers. Where it gets into a loop, the original tries again with draws; here nothing
is drawn: a loop is cut off after its first round. When a token was said is read off the attention to the
encoder's steps, by every head of the upper half of the layers, as the authors' program does it for a network
of which it does not know the best heads; ours is `alignment.py`.

Notation: n recordings, L steps of the encoder, d width, k tokens.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from .alignment import starts

LONGEST_LOOP, LOOPED = 8, 12
"""Tokens of a loop at most; and so many in a row, three rounds at least, make it one."""
Allowed = Callable[[Sequence[int]], Tensor]
"""(k,) True for the tokens that may follow those that one recording has so far."""


@dataclass(frozen=True)
class Prompt:
    """What stands before all that is written."""

    start: int
    languages: tuple[int, ...]
    """Tokens of which one says the language; none of a network that knows one only."""
    rest: tuple[int, ...]
    """What follows: to transcribe, without times."""
    end: int
    """The token that says that all is said."""


@dataclass(frozen=True)
class Token:
    """One that was written."""

    number: int
    odds: float
    """Its share of what was likely and allowed, 0 to 1."""
    start: int
    """Step of the encoder at which it begins."""
    end: int
    """And at which the next one does."""


class Decoder(nn.Module):
    """(n, L, d) states of the encoder to the tokens of each recording.

    Args:
        width: d.
        layers: of the transformer.
        heads: of its attentions.
        hidden: width inside its feed-forward parts.
        tokens: k.
        positions: tokens at most, the prompt included.
    """

    def __init__(self, width: int, layers: int, heads: int, hidden: int, tokens: int, positions: int) -> None:
        from transformers import WhisperConfig  # here: seconds, which what does not decode need not wait for
        from transformers.models.whisper.modeling_whisper import WhisperDecoder

        super().__init__()
        self.positions = positions
        settings: dict[str, Any] = {
            "d_model": width,
            "decoder_layers": layers,
            "decoder_attention_heads": heads,
            "decoder_ffn_dim": hidden,
            "vocab_size": tokens,
            "max_target_positions": positions,
            **dict.fromkeys(f"{of}_token_id" for of in ("pad", "bos", "eos")),
            "decoder_start_token_id": 0,  # it is asked with a prompt: nobody reads that
            "attn_implementation": "eager",  # which tells where it looks
        }
        self.inner: nn.Module = WhisperDecoder(WhisperConfig(**settings))

    @torch.no_grad()
    def said(self, states: Tensor, prompt: Prompt, allowed: Allowed) -> list[list[Token]]:
        """The tokens of each recording, without the prompt and the end."""
        from transformers.cache_utils import DynamicCache, EncoderDecoderCache

        past: Any = EncoderDecoderCache(DynamicCache(), DynamicCache())
        before = self._prompted(states, prompt, past)
        # what has been read of it is the first token, where the second one was asked for
        latest = before[:, 1:] if prompt.languages else before
        found: list[list[int]] = [[] for _ in range(len(states))]
        odds: list[list[float]] = [[] for _ in range(len(states))]
        going = set(range(len(states)))
        for _ in range(self.positions - before.shape[1] - 2):
            logits = self._next(latest, states, past)
            latest = latest.new_full((len(states), 1), prompt.end)
            for row in sorted(going):
                number, sure = _likeliest(logits[row], allowed(found[row]))
                latest[row], loop = number, looped([*found[row], number])
                if number == prompt.end or loop:
                    going.remove(row)
                    found[row] = unlooped([*found[row], number], loop) if loop else found[row]
                else:
                    found[row].append(number)
                    odds[row].append(sure)
            if not going:
                break
        rows = zip(states, before, found, odds, strict=True)
        return [self._timed(one, [*asked.tolist()], tokens, sure) for one, asked, tokens, sure in rows]

    def _timed(
        self, states: Tensor, before: Sequence[int], tokens: Sequence[int], odds: Sequence[float]
    ) -> list[Token]:
        """The tokens of one recording with their steps, by one more pass over all that was written."""
        if not tokens:
            return []
        inner: Any = self.inner
        written = torch.tensor([[*before, *tokens]], device=states.device)
        layers = inner(
            input_ids=written, encoder_hidden_states=states[None], use_cache=False, output_attentions=True
        ).cross_attentions
        upper = torch.cat([one[0] for one in layers[len(layers) // 2 :]])
        # what is read at a place says the next token; the last row says the end, and takes the rest
        steps = starts(upper[:, len(before) - 1 :].float().cpu().numpy()).tolist()
        begun = zip(tokens, odds, steps, steps[1:], strict=False)
        return [Token(number, sure, start, end) for number, sure, start, end in begun]

    def _prompted(self, states: Tensor, prompt: Prompt, past: Any) -> Tensor:
        """(n, ·) the prompt of each recording, in the likeliest language where there are several."""
        start = torch.full((len(states), 1), prompt.start, device=states.device)
        rest = start.new_tensor([prompt.rest]).expand(len(states), -1)
        if not prompt.languages:
            return torch.cat([start, rest], 1)
        known = start.new_tensor(prompt.languages)
        likeliest = self._next(start, states, past)[:, known].argmax(1, keepdim=True)
        return torch.cat([start, known[likeliest], rest], 1)

    def _next(self, latest: Tensor, states: Tensor, past: Any) -> Tensor:
        """(n, k) how likely each token is after the latest ones, as logits."""
        inner: Any = self.inner
        found = inner(
            input_ids=latest, encoder_hidden_states=states, past_key_values=past, use_cache=True
        ).last_hidden_state
        logits: Tensor = found[:, -1] @ inner.embed_tokens.weight.T
        return logits


def _likeliest(logits: Tensor, allowed: Tensor) -> tuple[int, float]:
    """The number of the likeliest of the allowed tokens, and its share of them."""
    odds = logits.float().masked_fill(~allowed.to(logits.device), -torch.inf).softmax(0)
    number = int(odds.argmax())
    return number, float(odds[number])


def looped(tokens: Sequence[int]) -> int:
    """Tokens of the loop that these end with; 0 where they end with none."""
    for size in range(1, LONGEST_LOOP + 1):
        rounds = max(3, -(-LOOPED // size))
        end = tokens[-size * rounds :]
        if len(end) == size * rounds and all(one == end[place % size] for place, one in enumerate(end)):
            return size
    return 0


def unlooped(tokens: Sequence[int], size: int) -> list[int]:
    """Without all rounds but the first of the loop of that size that they end with."""
    found = list(tokens)
    while len(found) >= 2 * size and found[-size:] == found[-2 * size : -size]:
        found = found[:-size]
    return found
