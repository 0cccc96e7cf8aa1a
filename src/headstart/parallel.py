"""One function over many items in a thread pool, in order."""

from __future__ import annotations

import os
import warnings
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from typing import Protocol, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")


class Progress(Protocol):
    """Passes an iterable through and shows how far it is, under a title."""

    def __call__(self, title: str, items: Iterable[Item], /) -> Iterable[Item]: ...


def silent(title: str, items: Iterable[Item]) -> Iterable[Item]:
    """A progress that shows nothing."""
    return items


_MANY = 64
"""Items under way for each thread where they are small: enough that none waits for a slow one."""


def each(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    title: str = "",
    progress: Progress | None = None,
) -> list[Result]:
    """`[function(item) for item in items]`, in threads; an interrupt drops what has not begun."""
    workers = os.cpu_count() or 1
    results = _windowed(function, items, workers, _MANY * workers)
    shown = (progress or silent)(title, items)  # as results come: what is only under way is not done
    return [result for _, result in zip(shown, results, strict=False)]


def stream(function: Callable[[Item], Result], items: Iterable[Item], workers: int) -> Iterator[Result]:
    """The results in order, however many items there are: at most two for each worker are under way."""
    return _windowed(function, items, workers, 2 * workers)


def _windowed(
    function: Callable[[Item], Result], items: Iterable[Item], workers: int, most: int
) -> Iterator[Result]:
    """With so many under way at most: what waits in a pool takes more memory than most items and results."""
    waiting: deque[Future[Result]] = deque()
    with _pool(workers) as pool:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > most:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()


@contextmanager
def _pool(workers: int | None) -> Iterator[ThreadPoolExecutor]:
    """Threads for a block; what has not begun when it is left is dropped.

    Decoders warn about files that are merely odd. Warning filters belong to the whole process, so
    they are set here, in the calling thread and around the whole pool, never by a worker.
    """
    pool = ThreadPoolExecutor(max_workers=workers)
    with warnings.catch_warnings():
        for decoder in (r"PIL\.", r"pydicom\."):
            warnings.filterwarnings("ignore", module=decoder)
        try:
            yield pool
        finally:
            pool.shutdown(cancel_futures=True)
