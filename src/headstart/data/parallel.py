"""One function over many items in a thread pool, in order."""

from __future__ import annotations

import os
import warnings
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

Item = TypeVar("Item")
Result = TypeVar("Result")
Progress = Callable[[str, Iterable[Any]], Iterable[Any]]
"""Passes an iterable through and shows how far it is, under a title."""


def silent(title: str, items: Iterable[Any]) -> Iterable[Any]:
    """A progress that shows nothing."""
    return items


def each(
    function: Callable[[Item], Result],
    items: Sequence[Item],
    title: str = "",
    progress: Progress | None = None,
) -> list[Result]:
    """`[function(item) for item in items]`, in threads; an interrupt drops what has not begun.

    Decoders warn about files that are merely odd. Warning filters belong to the whole process, so
    they are set here, in the calling thread and around the whole pool, never by a worker.
    """
    pool = ThreadPoolExecutor(max_workers=os.cpu_count())
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", module=r"PIL\.")
        try:
            results = pool.map(function, items)
            shown = (progress or silent)(title, items)
            return [result for _, result in zip(shown, results, strict=False)]
        finally:
            pool.shutdown(cancel_futures=True)
