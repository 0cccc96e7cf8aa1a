"""A verdict is given on examples that no base has met before: else it would be about memory."""

from __future__ import annotations

from collections.abc import Sequence

from ..bases.base import Base
from ..bases.formats.fingerprints import among
from ..errors import BaseError
from ..types import Splits


def require_unseen(splits: Splits, bases: Sequence[Base]) -> None:
    """Raises BaseError: a base was pre-trained on examples of the test split, by their bytes."""
    examples, test = splits.examples, splits.test.tolist()
    for base in bases:
        known = among([examples.digests[row] for row in test], base.seen)
        if known:
            raise BaseError(
                f"`{base.name}` was pre-trained on {len(known)} of the {len(test)} test examples, "
                f"{examples.names[test[known[0]]]} is the first: nothing could be proven with it",
                "pre-train it without the test split (put that into a folder `test`, or use the run's seed), "
                "or use another base",
            )
