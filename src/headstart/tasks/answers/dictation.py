"""What a decoder writes of a base's states, in the place of a head that learns letters.

Nothing of it is trained. From the transcripts that may be learned from come the ways in which words may be
written: without case and punctuation where they are, numbers as words where they have no digits, and no words
but theirs where new ones are not to be expected (`lexicon.py`).

Notation: n recordings, L steps, d width, k tokens, S tokens of the longest transcript, F facts of a token.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from tokenizers import Tokenizer
from torch import Tensor

from ...bases.networks.decoder import Allowed, Decoder, Prompt
from ...data.sound.spoken import spoken
from ...preprocessing.sound import HOP, RATE, STEP
from .letters import Heard, Listener, Word
from .lexicon import known_words

FAMILY = "dictation"
"""Of its architecture."""
ENDED = -1
"""In the place of a token: all is said."""
SECONDS = STEP * HOP / RATE
"""Of a step."""
FACTS = ("number", "start", "end", "odds")
"""Of a token."""
SPACE = "\u0120"
"""How a tokenizer of bytes writes the space before a word."""


class Dictation(Listener):
    """(n, L, d) states of a whole window to (n, S, F) facts of tokens, `ENDED` after their ends.

    Args:
        never: tokens that are not written.
        never_first: tokens that do not come first.
        start, languages, rest, end: of the prompt.
        sizes: of the network.
    """

    whole_window = True

    def __init__(
        self,
        *,
        start: int,
        languages: Sequence[int],
        rest: Sequence[int],
        end: int,
        never: Sequence[int],
        never_first: Sequence[int],
        **sizes: int,
    ) -> None:
        super().__init__()
        self.decoder = Decoder(**sizes)
        self.prompt = Prompt(start, tuple(languages), tuple(rest), end)
        self.never, self.never_first, self.tokens = tuple(never), tuple(never_first), sizes["tokens"]
        self.tokenizer = ""
        """As JSON."""
        self.words: tuple[str, ...] = ()
        """Those that can be written, where new ones are not to be expected."""
        self.spoken, self.digits = True, False
        """Without case and punctuation; with numbers as digits."""
        self._reader: Tokenizer | None = None
        self._may: Allowed | None = None

    def get_extra_state(self) -> Tensor:
        """What is no weight, as bytes."""
        kept = {name: getattr(self, name) for name in ("tokenizer", "words", "spoken", "digits")}
        return torch.frombuffer(bytearray(json.dumps(kept).encode()), dtype=torch.uint8)

    def set_extra_state(self, state: Tensor) -> None:
        """From such bytes."""
        kept: dict[str, Any] = json.loads(state.cpu().numpy().tobytes())
        self.tokenizer, self.words = str(kept["tokenizer"]), tuple(kept["words"])
        self.spoken, self.digits = bool(kept["spoken"]), bool(kept["digits"])
        self._reader = self._may = None

    def load(self, weights: dict[str, Tensor], tokenizer: str) -> None:
        """What came with the base."""
        self.decoder.inner.load_state_dict(weights)
        self.tokenizer, self._reader, self._may = tokenizer, None, None

    def begun(self, texts: Sequence[str]) -> None:
        """As these transcripts are written."""
        self.words = known_words(texts)
        self.spoken = all(spoken(text) == text for text in texts)
        self.digits = any(letter.isdigit() for text in texts for letter in text)
        self._may = None

    def forward(self, states: Tensor) -> Tensor:
        """Greedily."""
        if self._may is None:
            self._may = self._allowed()
        found = self.decoder.said(states, self.prompt, self._may)
        rows = torch.full((len(found), max(1, *map(len, found)), len(FACTS)), float(ENDED))
        for row, tokens in zip(rows, found, strict=True):
            facts = [[getattr(token, fact) for fact in FACTS] for token in tokens]
            row[: len(tokens)] = row.new_tensor(facts).reshape(-1, len(FACTS))
        return rows.to(states.device)

    def heard(self, outputs: NDArray[np.floating]) -> NDArray[np.object_]:
        """(n,) transcripts, which know when their words were said."""
        found = np.empty(len(outputs), dtype=object)
        for place, row in enumerate(outputs):
            found[place] = Heard(self._words(row[row[:, 0] != ENDED]))
        return found

    def _words(self, facts: NDArray[np.floating]) -> list[Word]:
        """Of (S, F) facts of the tokens of one recording; a word begins with a space."""
        reader, numbers = self._reads(), facts[:, 0].astype(int).tolist()
        begins = [(reader.id_to_token(number) or "").startswith(SPACE) for number in numbers]
        found = list[Word]()
        for place in np.split(np.arange(len(numbers)), np.flatnonzero(begins[1:]) + 1) if numbers else ():
            text = reader.decode([numbers[one] for one in place])
            start, end = facts[place[0], 1] * SECONDS, facts[place[-1], 2] * SECONDS
            sure = round(float(facts[place, 3].mean()), 3)
            said = (spoken(text) if self.spoken else text).split()
            found += [Word(one, round(float(start), 2), round(float(end), 2), sure) for one in said]
        return found

    def _reads(self) -> Tokenizer:
        if self._reader is None:
            self._reader = Tokenizer.from_str(self.tokenizer)
        return self._reader

    def _allowed(self) -> Allowed:
        if self.words:
            return KnownWords(self._reads(), self._written(), self.prompt.end, self.tokens).after
        texts = self._reads().decode_batch([[number] for number in range(self.prompt.end)])
        may = torch.zeros(self.tokens, dtype=torch.bool)
        may[: self.prompt.end + 1] = True  # what comes after it says how, not what
        may[list(self.never)] = False
        if not self.digits:
            may[: len(texts)] &= torch.tensor([not any(map(str.isdigit, text)) for text in texts])
        first = may.clone()
        first[[*self.never_first, self.prompt.end]] = False
        return lambda said: may if said else first

    def _written(self) -> list[str]:
        """The known words, each also with a capital letter where that is no other word."""
        return [*self.words, *(word.capitalize() for word in self.words if self.spoken)]


class KnownWords:
    """Which tokens may follow where no other words can be written."""

    def __init__(self, reader: Tokenizer, words: Sequence[str], end: int, tokens: int) -> None:
        self.end, self.tokens = end, tokens
        self.beginnings: dict[int, Any] = {}
        for word in words:
            node = self.beginnings
            for number in reader.encode(f" {word}", add_special_tokens=False).ids:
                node = node.setdefault(number, {})
            node[ENDED] = {}

    def after(self, said: Sequence[int]) -> Tensor:
        """(k,) True for what goes on with a word; where one is whole, also for another one and the end."""
        node = self.beginnings
        for number in said:
            node = (node if number in node else self.beginnings)[number]
        may = {*node, *((*self.beginnings, self.end) if ENDED in node else ())} - {ENDED}
        found = torch.zeros(self.tokens, dtype=torch.bool)
        found[list(may)] = True
        return found
