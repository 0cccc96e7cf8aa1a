"""Networks that recommend: what is known of users in, the best items of each that they do not have out.

Notation: n users, L items that are known of one, m items that can be recommended, M items in all, d factors,
K items in an answer.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

LENGTH = 20
"""K."""
IDS, DOMAIN = 0, 1
"""Planes of the inputs: numbers of items from 1 on, 0 where there is none; 1 where of the source."""
POPULAR, TARGET, SOURCE, DESCRIBED = 0, 1, 2, 3
"""What an answer is made of: what everybody takes, what the user took, what they took in the source, or what
is said of the items that they took, where nobody took these before."""


class Recommender(nn.Module):
    """(n, 2, L) -> (n, K + 1, 4): first what it is made of and 0, then the items and their scores.

    Beside them are the best of the items that nobody took yet, and their scores. An item that is not there,
    because everything else is known already, is -1.
    """

    popularity: Tensor
    """(m,) how often each item was taken; nobody took what has 0 or less."""

    def forward(self, inputs: Tensor) -> Tensor:
        ids, source = inputs[:, IDS].long(), inputs[:, DOMAIN] > 0
        scores, basis = self.scored(ids, source)
        row, place = torch.where((ids > 0) & (ids <= scores.shape[1]))
        scores[row, ids[row, place] - 1] = -torch.inf
        lists = torch.cat([_best(scores), _best(scores.masked_fill(self.counts() > 0, -torch.inf))], -1)
        basis = torch.where((basis == TARGET) & self._all_new(ids, source), DESCRIBED, basis)
        head = nn.functional.pad(basis.double()[:, None, None], (0, 3))
        return torch.cat([head, lists], 1)

    def counts(self) -> Tensor:
        """(m,) how often each item was taken."""
        return self.popularity

    def _all_new(self, ids: Tensor, source: Tensor) -> Tensor:
        """(n,) did nobody take the user's items before?"""
        counts = self.counts()
        own = (ids > 0) & (ids <= len(counts)) & ~source
        return ~(own & (counts[(ids - 1).clamp(0, len(counts) - 1)] > 0)).any(1)

    def scored(self, ids: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        """New (n, m) scores, and (n,) what they are made of; -inf where nothing is known of an item."""
        raise NotImplementedError

    def asked_of(self, ids: Tensor, source: Tensor) -> Recommender:
        """The one that answers for a user of whom (1, L) is known."""
        return self


def _best(scores: Tensor) -> Tensor:
    """(n, K, 2) the items of the highest scores, and these."""
    best = scores.topk(min(LENGTH, scores.shape[1]), 1)
    items = torch.where(torch.isfinite(best.values), best.indices, -1)
    found = torch.stack([items.double(), best.values.double()], -1)
    return nn.functional.pad(found, (0, 0, 0, LENGTH - found.shape[1]), value=-1.0)


class Popular(Recommender):
    """The same for everybody."""

    def __init__(self, items: int) -> None:
        super().__init__()
        self.register_buffer("popularity", torch.zeros(items))

    def scored(self, ids: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        return self.popularity.repeat(len(ids), 1), torch.full((len(ids),), POPULAR)


class Neighbours(Recommender):
    """Items like those that the user took: (m, k) numbers of neighbours from 1 on, and how like they are."""

    def __init__(self, items: int, neighbours: int) -> None:
        super().__init__()
        self.register_buffer("near", torch.zeros(items + 1, neighbours, dtype=torch.int32))
        self.register_buffer("alike", torch.zeros(items + 1, neighbours))
        self.register_buffer("popularity", torch.zeros(items))
        self.near: Tensor
        self.alike: Tensor

    def scored(self, ids: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        own = torch.where(source | (ids >= len(self.near)), 0, ids)
        near, alike = self.near[own].long().flatten(1), self.alike[own].flatten(1)
        scores = torch.zeros(len(ids), len(self.near)).scatter_add(1, near, alike)[:, 1:]
        return _or_popular(scores, self.popularity, (own > 0).any(1), TARGET)


class Profile(Recommender):
    """Items whose words are those of what the user took: the cosine of (m, f) words and the sum of theirs.

    Of items that are alike those go first that more users took.
    """

    def __init__(self, items: int, words: int) -> None:
        super().__init__()
        self.register_buffer("words", torch.zeros(items + 1, words))
        self.register_buffer("popularity", torch.zeros(items))
        self.words: Tensor

    def scored(self, ids: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        own = torch.where(source | (ids >= len(self.words)), 0, ids)
        user = nn.functional.normalize(self.words[own].sum(1), dim=1)
        told = self.words[1:].abs().sum(1) > 0
        nearly = 1e-4 * self.popularity / self.popularity.max().clamp_min(1)
        scores = (user @ self.words[1:].T + nearly).masked_fill(~told, -torch.inf)
        return _or_popular(scores, self.popularity, user.abs().sum(1) > 0, TARGET)


class FoldIn(nn.Module):
    """(n, L) items that users took -> (n, d) factors of the users: the exact solution of a ridge regression.

    (sum of w v v' + G + r I) u = sum of w v + r p, with v the factors of the items that the user took, w how
    much they count, G what all items that the user did not take say, and p what the user is pulled to.
    (Y. Hu, Y. Koren & C. Volinsky, "Collaborative filtering for implicit feedback datasets", ICDM 2008.)
    """

    def __init__(self, items: int, width: int) -> None:
        super().__init__()
        self.register_buffer("factors", torch.zeros(items + 1, width))
        self.register_buffer("all", torch.zeros(width, width))
        self.register_buffer("heed", torch.zeros(2))
        self.register_buffer("penalty", torch.ones(2))
        self.register_buffer("lone", torch.zeros(1, dtype=torch.bool))
        self.factors: Tensor
        self.all: Tensor
        """G."""
        self.heed: Tensor
        """(2,) w of items of the target, and of the source."""
        self.penalty: Tensor
        """(2,) r is the first for each unit of w, plus the second."""
        self.lone: Tensor
        """Of users of whom nothing is heeded, are items of the target read after all?"""

    def forward(self, ids: Tensor, source: Tensor, pulled: Tensor | None = None) -> tuple[Tensor, Tensor]:
        """The factors, and (n,) of how many items they are made."""
        weight = torch.where(source, self.heed[1], self.heed[0]) * (ids > 0)
        own = (ids > 0) & ~source & self.lone
        weight = torch.where(weight.any(1, keepdim=True), weight, own.float())
        weight = torch.where(ids < len(self.factors), weight, 0)
        there = self.factors.any(1)  # of an item without factors nothing is known
        weight = torch.where(there[torch.where(weight > 0, ids, 0)], weight, 0)
        taken = self.factors[torch.where(weight > 0, ids, 0)]
        weighted = taken * weight[..., None]
        strength = self.penalty[0] * weight.sum(1) + self.penalty[1]
        eye = torch.eye(taken.shape[2])
        left = weighted.transpose(1, 2) @ taken + self.all + strength[:, None, None] * eye
        right = weighted.sum(1)
        if pulled is not None:
            right = right + strength[:, None] * pulled
        return torch.linalg.solve(left, right), (weight > 0).sum(1)


class Factors(Recommender):
    """Factors of what a user took, times the factors of all items; where nothing is known what is popular."""

    def __init__(self, items: int, read: int, width: int) -> None:
        super().__init__()
        self.fold = FoldIn(read, width)
        self.register_buffer("write", torch.zeros(items, width))
        self.register_buffer("popularity", torch.zeros(items))
        self.register_buffer("unknown", torch.zeros(items, dtype=torch.bool))
        self.write: Tensor
        self.unknown: Tensor
        """(m,) items that nobody took and of which nothing else is known."""

    def scored(self, ids: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        user, count = self.fold(ids, source)
        return self.told(user, count > 0, _basis(ids, source, self.fold))

    def told(self, user: Tensor, known: Tensor, basis: Tensor) -> tuple[Tensor, Tensor]:
        """The scores for factors of users."""
        scores = user @ self.write.T
        scores[:, self.unknown] = -torch.inf
        return _or_popular(scores, self.popularity, known, basis)


class Mapped(Recommender):
    """Factors of what a user took in the source, mapped to the target; what they took there pulls."""

    def __init__(self, items: int, read: int, before: int, width: int) -> None:
        super().__init__()
        self.before = FoldIn(read, before)
        self.register_buffer("matrix", torch.zeros(before, width))
        self.after = Factors(items, read, width)
        self.matrix: Tensor

    def scored(self, ids: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        user, count = self.before(ids, source)
        mapped = (user @ self.matrix) * (count > 0)[:, None]
        folded, own = self.after.fold(ids, source, mapped)
        user = torch.where((own > 0)[:, None], folded, mapped)
        basis = torch.where(own > 0, TARGET, SOURCE)
        return self.after.told(user, (own > 0) | (count > 0), basis)

    def counts(self) -> Tensor:
        return self.after.popularity


class Blend(Recommender):
    """What several recommenders say together: the mean of their scores, standardised over each user's items.

    Scores of different recommenders are not of one scale. Their errors are not the same ones, so that the
    mean is seldom much worse than the best of them.
    """

    def __init__(self, parts: dict[str, Recommender]) -> None:
        super().__init__()
        self.parts = nn.ModuleDict(parts)

    def scored(self, ids: Tensor, source: Tensor) -> tuple[Tensor, Tensor]:
        each = [part.scored(ids, source) for part in self.parts.values()]  # type: ignore[operator]
        scores = torch.stack([_standardised(own) for own, _ in each]).mean(0)
        return scores, torch.stack([basis for _, basis in each]).amax(0)

    def counts(self) -> Tensor:
        first = next(iter(self.parts.values()))
        assert isinstance(first, Recommender)
        return first.counts()


class Mixed(Recommender):
    """Of each user what the recommender for users of their kind says.

    Args:
        parts: by name a recommender.
        kinds: the names of those for users of whom enough is known, little, and nothing.
        few: items of the target from which on it is enough.
    """

    def __init__(self, parts: dict[str, Recommender], kinds: tuple[str, ...], few: int) -> None:
        super().__init__()
        self.parts = nn.ModuleDict(parts)
        self.kinds, self.few = kinds, few

    def asked_of(self, ids: Tensor, source: Tensor) -> Recommender:
        part = self.parts[self.kinds[int(self.kind(ids, source)[0])]]
        assert isinstance(part, Recommender)
        return part

    def kind(self, ids: Tensor, source: Tensor) -> Tensor:
        """(n,) the number of each user's kind."""
        own = ((ids > 0) & ~source).sum(1)
        return torch.where(own == 0, 2, torch.where(own < self.few, 1, 0))

    def forward(self, inputs: Tensor) -> Tensor:
        kind = self.kind(inputs[:, IDS], inputs[:, DOMAIN] > 0)
        found = torch.zeros(len(inputs), LENGTH + 1, 4, dtype=torch.double)
        for number, name in enumerate(self.kinds):
            rows = kind == number
            if rows.any():
                found[rows] = self.parts[name](inputs[rows])
        return found


def _basis(ids: Tensor, source: Tensor, fold: FoldIn) -> Tensor:
    """What the factors are made of: the target where there is anything of it."""
    known = ids > 0
    own = (known & ~source).any(1) & ((fold.heed[0] > 0) | ~(known & source).any(1))
    return torch.where(own, TARGET, SOURCE)


def _standardised(scores: Tensor) -> Tensor:
    """(n, m) scores with mean 0 and deviation 1 over the items of which something is known."""
    there = torch.isfinite(scores)
    count = there.sum(1, keepdim=True).clamp_min(1)
    centred = scores - torch.where(there, scores, 0).sum(1, keepdim=True) / count
    spread = (torch.where(there, centred, 0) ** 2).sum(1, keepdim=True) / count
    return centred / spread.sqrt().clamp_min(1e-12)


def _or_popular(
    scores: Tensor, popularity: Tensor, known: Tensor, basis: Tensor | int
) -> tuple[Tensor, Tensor]:
    scores[~known] = popularity
    return scores, torch.where(known, basis, POPULAR)
