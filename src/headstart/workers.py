"""One function over many jobs on one bench, here or in processes beside; the results in order.

Where it runs changes no bit of a result: a bench is rebuilt from its specification, with the same engines,
threads and cache. So a job may as well run on another machine that reaches the cache and the run folder.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from typing import TypeVar

from .bench import Bench, Spec
from .runtime import using_threads

Item = TypeVar("Item")
Result = TypeVar("Result")
PROCESS_BYTES = 0.8e9
"""Of memory that a process takes before it has a network."""
NETWORKS = 8
"""Times the weights that training takes: gradients, moments, averages, what is kept, and activations."""


def each(
    function: Callable[[Bench, Item], Result], bench: Bench, jobs: Sequence[Item], processes: int = 1
) -> Iterator[Result]:
    """`function(bench, job)` of each job, one by one as they are asked for, or in so many processes at once.

    Jobs and results are sent between processes: both must be values. So must the function: a partial of one
    that a module defines is. A job that fails ends all of them with its error. Where a process is lost, as
    where memory ran out, the jobs that are left are done here.
    """
    if processes < 2 or len(jobs) < 2:
        yield from (function(bench, job) for job in jobs)
        return
    import joblib  # late: hardly any command needs it
    import torch

    spec, threads = bench.spec(), torch.get_num_threads()
    # as many threads for linear algebra as here: with others the last bits of a solution are others
    with joblib.parallel_config("loky", inner_max_num_threads=os.cpu_count()):
        parallel = joblib.Parallel(n_jobs=min(processes, len(jobs)), return_as="generator")
        done = 0
        try:
            for result in parallel(joblib.delayed(_elsewhere)(function, spec, threads, job) for job in jobs):
                yield result
                done += 1
        except BrokenProcessPool:
            bench.runtime.reporter.note("a process was lost: what it did is done again, one by one")
    yield from (function(bench, job) for job in jobs[done:])


def _elsewhere(function: Callable[[Bench, Item], Result], spec: Spec, threads: int, job: Item) -> Result:
    with using_threads(threads):
        return function(spec.bench(), job)


def most(bench: Bench, threads: int) -> int:
    """Processes of so many threads that train side by side on this machine: a GPU is not shared."""
    if bench.runtime.device != "cpu":
        return 1
    weights = sum(value.numel() * value.element_size() for value in bench.base.state.values())
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    fitting = int(free / (PROCESS_BYTES + NETWORKS * weights))
    return max(1, min(bench.runtime.threads // threads, fitting))
