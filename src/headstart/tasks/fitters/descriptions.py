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
from ...preprocessing.items.contents import Float32, Reader, Whitening
from ...preprocessing.ratings import RatingsPreprocess, Texts
from ...preprocessing.text import TextPreprocess
from ...types import FloatArray
from ..solvers.directions import principal

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
    features = _features(found, list(known.texts.values()), passes)
    reader = Reader(found.name, found.identity, known.columns, whitening(features))
    texts = Texts(reader, tuple(known.texts), reader.whitening(features))
    sha256 = key_of(base=base.card.sha256, texts=found.identity)
    return replace(base, card=replace(base.card, sha256=sha256), preprocess=replace(how, texts=texts))


def read_by(reader: Reader, texts: Sequence[str], passes: FrozenPass) -> Float32:
    """(n, e) what the base that read the texts of a bundle's items says of others.

    Raises:
        BaseError: it is not at hand, or another base is called so by now.
    """
    found = load_base(reader.base, _MODALITY)
    if found.identity != reader.identity:
        raise BaseError(
            f"`{reader.base}` is another base than the one that read the texts of this bundle's items",
            "get that version again, or leave texts out: --set describe=none",
        )
    return reader.whitening(_features(found, texts, passes))


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


def _features(base: Base, texts: Sequence[str], passes: FrozenPass) -> Array:
    """(s, d)."""
    how, sources = base.preprocess, [encoded(text) for text in texts]
    assert isinstance(how, TextPreprocess)
    how, digests = fitted(how, sources), tuple(map(digest, sources))
    base = base.prepared(how)
    subject = Subject(TokenStore(sources, how, passes.cache, digests), digests, how)
    rows = passes(Wanted(base.network(), base.identity, subject, (FEATURES,)), np.arange(len(sources)))
    return means_of_steps(rows[FEATURES].mapped())


def whitening(features: Array) -> Whitening:
    """The leading directions of (s, d) features."""
    rows = np.asarray(features, dtype=np.float64)
    center: FloatArray = rows.mean(0)
    centred = rows - center
    if not centred.any():
        return Whitening(center.astype(np.float32), np.zeros((len(center), 1), np.float32))
    along, squares = principal(centred)
    leading = np.argsort(-squares, kind="stable")[: max(1, min(KEPT, int(SHARE * len(centred))))]
    axes = centred.T @ along[:, leading] / squares[leading] ** 1.5
    return Whitening(center.astype(np.float32), axes.astype(np.float32))
