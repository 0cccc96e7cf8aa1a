"""A verdict is given on examples that no base has met before: else it would be about memory."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from ..bases.base import Base
from ..bases.formats.fingerprints import among
from ..errors import BaseError
from ..types import Splits

if TYPE_CHECKING:
    from ..tasks.answers.base import Answer


MOST = 0.5
"""Of what an example is recognised by: so much of it is met by no chance."""


def require_unseen(splits: Splits, bases: Sequence[Base], answer: Answer) -> None:
    """Raises BaseError: a base was pre-trained on examples of the test split."""
    examples, test = splits.examples, splits.test.tolist()
    knowing = [base for base in bases if len(base.seen)]
    told = {row: answer.remembered(examples, row) for row in test} if knowing else {}
    for base in knowing:
        known = [row for row in test if len(among(told[row], base.seen)) > MOST * len(told[row])]
        if known:
            raise BaseError(
                f"`{base.name}` was pre-trained on {len(known)} of the {len(test)} test examples, "
                f"{examples.names[known[0]]} is the first: nothing could be proven with it",
                "pre-train it without the test split (put that into a folder `test`, or use the run's seed), "
                "or use another base",
            )
