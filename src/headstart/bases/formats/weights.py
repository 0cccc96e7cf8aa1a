"""Match a checkpoint to a network by name and shape, and write the receipt of every weight."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn

from ...errors import BaseError
from ...types import Receipt

State = dict[str, Tensor]


def load(network: nn.Module, checkpoint: State, enough: float = 0.5) -> tuple[State, Receipt]:
    """What `network.load_state_dict` takes, and what became of every weight.

    A weight is loaded where name and shape fit; the network keeps its own value elsewhere. All numbers
    come out as float32. Integer tensors (counters, indices) are taken along but are no weights: the
    receipt leaves them out.

    Raises:
        BaseError: NaN or infinity in the checkpoint, or less than `enough` of the network's numbers in it.
    """
    own = network.state_dict()
    given = {name: _plain(value) for name, value in align(network, checkpoint).items()}
    _refuse_nan(given)
    fitting = {name for name, value in given.items() if name in own and own[name].shape == value.shape}
    weights = list(_floats(own))
    loaded = [name for name in weights if name in fitting]
    receipt = Receipt(
        loaded=_lines(own, loaded),
        fresh=_lines(own, [name for name in weights if name not in fitting]),
        unused=_lines(given, [name for name in _floats(given) if name not in fitting]),
        fraction=_count(own, loaded) / max(_count(own, weights), 1),
    )
    if receipt.fraction < enough:
        raise _cause(own, given, receipt)
    state = {name: given[name] if name in fitting else _plain(value) for name, value in own.items()}
    return state, receipt


def align(network: nn.Module, checkpoint: State) -> State:
    """The checkpoint without the prefix, or with the one, that makes most of its names the network's.

    Training scripts put `module.`, `backbone.` and the like before every name: whatever it is, it shows
    in the names themselves. Names that do not carry it, or that would collide, stay.
    """
    return aligned(network.state_dict(), checkpoint)


def aligned(own: State, checkpoint: State) -> State:
    """The same for names and shapes that are those of no network."""
    drop, dropped = _vote(checkpoint, own)
    add, added = _vote(own, checkpoint)
    if dropped >= added:
        renamed = {name: name.removeprefix(drop) for name in checkpoint}
    else:
        renamed = {name: add + name if add + name in own else name for name in checkpoint}
    return {
        name if new != name and new in checkpoint else new: checkpoint[name] for name, new in renamed.items()
    }


def _vote(longer: Mapping[str, Tensor], shorter: Mapping[str, Tensor]) -> tuple[str, int]:
    """The prefix that turns most names of `longer` into names of `shorter` of the same shape; votes."""
    votes = Counter(
        prefix
        for name, tensor in longer.items()
        for prefix in _prefixes(name)
        if (match := shorter.get(name[len(prefix) :])) is not None and match.shape == tensor.shape
    )
    # the shortest of those with most votes: no prefix wins a tie
    return min(votes.items(), key=lambda vote: (-vote[1], len(vote[0])), default=("", 0))


def _prefixes(name: str) -> Iterable[str]:
    """`""`, `"a."`, `"a.b."` for `"a.b.c"`."""
    parts = name.split(".")
    return (".".join([*parts[:depth], ""]) for depth in range(len(parts)))


def _plain(value: Tensor) -> Tensor:
    """Float32 where it is a float, its own copy, without a gradient."""
    return value.detach().to(torch.float32 if value.is_floating_point() else value.dtype, copy=True)


def _refuse_nan(state: State) -> None:
    for name, value in _floats(state).items():
        if not value.isfinite().all():
            raise BaseError(
                f"the checkpoint's weight `{name}` holds NaN or infinity",
                "its training diverged or the file is damaged: use another checkpoint",
            )


def _floats(state: State) -> State:
    return {name: value for name, value in state.items() if value.is_floating_point()}


def _lines(state: State, names: Iterable[str]) -> tuple[tuple[str, tuple[int, ...]], ...]:
    return tuple((name, tuple(state[name].shape)) for name in names)


def _count(state: State, names: Iterable[str]) -> int:
    return sum(state[name].numel() for name in names)


def _cause(own: State, given: State, receipt: Receipt) -> BaseError:
    """Why so little was loaded, as well as the names and shapes tell."""
    own, given = _floats(own), _floats(given)
    known = [name for name in given if name in own]
    other = [name for name in known if given[name].shape != own[name].shape]
    if not given:
        cause, hint = "the checkpoint is empty", "give a file that holds the model's weights"
    elif other:
        cause = f"{len(other)} of the {len(known)} weights it has by name are of another shape"
        hint = "it belongs to another architecture or width: name the one that it was saved from"
    elif _has_filters(own) and not _has_filters(given):
        cause = "the checkpoint has no image filters at all: it is of another modality"
        hint = "give the weights of an image model"
    elif known:
        cause = f"{len(own) - len(known)} of the network's {len(own)} weights are missing from it"
        hint = "it is a part of a model, or of a smaller architecture: name the one it was saved from"
    else:
        cause = f"its names (`{next(iter(given))}`, …) are not the network's (`{next(iter(own))}`, …)"
        hint = (
            "it has another architecture, or another library's names: name the architecture it was saved from"
        )
    return BaseError(
        f"only {receipt.fraction:.0%} of the network's numbers are in the checkpoint: {cause}", hint
    )


def _has_filters(state: State) -> bool:
    return any(value.ndim == 4 for value in state.values())
