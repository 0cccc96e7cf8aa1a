"""On a Ray cluster: one that is started on this machine, or one that runs on several.

A job is a task of Ray. It gets as many cores as the plan has threads, and as much memory as such a job was
measured to take. What it makes lies in the cache and in the run folder, as on one machine, so that a job that
is done again after its worker was lost goes on from there. All machines must reach these folders, and the
data, under the same paths.
"""

from __future__ import annotations

import copy
import logging
import os
import resource
import socket
import time
import warnings
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.metadata import version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

from ..cache import key_of
from ..errors import MissingExtra, RunError, SettingsError
from ..runtime import using_threads
from ..version import VERSION
from .base import Item, Result

if TYPE_CHECKING:
    from ..bench import Bench

NAME = "ray"
RETRIES = 3
"""Times that a job is begun again after its worker or machine was lost."""
HEADROOM = 1.25
"""Of the memory that such a job was measured to take: another one takes a little more."""
REACHED = key_of(kind="reached")
"""A fact in the cache that a machine of the cluster finds only where it has the same cache."""
SAME = ("torch", "numpy", "scipy")
"""Packages beside our own whose version has to be one on all machines: with others the bits are others."""
LOOPBACK = "127.0.0.1"
"""The address of a cluster that is started here: no other machine joins it."""
RESET_PEAK = "5"
"""Written to a process's `clear_refs`, Linux counts its peak of memory anew."""


class OnRay:
    """A Ray cluster."""

    summary = "a Ray cluster: `ray` starts one on this machine, `ray://HOST:PORT` goes to one that runs"
    apart = True

    def require(self, on: str) -> None:
        host, _, port = on.partition("://")[2].rpartition(":")
        if on != NAME and not (host and port.isdigit()):
            raise SettingsError(
                f"expected --on {NAME} or --on {NAME}://HOST:PORT, got {on}",
                "the port is that of Ray's client server: 10001, where `ray start --head` was told no other",
            )
        if find_spec(NAME) is None or find_spec("grpc") is None:
            raise MissingExtra.of(f"--on {on} needs Ray, which is not installed", NAME)

    def each(
        self, function: Callable[[Bench, Item], Result], jobs: Sequence[tuple[Bench, Item]], processes: int
    ) -> Iterator[Result]:
        if len(jobs) < 2:  # nothing to share out
            yield from (function(bench, item) for bench, item in jobs)
            return
        ray = connected(jobs[0][0].runtime.on)
        task, way, send = ray.remote(max_retries=RETRIES)(_done), _way(), dict[Any, Any]()
        for bench in dict.fromkeys(bench for bench, _ in jobs):
            bench.passes.cache.remember(REACHED, {})
            fitting = task.options(**needs(ray, function, bench))
            send[bench] = partial(fitting.remote, [ray.put(bench.spec())], function, way)
        waiting = deque((send[bench](item), bench, item) for bench, item in jobs)
        try:
            while waiting:
                yield _result(ray, *waiting.popleft(), function)
        finally:
            # where one failed; Ray aborts this process where what is cancelled ends at that moment, so none
            # is that was waited for
            for one, *_ in waiting:
                with suppress(Exception):
                    ray.cancel(one)


@dataclass(frozen=True)
class Way:
    """What makes a job's bits those of the machine that sends it."""

    threads: int
    algebra: int
    """Threads of linear algebra outside torch."""
    folder: str
    """The working folder, which relative paths begin at."""
    versions: tuple[str, ...]


@dataclass(frozen=True)
class Done(Generic[Result]):
    """What a job gave, and what it took."""

    result: Result
    seconds: float
    peak: int
    """Bytes of memory."""
    share: float | None
    """Of a GPU's memory; None where there is none."""
    where: str
    instructions: str
    """Those that the processor computes with."""


def connected(on: str) -> Any:
    """The module `ray`, connected; a connection that is there already is taken.

    `RAY_ADDRESS` of the environment names a cluster for a bare `ray`, as it does for Ray's own commands.

    Raises:
        RunError: there is no cluster.
    """
    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"  # nothing is told to anybody
    os.environ.setdefault("RAY_task_oom_retries", str(RETRIES))  # else a job that never fits is tried forever
    os.environ.setdefault("RAY_IGNORE_UNHANDLED_ERRORS", "1")  # of jobs beside one that failed
    os.environ.setdefault("RAY_worker_niceness", "0")  # jobs are what the machine is there for
    import ray

    if ray.is_initialized():
        return ray
    address = on if "://" in on else os.environ.get("RAY_ADDRESS")
    quiet = {"log_to_driver": False, "logging_level": logging.ERROR}
    # what happens to machines is told by notes; Ray prints it on stdout, which is for results
    ray._private.worker.print_to_stdstream = lambda *_, **__: None
    try:
        with warnings.catch_warnings(action="ignore"):  # the error says the same
            if address:
                ray.init(address, **quiet)
            else:
                here = {"include_dashboard": False, "_node_ip_address": LOOPBACK}
                ray.init("local", num_cpus=len(os.sched_getaffinity(0)), **here, **quiet)
    except Exception as error:  # of many kinds, by how it failed
        said = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise RunError(
            f"no Ray cluster answers at {address or 'this machine'}: {said}",
            "start one with `ray start --head`, of the same versions of Ray and Python; "
            "set RAY_AUTH_MODE=token where it asks for a token",
        ) from error
    return ray


def needs(ray: Any, function: Callable[..., object], bench: Bench) -> dict[str, float]:
    """Cores, memory in bytes and share of a GPU that a job asks Ray for.

    The memory is what such a job took before; of the first ones, what this process took, which holds the same
    data and base. More than the largest machine has is not asked for: the job would wait forever.

    Raises:
        RunError: the run is on a GPU, and the cluster has none.
    """
    import torch

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    threads = torch.get_num_threads()
    largest = max(nodes, key=lambda node: (min(node.get("CPU", 0), threads), node.get("memory", 0)))
    known = bench.passes.cache.recall(_kind(function, bench)) or {}
    memory = min(HEADROOM * known.get("peak", _peak()), largest.get("memory", 0))
    asked: dict[str, float] = {"num_cpus": min(threads, largest.get("CPU", 0)), "memory": int(memory)}
    if bench.runtime.device != "cpu":
        if not any(node.get("GPU") for node in nodes):
            raise RunError("the run is on a GPU, and no machine of the Ray cluster has one", "--on local")
        asked["num_gpus"] = min(1.0, round(HEADROOM * known.get("share", 1.0) + 0.005, 2))
    return asked


def _result(
    ray: Any, sent: Any, bench: Bench, item: Item, function: Callable[[Bench, Item], Result]
) -> Result:
    """Of one job; done here where Ray could not keep a worker for it."""
    try:
        done: Done[Result] = ray.get(sent)
    except ray.exceptions.RayTaskError as error:
        if isinstance(error.cause, Exception):
            raise error.cause from None
        raise
    except ConnectionError as error:
        said = str(error).strip().splitlines()
        raise RunError(
            f"the connection to the Ray cluster broke: {said[0] if said else 'it ended'}",
            "the same command goes on from where it was",
        ) from error
    except ray.exceptions.RayError as error:
        name = type(error).__name__
        bench.runtime.reporter.note(f"Ray lost a job {RETRIES + 1} times ({name}): it is done here")
        return function(bench, item)
    _remember(done, function, bench)
    return copy.deepcopy(done.result)  # arrays of Ray's own memory cannot be written to


def _remember(done: Done[Any], function: Callable[..., object], bench: Bench) -> None:
    """What the job took, for the next of its kind and for the log; a processor of another kind is told."""
    import torch

    cache, key = bench.passes.cache, _kind(function, bench)
    known = cache.recall(key) or {}
    most: dict[str, object] = {"peak": max(done.peak, known.get("peak", 0))}
    if done.share is not None:
        most["share"] = max(done.share, known.get("share", 0.0))
    if most != known:
        cache.remember(key, most)
    took = {"seconds": round(done.seconds, 2), "peak_mb": round(done.peak / 2**20)}
    bench.runtime.log("job", kind=_name(function), where=done.where, **took)
    here = torch.backends.cpu.get_cpu_capability()
    if done.instructions != here:
        bench.runtime.reporter.note(
            f"{done.where} computes with {done.instructions}, this machine with {here}: last bits may differ"
        )


def _kind(function: Callable[..., object], bench: Bench) -> str:
    """Jobs that take about as much memory as each other."""
    about = {"base": bench.base.identity, "size": bench.base.preprocess.size, "n": len(bench.examples)}
    return key_of(kind="job", function=_name(function), device=bench.runtime.device, **about)


def _name(function: Callable[..., object]) -> str:
    plain = function.func if isinstance(function, partial) else function
    return getattr(plain, "__qualname__", type(plain).__qualname__)


def _versions() -> tuple[str, ...]:
    return f"headstart {VERSION}", *(f"{name} {version(name)}" for name in SAME)


def _way() -> Way:
    import torch
    from threadpoolctl import threadpool_info

    pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return Way(torch.get_num_threads(), max(pools, default=1), os.getcwd(), _versions())


def _done(
    box: Sequence[Any], function: Callable[[Bench, Item], Result], way: Way, item: Item
) -> Done[Result]:
    """On a machine of the cluster: one job. The box holds a reference, which Ray leaves as it is there."""
    import scipy.linalg  # noqa: F401 -- its threads are set below, where it is there
    import torch
    from threadpoolctl import threadpool_limits

    _require(way)
    os.chdir(way.folder)
    bench, started = _bench(box[0]), time.monotonic()
    _forget_peak()
    with using_threads(way.threads), threadpool_limits(way.algebra, "blas"):
        result = function(bench, copy.deepcopy(item))
    where, share = socket.gethostname(), None
    if bench.runtime.device != "cpu":
        share = torch.cuda.max_memory_reserved() / torch.cuda.get_device_properties(0).total_memory
    seconds, instructions = time.monotonic() - started, torch.backends.cpu.get_cpu_capability()
    return Done(result, seconds, _peak(), share, where, instructions)


def _require(way: Way) -> None:
    """Raises RunError: this machine cannot do what the sender would."""
    other = [theirs for theirs, own in zip(way.versions, _versions(), strict=True) if theirs != own]
    if other:
        raise RunError(
            f"{socket.gethostname()} has not {', '.join(other)}: its bits would be others",
            "install the same versions on all machines of the cluster",
        )
    if not Path(way.folder).is_dir():
        raise _unreached(way.folder)


@lru_cache(maxsize=1)
def _bench(reference: Any) -> Bench:
    """The bench of a specification; the jobs of one process that are on the same bench share it."""
    import ray

    spec = copy.deepcopy(ray.get(reference))
    log = spec.runtime.log_file
    if spec.cache.recall(REACHED) is None:
        raise _unreached(spec.cache.place)
    if log is not None and not log.parent.is_dir():
        raise _unreached(log.parent)
    found: Bench = spec.bench()
    return found


def _unreached(folder: object) -> RunError:
    return RunError(
        f"{socket.gethostname()} does not reach {folder}",
        "put data, runs and HEADSTART_CACHE on a file system that all machines have at the same path",
    )


def _forget_peak() -> None:
    with suppress(OSError):  # elsewhere than on Linux it is that of the process's whole life
        Path("/proc/self/clear_refs").write_text(RESET_PEAK)


def _peak() -> int:
    """Bytes of memory that this process took at most."""
    with suppress(OSError, ValueError, StopIteration):
        lines = Path("/proc/self/status").read_text().splitlines()
        return 1024 * int(next(line for line in lines if line.startswith("VmHWM")).split()[1])
    return 1024 * resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


plugin = OnRay()
