"""The contract of a fitter: how a whole model comes about where none is trained by steps.

A task that has one has no network of a base: each strategy is a way of the fitter's, by its name.

Notation: n examples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol

from numpy.typing import NDArray
from torch import Tensor, nn

from ...options import Given
from ...types import Architecture, Examples, IntArray

if TYPE_CHECKING:
    from ...bases.base import Base
    from ...bases.passes.frozen import FrozenPass


class Fitter(Protocol):
    """A module of `fitters/`."""

    def options(self, bases: Sequence[str], given: Given) -> Given:
        """What was set for how data are read, with what is read of a base that was named.

        Raises:
            SettingsError: that cannot be.
        """
        ...

    def base(self, name: str | None, examples: Examples, passes: FrozenPass) -> Base:
        """The base of that name for examples; where none is named, what stands in its place.

        Whatever is to be read of the examples by a network is read in a pass.

        Raises:
            BaseError: it is damaged.
        """
        ...

    def require(self, examples: Examples) -> None:
        """Raise SettingsError where there is nothing to transfer from."""
        ...

    def ways(self) -> Sequence[str]:
        """The strategies that it has a way for, `scratch` among them."""
        ...

    def fit(
        self,
        way: str,
        examples: Examples,
        base: Base,
        train: IntArray,
        validation: IntArray,
    ) -> dict[str, Tensor]:
        """Choose on validation what was learned from training, then learn from both: what is kept of it.

        Nothing is drawn: the same examples give the same model, and one fit is all there is.
        Beside the model's own tensors that is what it answered to validation before it learned from it.
        """
        ...

    def outputs(
        self, kept: Mapping[str, Tensor], examples: Examples, preprocess: Any, rows: IntArray
    ) -> NDArray[Any]:
        """What the model answers to rows; of validation what it did before it learned from that."""
        ...

    def model(self, kept: Mapping[str, Tensor]) -> tuple[Architecture, nn.Module]:
        """The model as a network that ships."""
        ...

    def mixed(self, parts: Mapping[str, tuple[Architecture, nn.Module]]) -> tuple[Architecture, nn.Module]:
        """One network that answers as the part does that is for an example's kind, by the kind's name."""
        ...

    def seconds(self, way: str, examples: Examples) -> float:
        """That one fit takes, about."""
        ...

    def arrived(
        self, network: nn.Module, preprocess: Any, given: Given, begin: Callable[[], FrozenPass]
    ) -> tuple[nn.Module, Any]:
        """A bundle's network and preprocessing with what is set for a call: what came after its run.

        `begin` gives passes where something is to be read by a network.

        Raises:
            HeadstartError: that is not to be had, or the bundle has learned nothing about such.
        """
        ...
