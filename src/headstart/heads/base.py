"""The contract of a head: what stands on a base's feature maps and says where things are in a picture.

Notation: n images, d numbers of all feature maps of an image together, k classes.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Protocol, Self, runtime_checkable

if TYPE_CHECKING:
    from torch import Tensor, nn

    from ..types import Maps


class Head(Protocol):
    """One file of `heads/`: its `plugin`.

    What it builds is a module (n, d) -> outputs, whose first dimension is n, with these attributes:

    labels       the k classes that it was built for
    class_rows   by the name of each parameter whose rows stand for classes (first, many): the rows of class i
                 are first + i * many and the next ones of `many` in all. A head that comes with a base keeps
                 those of classes that the task has too; parameters that are not named do not depend on k.
    rate         the learning rate while it is trained alone, if not the usual one: a head that comes trained
                 is to keep what it knows

    ONNX takes what it builds, with the same outputs; a plug-in for which that does not hold has a text
    `without_onnx` that says why.
    """

    task: str
    """Whose answers it gives."""
    summary: str
    """One line for `headstart list`."""

    def build(self, maps: Maps, labels: Sequence[str], args: Mapping[str, object]) -> nn.Module:
        """A new head, its weights drawn by PyTorch's own generator; `args` as its base brought them, or none.

        Raises:
            ContractError: it does not take such maps, or there are no classes.
        """
        ...

    def loss(self, outputs: Tensor, targets: Tensor) -> Tensor:
        """(n,) loss of each image; targets are what the task's inputs say is right for a view."""
        ...

    def answers(self, outputs: Tensor, labels: Sequence[str]) -> list[str]:
        """The canonical answer of each of the n images (`data/answers/boxes.py`, `data/answers/masks.py`)."""
        ...


@runtime_checkable
class Given(Protocol):
    """A head whose losses and answers depend on what its base brought, too; asked before anything else."""

    def given(self, args: Mapping[str, object]) -> Self:
        """The same head for these `args`.

        Raises:
            SettingsError: it cannot be without.
        """
        ...
