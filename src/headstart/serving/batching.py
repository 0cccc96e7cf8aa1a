"""Requests that come at the same time go through the model together, in one thread of its own."""

from __future__ import annotations

import asyncio
import queue
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from .refusals import BUSY, Refused

Given = TypeVar("Given")
Answer = TypeVar("Answer")
PAUSE = 0.002
"""Seconds that the first of several requests waits for others."""


@dataclass(frozen=True)
class _Job(Generic[Given, Answer]):
    """What one request wants answered."""

    items: Sequence[Given]
    done: Future[list[Answer]] = field(default_factory=Future)


class Batcher(Generic[Given, Answer]):
    """One worker that answers what several clients ask.

    Args:
        answer: an answer for each of some items, in order; called in the worker's thread only.
        together: items from which on nothing more is waited for.
        waiting: items that wait at most; more are refused.
    """

    def __init__(
        self, answer: Callable[[Sequence[Given]], list[Answer]], together: int, waiting: int
    ) -> None:
        self._answer, self._together, self._most = answer, together, waiting
        self._jobs = queue.SimpleQueue[_Job[Given, Answer] | None]()
        self._lock, self._waiting, self._closed = threading.Lock(), 0, False
        self._worker = threading.Thread(target=self._work, name="model", daemon=True)
        self._worker.start()

    @property
    def waiting(self) -> int:
        """Items that have no answer yet."""
        return self._waiting

    @property
    def alive(self) -> bool:
        """Is there anybody who answers?"""
        return self._worker.is_alive() and not self._closed

    async def ask(self, items: Sequence[Given]) -> list[Answer]:
        """The answers to some items; what `answer` raises for them is raised here.

        Raises:
            Refused: too many wait already, or the service stops.
        """
        job = _Job[Given, Answer](items)
        with self._lock:
            if self._closed or (self._waiting and self._waiting + len(items) > self._most):
                raise Refused(BUSY, "too many requests wait for the model", "ask again in a second", wait=1)
            self._waiting += len(items)
            self._jobs.put(job)
        return await asyncio.wrap_future(job.done)

    def close(self) -> None:
        """Answer what waits, and end."""
        with self._lock:
            if not self._closed:
                self._closed = True
                self._jobs.put(None)
        self._worker.join()

    def _work(self) -> None:
        while jobs := self._gathered():
            self._answer_all([job for job in jobs if self._is_wanted(job)])

    def _is_wanted(self, job: _Job[Given, Answer]) -> bool:
        """Is there still somebody who wants it?"""
        wanted = job.done.set_running_or_notify_cancel()
        if not wanted:
            self._settled(job)
        return wanted

    def _settled(self, job: _Job[Given, Answer]) -> None:
        """It no longer waits: said before its client is told, who may ask again at once."""
        with self._lock:
            self._waiting -= len(job.items)

    def _gathered(self) -> list[_Job[Given, Answer]]:
        """The jobs of one batch; none at the end."""
        first = self._jobs.get()
        if first is None:
            return []
        jobs, until = [first], time.monotonic() + PAUSE
        while sum(len(job.items) for job in jobs) < self._together:
            try:
                job = self._jobs.get(timeout=max(0.0, until - time.monotonic()))
            except queue.Empty:
                break
            if job is None:
                self._jobs.put(None)  # the end, after these
                break
            jobs.append(job)
        return jobs

    def _answer_all(self, jobs: Sequence[_Job[Given, Answer]]) -> None:
        """Together; one by one where that fails, so that nobody pays for what another one sent."""
        try:
            found = self._answer([item for job in jobs for item in job.items]) if jobs else []
        except Exception as error:
            if len(jobs) == 1:
                self._settled(jobs[0])
                jobs[0].done.set_exception(error)
                return
            for job in jobs:
                self._answer_all([job])
            return
        for job in jobs:
            self._settled(job)
            job.done.set_result(found[: len(job.items)])
            found = found[len(job.items) :]
