"""Cut series by time: what is tested lies after what is chosen on, and that after what is learned from.

    |------------ learned from ------------|-- validation --|-- test --|

An origin is how many values are known of a series; what is asked for are the next H. No window that is
learned from knows, or is told, a value that a window of validation or test is asked for.
(R. J. Hyndman & G. Athanasopoulos, "Forecasting: principles and practice", section 5.10.)

Notation: T values of a series, H steps ahead.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

LEAST = 3
"""Known values before the first step, at least."""
WINDOWS = 2_000
"""Of all series together, that are learned from, about."""
FEWEST, MOST = 5, 200
"""Of one series, unless it is too short."""
SERIES = 2_000
"""That are cut into windows at most: what more of them would teach, or prove, hardly differs."""
LOOKS = 256
"""Windows of validation of all series together, about; and of the test, half as many."""
BLOCKS = 30
"""Of one series, at most, that are chosen on, or tested: where series are few, time is the evidence."""
SHARE = 6
"""Windows of one series that are chosen on, and those that are tested, are no more than this part of it."""


@dataclass(frozen=True)
class Origins:
    """How many values are known in each window of one series."""

    train: tuple[int, ...] = ()
    validation: tuple[int, ...] = ()
    test: tuple[int, ...] = ()
    until: int = 0
    """A window that is learned from is told no value from here on."""


def origins(length: int, horizon: int, series: int) -> Origins:
    """The windows of a series of T values, among so many; none where it is too short even for a test.

    Windows of validation and test are one after the other. There are two of validation where that leaves
    something to learn from, and more of both where series are few and long. Each series is cut alone: how
    it is cut depends on how many there are, not on what they hold.
    """
    if length < horizon + LEAST:
        return Origins()
    many = length // (SHARE * horizon)
    tested = int(np.clip(min(LOOKS // 2 // series, many), 1, BLOCKS))
    chosen = int(np.clip(min(LOOKS // series, many), 2, BLOCKS))
    test = [length - horizon * number for number in range(tested, 0, -1)]
    end = test[0]
    if end - 2 * horizon < 2 * horizon + LEAST:
        chosen = 1
    validation = [end - horizon * number for number in range(chosen, 0, -1)]
    validation = [origin for origin in validation if origin >= LEAST]
    until = validation[0] if validation else end
    # half of the steps are enough to learn from: those after `until` are not told
    last = until - (horizon + 1) // 2
    first = min(max(LEAST, last // 4), last)
    wanted = int(np.clip(WINDOWS // series, FEWEST, MOST))
    taught = np.linspace(first, last, wanted).round() if last >= LEAST else np.zeros(0)
    train = tuple(int(one) for one in np.unique(taught))
    return Origins(train, tuple(validation), tuple(test), until)
