"""Hold out whole series: what is tested is a series of which nothing was ever learned.

Which one that is depends on what the series hold, never on their names or order; the same series twice are on
one side. Each is cut by time besides, so that nothing is learned from a later time than is tested.

Notation: n series.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...errors import DataError
from .stratified import TEST_SHARE

LEAST = 4
"""Different series: one to test, one to choose on, two to learn from."""


def sides(contents: Sequence[str]) -> list[str]:
    """(n,) `train`, `validation` or `test` for each series.

    Args:
        contents: (n,) digests of what the series hold.

    Raises:
        DataError: fewer than `LEAST` are different.
    """
    each = sorted(set(contents))
    if len(each) < LEAST:
        raise DataError(
            f"{len(each)} different series are too few to hold some out whole; {LEAST} are needed",
            "leave out --set cutting=series: then the last steps of each are tested",
        )
    held = max(1, round(TEST_SHARE * len(each)))
    side = dict.fromkeys(each, "train")
    side |= dict.fromkeys(each[held : 2 * held], "validation") | dict.fromkeys(each[:held], "test")
    return [side[content] for content in contents]
