"""What items are called and described as, read by a text base: one frozen pass over them, whitened.

Features of a language model lie in a narrow cone, and a few directions hold most of what they vary in;
whitened, all that are kept count alike, and cosines tell texts apart (J. Su et al., "Whitening sentence
representations for better semantics and faster retrieval", arXiv:2103.15316, 2021).

Notation: s items with a text, d features of the base, e directions that are kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from ...bases import best, load_base
from ...bases.base import FEATURES, Base
from ...bases.networks.frames import means_of_steps
from ...bases.passes.frozen import FrozenPass, Subject, Wanted
from ...cache import Array, key_of
from ...data.items import digest
from ...data.ratings.histories import Catalogue
from ...data.ratings.options import AUTO
from ...data.strings import encoded
from ...data.texts.store import TokenStore, fitted
from ...errors import BaseError
from ...preprocessing.ratings import RatingsPreprocess, Texts
from ...preprocessing.text import TextPreprocess
from ..solvers.directions import principal
from .taken import Float32

KEPT, SHARE = 64, 0.1
"""e, at most, and for each text: as many directions as texts would make each as unlike all others."""
MOST = 20_000
"""Texts that are read where nobody named a base: more take long."""
_MODALITY = "text"


def with_texts(base: Base, known: Catalogue, passes: FrozenPass) -> Base:
    """The base of a fitter that knows what the texts of items say, if there are some that a base can read."""
    how, found = base.preprocess, _reader(known, passes)
    if found is None or not isinstance(how, RatingsPreprocess):
        return base
    rows = whitened(_features(found, [encoded(text) for text in known.texts.values()], passes))
    texts = Texts(found.name, tuple(known.texts), rows)
    sha256 = key_of(base=base.card.sha256, texts=found.identity)
    return replace(base, card=replace(base.card, sha256=sha256), preprocess=replace(how, texts=texts))


def _reader(known: Catalogue, passes: FrozenPass) -> Base | None:
    """The base that reads the texts; None, and why, where nobody named one and there is none for so many."""
    if not known.texts:
        return None
    note = passes.runtime.reporter.note
    if known.base != AUTO:
        return load_base(known.base, _MODALITY)
    if len(known.texts) > MOST:
        note(f"the texts of {len(known.texts)} items are not read, so many take long: --set describe=BASE")
        return None
    try:
        name = best(_MODALITY)
    except BaseError as error:
        note(f"the texts of items are not read: {error.message}; {error.hint}")
        return None
    note(f"the texts of {len(known.texts)} items are read by {name} (--set describe=none leaves them out)")
    return load_base(name, _MODALITY)


def _features(base: Base, sources: Sequence[bytes], passes: FrozenPass) -> Array:
    """(s, d)."""
    how = base.preprocess
    assert isinstance(how, TextPreprocess)
    how, digests = fitted(how, sources), tuple(map(digest, sources))
    base = base.prepared(how)
    subject = Subject(TokenStore(sources, how, passes.cache, digests), digests, how)
    rows = passes(Wanted(base.network(), base.identity, subject, (FEATURES,)), np.arange(len(sources)))
    return means_of_steps(rows[FEATURES].mapped())


def whitened(features: Array) -> Float32:
    """(s, d) to (s, e): the leading directions with one variance, each row of length 1, or 0."""
    centred = np.asarray(features, dtype=np.float64) - np.mean(features, 0, dtype=np.float64)
    if not centred.any():
        return np.zeros((len(centred), 1), np.float32)
    along, squares = principal(centred)
    leading = np.argsort(-squares, kind="stable")[: max(1, min(KEPT, int(SHARE * len(centred))))]
    rows = along[:, leading] / np.sqrt(squares[leading])
    length = np.linalg.norm(rows, axis=1, keepdims=True)
    return np.asarray(rows / np.where(length > 0, length, 1), dtype=np.float32)
