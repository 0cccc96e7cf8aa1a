"""Recommenders of factors: alone, and with a source in several ways.

    scratch     factors of the target alone
    warm_init   they begin at the factors of the source
    frozen      users (where they are shared, else items) keep the factors of the source
    finetune    factors of both together, the source with a smaller weight: collective factorisation
    mapping     factors of the target alone, users begin at what a ridge regression makes of the source's
    blend       what `frozen`, `finetune` and `mapping` say together

Collective: A. P. Singh & G. J. Gordon, "Relational learning via collective matrix factorization", KDD 2008.
Mapping: T. Man et al., "Cross-domain recommendation: an embedding and mapping approach", IJCAI 2017; ours
is linear, and goes on from there for users of whom the target knows something.

Notation: n users, m items that can be recommended, M items in all, d factors.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

import numpy as np
import torch
from threadpoolctl import threadpool_limits
from torch import Tensor, nn

from ...bases import build
from ...bases.base import Base
from ...bases.factors import BLEND, FAMILY, MIXED, begun, learned
from ...bases.networks.recommenders import Blend, Mapped, Recommender
from ...bases.passes.frozen import FrozenPass
from ...data.ratings.histories import FEW, History, catalogue_of, decoded
from ...data.ratings.options import SOURCE
from ...data.ratings.store import RatingsStore
from ...errors import SettingsError
from ...options import Given
from ...preprocessing.ratings import RatingsPreprocess
from ...types import Architecture, Examples, FloatArray, IntArray
from ..scores.rankings import NDCG
from ..solvers.factorisation import Settings
from . import solved
from .arrivals import arrived as arrived
from .descriptions import with_texts
from .taken import Taken, before_of, taken

TRIED = (Settings(penalty=0.003), Settings(penalty=0.01))
TRIED_ON = 1_500
"""Users of validation that settings are compared on."""
WEIGHTS = (1.0, solved.LITTLE)
"""Of what was taken in the source, beside the target."""
TOGETHER = 256
"""Users that are answered at once."""
LOOKED, ROWS = "looked", "rows"
"""What is kept beside the model: its answers to validation before it learned from that, and the rows."""
PAIR = 1e-5
"""Seconds of one factorisation for each pair that was taken, measured on one thread."""

Way = Callable[[Taken, Settings], Recommender]


def options(bases: Sequence[str], given: Given) -> Given:
    """A base is read as the source, too: it keeps who took what.

    Raises:
        SettingsError: there are several, or a source beside it.
    """
    if not bases:
        return given
    if len(bases) > 1:
        raise SettingsError(f"recommending takes one --base, got {', '.join(bases)}", "name one of them")
    if SOURCE.of(given):
        raise SettingsError("--base and --source-data both say what is transferred from", "leave one out")
    return {**given, SOURCE.name: bases[0]}


def base(name: str | None, examples: Examples, passes: FrozenPass) -> Base:
    """What was learned before, and what a text base says of the items."""
    before = begun() if name is None else _learned(name, examples)
    return with_texts(before, catalogue_of(examples), passes)


def _learned(name: str, examples: Examples) -> Base:
    """The factors of items that a base has, unless they know what came after the target is cut."""
    found, told = learned(name), map(decoded, examples.sources)
    known = getattr(found.preprocess, "known", None)
    times = [one.at for one in told if isinstance(one, History) and isinstance(one.at, int)]
    ahead = bool(times) and known is not None and known.when.max(initial=min(times) - 1) >= min(times)
    return replace(found, classes=None) if ahead else found


def require(examples: Examples) -> None:
    """Something must be known of a source.

    Raises:
        SettingsError: nothing is.
    """
    if not any(isinstance(one, bytes) and b'"source":[' in one for one in examples.sources):
        raise SettingsError(
            "there is nothing to transfer from: no source was named",
            "name another shop's or an earlier year's interactions: --source-data TABLE --set shared=users; "
            "of one shop alone `headstart pretrain` makes a base",
        )


def ways() -> Sequence[str]:
    """The strategies that there is a way for."""
    return tuple(_WAYS)


def fit(
    way: str,
    examples: Examples,
    base: Base,
    train: IntArray,
    validation: IntArray,
) -> dict[str, Tensor]:
    """What does best on validation of what is tried, learned again from training and validation together."""
    with threadpool_limits(1):  # matrices this narrow are slower on several
        return _fit(way, examples, base, train, validation)


def _fit(
    way: str, examples: Examples, base: Base, train: IntArray, validation: IntArray
) -> dict[str, Tensor]:
    preprocess = base.preprocess
    assert isinstance(preprocess, RatingsPreprocess)
    known = _known(examples, base, preprocess, train)
    tried = tuple(_WAYS[way]())
    first = best(tried, known, examples, preprocess, validation)
    looked = recommends(tried[first](known), examples, preprocess, validation)
    both = _known(examples, base, preprocess, np.union1d(train, validation))
    network = tried[first](both)
    return {
        **{f"{_named(network)}.{name}": tensor for name, tensor in network.state_dict().items()},
        LOOKED: torch.from_numpy(looked),
        ROWS: torch.from_numpy(np.asarray(validation)),
    }


def _known(examples: Examples, base: Base, how: RatingsPreprocess, rows: IntArray) -> Taken:
    """What is learned from; where no base has factors, one for all arms, who share what they solve."""
    known, before = taken(examples, how, rows), before_of(base, how)
    return known if before is None else replace(known, before=before)


def best(
    tried: Sequence[Callable[[Taken], nn.Module]],
    known: Taken,
    examples: Examples,
    preprocess: RatingsPreprocess,
    validation: IntArray,
) -> int:
    """The number of what does best on validation; the first where there is none."""
    some = validation[:: -(-len(validation) // TRIED_ON) or 1]
    if not len(some):
        return 0
    right = examples.answers[some]
    values = [
        round(NDCG.value(recommends(how(known), examples, preprocess, some), right), 6) for how in tried
    ]
    return values.index(max(values))


def outputs(
    kept: Mapping[str, Tensor], examples: Examples, preprocess: RatingsPreprocess, rows: IntArray
) -> FloatArray:
    """(n, K + 1, 2) as `bases/networks/recommenders.py` has it."""
    looked = kept[ROWS].numpy()
    if len(looked) and np.array_equal(looked, rows):
        return np.asarray(kept[LOOKED].numpy())
    return recommends(model(kept)[1], examples, preprocess, rows)


@torch.inference_mode()
def recommends(
    network: nn.Module, examples: Examples, preprocess: RatingsPreprocess, rows: IntArray
) -> FloatArray:
    """(n, K + 1, 2) of a network, those of whom much is known together."""
    store = RatingsStore([examples.sources[row] for row in rows.tolist()], preprocess)
    order = store.ordered(np.arange(len(rows)))
    parts = [
        network(store.batch(order[start : start + TOGETHER])).numpy()
        for start in range(0, len(order), TOGETHER)
    ]
    found = np.concatenate(parts) if parts else np.zeros((0, 1, 2))
    return np.asarray(found[np.argsort(order)])


def model(kept: Mapping[str, Tensor]) -> tuple[Architecture, Recommender]:
    """The network of what was kept."""
    own = {name: tensor for name, tensor in kept.items() if name not in (LOOKED, ROWS)}
    kind = next(iter(own)).partition(".")[0]
    state = _below(own, kind)
    architecture = Architecture(FAMILY, kind, _args(kind, state))
    network = build(architecture)
    assert isinstance(network, Recommender)
    network.load_state_dict(state)
    return architecture, network


def _below(state: Mapping[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """The tensors whose names begin so, without that."""
    start = f"{prefix}."
    return {name.removeprefix(start): tensor for name, tensor in state.items() if name.startswith(start)}


def _args(kind: str, state: Mapping[str, Tensor]) -> dict[str, Any]:
    """What the network of a state is built with."""
    if kind == BLEND:
        parts = {name.split(".")[1]: _below(state, f"parts.{name.split('.')[1]}") for name in state}
        kinds = {name: "mapped" if "matrix" in own else "factors" for name, own in parts.items()}
        return {
            "parts": {name: {"name": kinds[name], "args": _args(kinds[name], parts[name])} for name in parts}
        }
    fold, end = ("before", "after.write") if kind == "mapped" else ("fold", "write")
    size, width = state[end].shape
    args = {"items": size, "read": len(state[f"{fold}.factors"]) - 1, "width": width}
    return args | ({"before": len(state["matrix"])} if kind == "mapped" else {})


def mixed(parts: Mapping[str, tuple[Architecture, nn.Module]]) -> tuple[Architecture, nn.Module]:
    """One network that answers as the part for a user's kind does."""
    args = {
        "parts": {kind: {"name": one.name, "args": one.args} for kind, (one, _) in parts.items()},
        "kinds": list(parts),
        "few": FEW,
    }
    architecture = Architecture(FAMILY, MIXED, args)
    network = build(architecture)
    state = {
        f"parts.{kind}.{name}": tensor
        for kind, (_, one) in parts.items()
        for name, tensor in one.state_dict().items()
    }
    network.load_state_dict(state)
    return architecture, network


def seconds(way: str, examples: Examples) -> float:
    """That one fit takes, about: it is linear in what was taken, and in what is tried."""
    pairs = sum(len(source) for source in examples.sources if isinstance(source, bytes)) / 10
    tried = _WAYS[way]
    return PAIR * pairs * (len(tuple(tried())) + 1) * tried.cost


def _named(network: Recommender) -> str:
    return BLEND if isinstance(network, Blend) else "mapped" if isinstance(network, Mapped) else "factors"


@dataclass(frozen=True)
class _Tried:
    """One way with one of its settings."""

    way: Way
    how: Settings

    def __call__(self, known: Taken) -> Recommender:
        width = self.how.width if known.before is None else known.before.shape[1]
        return self.way(known, replace(self.how, width=width))


@dataclass(frozen=True)
class _Each:
    """Some ways, with all settings that are tried."""

    some: tuple[Way, ...]
    cost: int
    """Factorisations of the target, or of a source of its size, that one of them does."""

    def __call__(self) -> Iterator[_Tried]:
        return (_Tried(way, how) for way in self.some for how in TRIED)


_WAYS: Mapping[str, _Each] = {
    "scratch": _Each((solved.scratch,), 1),
    "warm_init": _Each((solved.warm,), 2),
    "frozen": _Each((solved.frozen,), 2),
    "finetune": _Each(tuple(partial(solved.collective, weight) for weight in WEIGHTS), 2),
    "mapping": _Each((solved.mapped,), 2),
    "blend": _Each((solved.blended,), 6),
}
