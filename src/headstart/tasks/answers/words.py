"""The words of a recording, letter by letter.

Notation: n recordings, L steps, d width, k letters.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from ...bases.networks.states import stepwise
from ...data.sound.fronts import columns
from ...data.sound.pace import pace
from ...data.sound.pieces import Piece, pieces
from ...data.sound.store import MelStore
from ...errors import DataError
from ...preprocessing.sound import HOP, RATE, WINDOW, SoundPreprocess
from ...targets import Targets, of_one_kind
from ...types import NO_MAPS, Architecture, Finding, FloatArray, IntArray, Maps, Source
from ..scores.words import aligned
from . import letters
from .base import Answer, Judged, words_of
from .dictation import FAMILY, Dictation
from .letters import Heard, Letters, Listener, Word
from .lexicon import known_words

if TYPE_CHECKING:
    from ...bases.base import Base
    from ...cache import Array, Cache
    from ...types import Examples
    from ..modalities.base import Inputs, Modality

WRONG = {"replace": "[{1}, not {0}]", "delete": "[{0} is missing]", "insert": "[{1} is too much]"}
"""How a wrong word is told."""
PIECE = 1000
"""Frames that are heard at once at least, before a recording is cut into pieces."""
OVERLAP = 2.0
"""Seconds that two pieces share."""
LEAST = 2 * WINDOW
"""Samples of a piece in which something can be heard."""
MISHEARD = 15
"""Words that a report tells."""


class Words(Answer):
    """The answer of `tasks/answers/base.py` for transcripts."""

    headed = "trained"
    probes = True
    together = False
    correction = "text"

    def __init__(self, decoder: Architecture | None = None) -> None:
        """`decoder` is what writes the words in the place of a head that learns letters."""
        self.head_architecture = decoder
        self.one_pass = decoder is None

    def targets(self, labels: Sequence[str]) -> Targets:
        """Transcripts as they are."""
        return of_one_kind(labels)

    def doubts(self, sources: Sequence[Source], labels: Sequence[str]) -> list[Finding]:
        """Transcripts that are too long or too short for what is heard."""
        return pace(sources, labels, letters.SECONDS, letters.needed)

    def learned(self, targets: Targets, rows: IntArray) -> Targets:
        """The letters of these rows, the space among them.

        Raises:
            DataError: there are none.
        """
        found = sorted(set("".join(targets.right[rows].tolist())))
        if not found:
            raise DataError("nothing to learn: no transcript has a letter", "check what the table says")
        return Targets(targets.right, targets.strata, targets.kinds, tuple(found))

    def unlearned(self, targets: Targets, sides: Mapping[str, IntArray]) -> list[Finding]:
        """Letters that no training transcript has, transcripts that are on both sides, and the lexicon."""
        trained = targets.right[sides["train"]].tolist()
        known, said, found = set("".join(trained)), set(trained), list[Finding]()
        if words := known_words(trained):
            message = f"all words come again and again, so that none but these {len(words)} can be heard"
            found.append(Finding("lexicon", message, words))
        for side in ("test", "validation"):
            texts = targets.right[sides[side]].tolist()
            new = tuple(sorted(set("".join(texts)) - known))
            if new:
                told = "".join(new)
                message = f"{len(new)} letters of the {side} transcripts are in no training one: {told}"
                found.append(Finding("unlearned", message, new))
            same = tuple(sorted({text for text in texts if text in said}))
            if same and side == "test":
                share = sum(text in said for text in texts) / len(texts)
                message = (
                    f"{share:.0%} of the test recordings say what a training recording says, word by word"
                )
                found.append(Finding("same_words", message, same))
        return found

    def wanted(self, targets: Targets, train: IntArray) -> Tensor:
        """(n, most) numbers of letters; of validation also those that training does not have."""
        return letters.numbered(targets.right.tolist(), targets.categories)

    def store(
        self, modality: Modality, examples: Examples, preprocess: SoundPreprocess, cache: Cache | None
    ) -> Inputs:
        """The recordings as a base takes them, under views that lose no word."""
        inputs = modality.store(examples.sources, preprocess, cache, examples.digests)
        return inputs.whole() if isinstance(inputs, MelStore) else inputs

    def framed(self, preprocess: SoundPreprocess) -> SoundPreprocess:
        """A recording alone: when something is heard in it is counted from its beginning."""
        return preprocess.within(0)

    def read_by(self, base: Base) -> Base:
        """As a network that gives its states."""
        return stepwise(base)

    def probed(
        self, features: Array, rows: IntArray, right: NDArray[np.object_]
    ) -> tuple[FloatArray, FloatArray]:
        """How often each letter is said, by the sum of all steps: what is said twice counts twice."""
        whole = [np.asarray(features[row], dtype=np.float64).sum(0) for row in rows.tolist()]
        texts = right.tolist()
        said = sorted(set("".join(texts)))
        return np.stack(whole), np.array([[float(text.count(one)) for one in said] for text in texts])

    def with_head(self, architecture: Architecture) -> Words:
        """What a decoder writes in the place of letters.

        Raises:
            SettingsError: it is another head.
        """
        return Words(architecture) if architecture.family == FAMILY else super().with_head(architecture)

    def head(self, width: int, categories: Sequence[str], maps: Maps = NO_MAPS) -> nn.Module:
        """(n, L, d) to (n, S, k + 1); of a decoder to (n, S)."""
        decoder = self.head_architecture
        return Letters(width, categories, maps.layers) if decoder is None else Dictation(**decoder.args)

    def begun(self, head: nn.Module, right: NDArray[np.object_]) -> None:
        """How what is said is written."""
        _listener(head).begun(right.tolist())

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) nats of a letter."""
        return letters.loss(outputs, targets)

    def answers(self, model: nn.Module, inputs: Tensor, preprocess: SoundPreprocess) -> NDArray[np.object_]:
        """(n,) transcripts."""
        return _listener(model).heard(model(inputs).float().cpu().numpy())

    def whole(
        self, model: nn.Module, inputs: Tensor, preprocess: SoundPreprocess, sources: Sequence[Source]
    ) -> NDArray[np.object_]:
        """The same; what is longer than anything that was learned from is heard piece by piece."""
        found = self.answers(model, inputs, preprocess)
        size = preprocess.window if _listener(model).whole_window else max(preprocess.size, PIECE)
        most = min(preprocess.window, size)
        for place in np.flatnonzero((inputs != 0).any(1).sum(1).cpu().numpy() >= most).tolist():
            found[place] = self._long(model, preprocess, sources[place], most * HOP / RATE)
        return found

    def _long(self, model: nn.Module, preprocess: SoundPreprocess, source: Source, seconds: float) -> str:
        """A word that is in two pieces is taken from that in which it is farther from the edge."""
        # what hears a whole window is given pieces that end in quiet places
        overlap = 0.0 if _listener(model).whole_window else min(OVERLAP, seconds / 4)
        words = list[Word]()
        for piece, heard in self._pieces(model, preprocess, source, seconds, overlap):
            low = -np.inf if piece.first else piece.start + overlap / 2
            high = np.inf if piece.last else piece.start + seconds - overlap / 2
            words += [
                later for word in heard.words if low <= (later := word.after(piece.start)).middle < high
            ]
        return Heard(words)

    def _pieces(
        self, model: nn.Module, preprocess: SoundPreprocess, source: Source, seconds: float, overlap: float
    ) -> Iterator[tuple[Piece, Any]]:
        """Each piece of a recording in which there is something, and what is heard in it."""
        for piece in pieces(source, seconds, overlap):
            if len(piece.samples) < LEAST or not np.ptp(piece.samples):
                continue
            levels = columns(torch.from_numpy(piece.samples), preprocess)[None, :, : preprocess.window]
            yield piece, *self.answers(model, levels.half().float(), preprocess)

    def decode(
        self, outputs: NDArray[np.object_], categories: Sequence[str], sources: Sequence[Source] = ()
    ) -> list[dict[str, object]]:
        """The transcript of each recording, and its words: when, and how sure its letters or tokens are."""
        return [{"transcription": str(one), "words": _told(one)} for one in outputs]

    def cell(self, right: object, categories: Sequence[str]) -> str:
        """The words."""
        return words_of(right)

    def compared(self, modality: Modality, judged: Judged, side: int) -> dict[str, str]:
        """What was said, and what was heard with the errors marked."""
        edits = aligned(str(judged.right).split(), str(judged.given).split())
        marked = " ".join(one if how == "equal" else WRONG[how].format(one, said) for how, one, said in edits)
        return {
            **modality.shown(judged.source, side),
            "label": str(judged.right),
            "predicted": marked or "(nothing)",
        }

    def evidence(self, right: NDArray[np.object_], given: NDArray[np.object_]) -> dict[str, object]:
        """The words that were misheard most often."""
        edits = (aligned(str(one).split(), str(said).split()) for one, said in zip(right, given, strict=True))
        counts = Counter((one, said) for some in edits for how, one, said in some if how != "equal")
        most = sorted(counts.items(), key=lambda item: (-item[1], item[0]))[:MISHEARD]
        return {"misheard": [{"said": one, "heard": said, "times": times} for (one, said), times in most]}


def _listener(model: nn.Module) -> Listener:
    """The head of a whole model, or of its exported graph."""
    return next(part for part in model.modules() if isinstance(part, Listener))


def _told(answer: str) -> list[dict[str, object]]:
    if not isinstance(answer, Heard):
        unknown = dict.fromkeys(("start", "end", "confidence"))
        return [{"word": word, **unknown} for word in answer.split()]
    return [
        {"word": word.text, "start": word.start, "end": word.end, "confidence": word.confidence}
        for word in answer.words
    ]
