"""Items that came after a bundle's run: what is said of them tells a recommender of them.

Nothing is learned anew. What the run learned from what is said of items (`contents.py`), is learned once more
from what the bundle keeps of that, and told of the new ones; what is known of the others stays as it is.

Notation: m items that could be recommended, k that came, M items in all, d factors.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from functools import cached_property, singledispatch

import numpy as np
import torch
from scipy import sparse
from torch import Tensor, nn

from ...bases.networks.recommenders import Factors, FoldIn, Neighbours, Popular, Profile
from ...bases.passes.frozen import FrozenPass
from ...data.ratings.histories import Catalogue
from ...data.ratings.items import everything_said
from ...data.ratings.options import DESCRIBE, ITEMS, NO_BASE
from ...data.ratings.words import numbered
from ...errors import SettingsError
from ...options import Given
from ...preprocessing.items.contents import Float32, Said
from ...preprocessing.ratings import RatingsPreprocess
from .contents import Contents, contents_of, profiles, words_of
from .descriptions import read_by
from .solved import described, expected


@dataclass(frozen=True)
class _Arrivals:
    """What is said of the m + k items, and where all are now."""

    words: sparse.csr_matrix
    """(m + k, f) 1 for each word."""
    texts: Float32
    """(m + k, e)."""
    before: int
    """m."""
    moved: Tensor
    """(M,) the number that each item has now."""

    @property
    def count(self) -> int:
        """How many came, k."""
        return int(self.words.shape[0]) - self.before

    def contents(self, taken: Tensor) -> Contents:
        """What is said of items, of which (m + k,) say how often each was taken: one for parts alike."""
        key = (taken > 0).numpy().tobytes()
        if key not in self._said:
            self._said[key] = contents_of(self.words, self.texts, taken.numpy())
        return self._said[key]

    @cached_property
    def _said(self) -> dict[bytes, Contents]:
        return {}


def arrived(
    network: nn.Module, preprocess: RatingsPreprocess, given: Given, begin: Callable[[], FrozenPass]
) -> tuple[nn.Module, RatingsPreprocess]:
    """A network that recommends the items of a table, too, and the numbers that all have there.

    Raises:
        SettingsError: the bundle has learned nothing of what is said of items.
        DataError: there is no such table.
        BaseError: what read the texts of the bundle's items is not at hand.
    """
    named, said = ITEMS.of(given), preprocess.said
    if not named:
        return network, preprocess
    if said is None:
        raise SettingsError(
            "this bundle has learned nothing of what is said of items",
            "run again with --set items=TABLE, or leave it out here",
        )
    columns = said.reader.columns if said.reader and DESCRIBE.of(given) != NO_BASE else ()
    found, passes = everything_said(named, columns), begin()
    new = _readable(found, preprocess, passes.runtime.reporter.note)
    if not new:
        return network, preprocess
    how, moved = preprocess.with_items(new)
    about = _about(said, found, new, passes)
    more = _Arrivals(*about, preprocess.size, torch.from_numpy(moved))
    network = deepcopy(network)
    for part in reversed(list(network.modules())):  # parts before what is made of them
        _grow(part, more)
    return network, how


def _readable(found: Catalogue, how: RatingsPreprocess, note: Callable[[str], None]) -> list[str]:
    """The items that are new, and of which something is said that the bundle has learned to read."""
    assert how.said is not None
    known, vocabulary = set(how.items[: how.size]), set(how.said.vocabulary)
    new = [item for item in found.words if item not in known]
    told = [item for item in new if item in found.texts or not vocabulary.isdisjoint(found.words[item])]
    silent = len(new) - len(told)
    if silent:
        note(
            f"{silent} of {len(new)} new items are left out: nothing that the bundle can read is said of them"
        )
    return told


def _about(
    said: Said, found: Catalogue, new: Sequence[str], passes: FrozenPass
) -> tuple[sparse.csr_matrix, Float32]:
    """(m + k, f) words and (m + k, e) texts."""
    ends, words = numbered(found.words, new, said.vocabulary)
    texts = np.zeros((len(new), said.texts.shape[1]), np.float32)
    wordy = [place for place, item in enumerate(new) if item in found.texts]
    if wordy and said.reader:
        texts[wordy] = read_by(said.reader, [found.texts[new[place]] for place in wordy], passes)
    own = words_of(replace(said, ends=ends, words=words))
    return sparse.vstack([words_of(said), own], format="csr"), np.concatenate([said.texts, texts])


@singledispatch
def _grow(part: nn.Module, more: _Arrivals) -> None:
    """A part of the network takes the new items up; what is made of parts does nothing itself."""


@_grow.register
def _(part: Popular, more: _Arrivals) -> None:
    """Nobody took them."""
    part.popularity = _longer(part.popularity, more.count, -torch.inf)


@_grow.register
def _(part: Neighbours, more: _Arrivals) -> None:
    """They were taken together with nothing."""
    part.near, part.alike, part.popularity = (
        _longer(own, more.count) for own in (part.near, part.alike, part.popularity)
    )


@_grow.register
def _(part: Profile, more: _Arrivals) -> None:
    """They are described."""
    rows = profiles(more.words)
    if rows.shape[1] != part.words.shape[1]:  # texts are heeded
        rows = profiles(more.words, more.texts)
    part.words = torch.cat([part.words, torch.from_numpy(rows[more.before :])])
    part.popularity = _longer(part.popularity, more.count)


@_grow.register
def _(part: Factors, more: _Arrivals) -> None:
    """They have the factors of what is said of them, and are expected to be taken as often as such are."""
    new = np.arange(more.before + more.count) >= more.before
    taken = _longer(part.popularity, more.count).clamp_min(0)
    contents = more.contents(taken)
    write, unknown = described(contents, _longer(part.write, more.count).numpy(), new)
    part.write = torch.from_numpy(write)
    part.unknown = _longer(part.unknown, more.count) | torch.from_numpy(unknown)
    told = torch.from_numpy(expected(contents, taken.numpy()))
    part.popularity = torch.cat([part.popularity, told[more.before :]])
    own = part.fold.factors[1 + more.before : 1 + more.before + more.count]
    own[:] = torch.where(own.any(1, keepdim=True), own, part.write[more.before :])


@_grow.register
def _(part: FoldIn, more: _Arrivals) -> None:
    """All have other numbers; of the new ones nothing is known, unless the source knows it."""
    rows = len(part.factors) - 1
    moved = more.moved[:rows]
    size = max(more.before + more.count, int(moved.max()) + 1)
    factors = part.factors.new_zeros(size + 1, part.factors.shape[1])
    factors[1 + moved] = part.factors[1:]
    part.factors = factors


def _longer(rows: Tensor, count: int, value: float = 0) -> Tensor:
    """With so many rows more."""
    return torch.cat([rows, rows.new_full((count, *rows.shape[1:]), value)])
