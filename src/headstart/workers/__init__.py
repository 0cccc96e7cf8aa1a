"""Jobs, done where a run was told to do them: here, in processes beside, or on a cluster; results in order.

Where it runs changes no bit of a result: a bench is rebuilt from its specification, with the same engines,
threads and cache. So a job may as well run on another machine that reaches the cache and the run folder. Each
file here without a leading underscore is a place that can be named (`--on ray`); `base.py` is the contract.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from .. import registry
from ..errors import UnknownName
from ..runtime import HERE, Reporter
from .base import Alone, Item, Place, Result

if TYPE_CHECKING:
    from ..bench import Bench

PLACE = "HEADSTART_ON"
"""In the environment: where jobs run, where no command says it."""
PROCESS_BYTES = 0.8e9
"""Of memory that a process takes before it has a network."""
NETWORKS = 8
"""Times the weights that training takes: gradients, moments, averages, what is kept, and activations."""


def each(
    function: Callable[[Bench, Item], Result], jobs: Sequence[tuple[Bench, Item]], processes: int = 1
) -> Iterator[Result]:
    """`function(bench, item)` of each job, in order.

    Items and results are sent between processes: both must be values. So must the function: a partial of one
    that a module defines is. A job that fails ends all of them with its error. Where a process is lost, the
    job is done again.

    Args:
        function: what is done.
        jobs: all of one run.
        processes: that work side by side on this machine; with one, each job is done when it is asked for.
            A cluster takes as many as it has room for.
    """
    return place(jobs[0][0].runtime.on).each(function, jobs, processes) if jobs else iter(())


def scatter(function: Callable[[Bench, Item], object], jobs: Sequence[tuple[Bench, Item]]) -> None:
    """Jobs that leave their results in the cache or the run folder, done before somebody asks for these.

    On this machine nothing happens: who asks does them, one after the other.
    """
    if len(jobs) > 1 and apart(jobs[0][0].runtime.on):
        for _ in each(function, jobs):
            pass


def together(
    on: str, function: Alone[Item, Result], item: Item, processes: int, reporter: Reporter
) -> Result:
    """`function(item, reporter)`: one job, in which so many processes train one network.

    Args:
        on: where: this machine, or one or several of a cluster.
        function: what is done; sent, with the item, to each process. The first one's result is given.
        item: a value.
        processes: that average their gradients (Fabric's DDP).
        reporter: hears what the first process says, wherever that is.

    Raises:
        RunError: the cluster has not as many devices, or loses the job again and again.
    """
    return place(on).together(on, function, item, processes, reporter)


def apart(on: str) -> bool:
    """Are jobs worth doing before they are asked for?"""
    return place(on).apart


def place(on: str) -> Place:
    """The place of `NAME` or `NAME://ADDRESS`.

    Raises:
        UnknownName: there is no such place.
    """
    name = on.partition("://")[0]
    known = registry.names("workers")
    if name not in known:
        raise UnknownName(f"jobs cannot run on `{on}`", registry.nearest(name, known))
    found: Place = registry.get("workers", name)
    return found


def usual() -> str:
    """Where jobs run where nobody says it: HEADSTART_ON, else here."""
    return os.environ.get(PLACE) or HERE


def most(bench: Bench, threads: int) -> int:
    """Processes of so many threads that train side by side on this machine: a GPU is not shared."""
    if bench.runtime.device != "cpu":
        return 1
    weights = sum(value.numel() * value.element_size() for value in bench.base.state.values())
    free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    fitting = int(free / (PROCESS_BYTES + NETWORKS * weights))
    return max(1, min(bench.runtime.threads // threads, fitting))
