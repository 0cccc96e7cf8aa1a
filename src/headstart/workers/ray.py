"""On a Ray cluster: one that is started on this machine, or one that runs on several.

A job is a task of Ray. It gets as many cores as the plan has threads, and as much memory as such a job was
measured to take. What it makes lies in the cache and in the run folder, as on one machine, so that a job that
is done again after its worker was lost goes on from there. All machines must reach these folders, and the
data, under the same paths.
"""

from __future__ import annotations

import copy
import resource
import socket
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache, partial
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic

from ..cache import key_of
from ..errors import MissingExtra, RunError, SettingsError
from ..runtime import Reporter
from . import _ranks
from ._cluster import RETRIES, Way, connected, followed, unreached, way
from .base import Alone, Item, Result

if TYPE_CHECKING:
    from ..bench import Bench

NAME = "ray"
HEADROOM = 1.25
"""Of the memory that such a job was measured to take: another one takes a little more."""
REACHED = key_of(kind="reached")
"""A fact in the cache that a machine of the cluster finds only where it has the same cache."""
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
        task, own, send = ray.remote(max_retries=RETRIES)(_done), way(), dict[Any, Any]()
        for bench in dict.fromkeys(bench for bench, _ in jobs):
            bench.passes.cache.remember(REACHED, {})
            fitting = task.options(**needs(ray, function, bench))
            send[bench] = partial(fitting.remote, [ray.put(bench.spec())], function, own)
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

    def together(
        self, on: str, function: Alone[Item, Result], item: Item, processes: int, reporter: Reporter
    ) -> Result:
        return _ranks.together(connected(on), function, item, processes, reporter)


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


def _done(
    box: Sequence[Any], function: Callable[[Bench, Item], Result], way: Way, item: Item
) -> Done[Result]:
    """On a machine of the cluster: one job. The box holds a reference, which Ray leaves as it is there."""
    import torch

    with followed(way):
        bench, started = _bench(box[0]), time.monotonic()
        _forget_peak()
        result = function(bench, copy.deepcopy(item))
    where, share = socket.gethostname(), None
    if bench.runtime.device != "cpu":
        share = torch.cuda.max_memory_reserved() / torch.cuda.get_device_properties(0).total_memory
    seconds, instructions = time.monotonic() - started, torch.backends.cpu.get_cpu_capability()
    return Done(result, seconds, _peak(), share, where, instructions)


@lru_cache(maxsize=1)
def _bench(reference: Any) -> Bench:
    """The bench of a specification; the jobs of one process that are on the same bench share it."""
    import ray

    spec = copy.deepcopy(ray.get(reference))
    log = spec.runtime.log_file
    if spec.cache.recall(REACHED) is None:
        raise unreached(spec.cache.place)
    if log is not None and not log.parent.is_dir():
        raise unreached(log.parent)
    found: Bench = spec.bench()
    return found


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
