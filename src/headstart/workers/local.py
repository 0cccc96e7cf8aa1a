"""On this machine: one by one, or in processes beside each other."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import TYPE_CHECKING

from ..errors import SettingsError
from ..runtime import HERE, Reporter, using_threads
from .base import Alone, Item, Result

if TYPE_CHECKING:
    from ..bench import Bench, Spec


class Local:
    """This machine."""

    summary = "this machine: one job after the other, several beside each other where that is quicker"
    apart = False

    def require(self, on: str) -> None:
        if on != HERE:
            raise SettingsError(f"`{HERE}` has no address, got {on}", f"--on {HERE}")

    def each(
        self, function: Callable[[Bench, Item], Result], jobs: Sequence[tuple[Bench, Item]], processes: int
    ) -> Iterator[Result]:
        if processes < 2 or len(jobs) < 2:
            yield from (function(bench, item) for bench, item in jobs)
            return
        import joblib  # late: hardly any command needs it
        import torch

        threads, specs = torch.get_num_threads(), {bench: bench.spec() for bench, _ in jobs}
        # as many threads for linear algebra as here: with others the last bits of a solution are others
        with joblib.parallel_config("loky", inner_max_num_threads=os.cpu_count()):
            parallel = joblib.Parallel(n_jobs=min(processes, len(jobs)), return_as="generator")
            done = 0
            try:
                for result in parallel(
                    joblib.delayed(_elsewhere)(function, specs[bench], threads, item) for bench, item in jobs
                ):
                    yield result
                    done += 1
            except BrokenProcessPool:
                note = jobs[done][0].runtime.reporter.note
                note("a process was lost: what it did is done again, one by one")
        yield from (function(bench, item) for bench, item in jobs[done:])

    def together(
        self, on: str, function: Alone[Item, Result], item: Item, processes: int, reporter: Reporter
    ) -> Result:
        return function(item, reporter)  # Fabric starts the other processes


def _elsewhere(function: Callable[[Bench, Item], Result], spec: Spec, threads: int, item: Item) -> Result:
    with using_threads(threads):
        return function(spec.bench(), item)


plugin = Local()
