"""Items fetched in a thread of their own while others are being used; few of them wait.

Of a source that does not wait (a camera) the oldest waiting items are dropped, so that what is used is never
older than a few items. Each item comes with its number: a gap says what was dropped.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Generator, Iterable, Iterator
from threading import Condition, Thread
from typing import Generic, TypeVar

Item = TypeVar("Item")
PATIENCE = 2.0
"""Seconds that a source is given to end; one that still waits for its next item is left alone."""


def ahead(items: Iterable[Item], most: int, newest: bool = False) -> Generator[tuple[int, Item], None, None]:
    """The items with their numbers from 1, as they come.

    What the source raises is raised here, after the items before it. Who closes this iterator, or is
    interrupted, ends the thread; the source is closed by the thread that reads it.

    Args:
        items: the source; it is asked from another thread.
        most: items that wait at most, 1 or more.
        newest: drop the oldest one rather than let the source wait.
    """
    line = _Line[Item](max(1, most), newest)
    thread = Thread(target=line.fill, args=(items,), daemon=True)
    thread.start()
    try:
        yield from line.taken()
    finally:
        line.close()
        thread.join(PATIENCE)


class _Line(Generic[Item]):
    """Where items wait."""

    def __init__(self, most: int, newest: bool) -> None:
        self.most, self.newest = most, newest
        self.waiting: deque[tuple[int, Item]] = deque()
        self.changed = Condition()
        self.wanted, self.ended = True, False
        self.error: BaseException | None = None

    def fill(self, items: Iterable[Item]) -> None:
        """The thread: until the items end, or nobody wants them."""
        try:
            for number, item in enumerate(items, start=1):
                if not self._put((number, item)):
                    break
        except BaseException as error:  # whoever uses the items is told
            self.error = error
        finally:
            self._end(items)

    def taken(self) -> Iterator[tuple[int, Item]]:
        """What waits, until the end."""
        while (entry := self._next()) is not None:
            yield entry
        if self.error is not None:
            raise self.error

    def close(self) -> None:
        """Nobody wants more."""
        with self.changed:
            self.wanted = False
            self.waiting.clear()
            self.changed.notify_all()

    def _put(self, entry: tuple[int, Item]) -> bool:
        with self.changed:
            while self.newest and len(self.waiting) >= self.most:
                self.waiting.popleft()
            self.changed.wait_for(lambda: not self.wanted or len(self.waiting) < self.most)
            if self.wanted:
                self.waiting.append(entry)
            self.changed.notify_all()
            return self.wanted

    def _next(self) -> tuple[int, Item] | None:
        with self.changed:
            self.changed.wait_for(lambda: self.waiting or self.ended)
            if not self.waiting:
                return None
            entry = self.waiting.popleft()
            self.changed.notify_all()
            return entry

    def _end(self, items: Iterable[Item]) -> None:
        try:
            close = getattr(items, "close", None)
            if isinstance(items, Iterator) and close is not None:
                close()
        except BaseException as error:
            self.error = self.error or error
        with self.changed:
            self.ended = True
            self.changed.notify_all()
