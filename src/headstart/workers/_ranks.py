"""One training on a Ray cluster: a job for each process that trains, all of them at once or none.

Each is told which it is by the names that `torchrun` uses, and Fabric goes on from there. Where one is lost
all are begun again, and go on from the last checkpoint.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import replace
from typing import Any, TypeVar

from ..errors import HeadstartError, RunError
from ..runtime import Reporter, Silent
from ._cluster import RETRIES, Way, followed, way
from .base import Alone, Item, Result

T = TypeVar("T")
EVERY = 0.5
"""Seconds between two words of a job on how far it is, and between two looks at what it said."""
GRACE = 10.0
"""Seconds in which the others fail after one did: the first error is not always the cause."""
NAMED = "headstart"
"""The run of `torchrun` that a process is told that it is in."""
HANDED_ON = ("HEADSTART_CACHE",)
"""Of the environment, to jobs: where the cache is."""


def together(
    ray: Any, function: Alone[Item, Result], item: Item, processes: int, reporter: Reporter
) -> Result:
    """As `workers.together` says it, on a cluster that this process is connected to."""
    from ray.util import placement_group, remove_placement_group

    held = placement_group([_share(ray, processes)] * processes, strategy="PACK")
    try:
        for left in reversed(range(RETRIES + 1)):
            try:
                return _tried(ray, held, function, item, reporter)
            except Lost as lost:
                if not left:
                    raise RunError(
                        f"Ray lost the job {RETRIES + 1} times: {lost}",
                        "the same command goes on from where it was",
                    ) from lost
                reporter.note(f"Ray lost the job ({lost}): it goes on from its last checkpoint")
        raise AssertionError
    finally:
        with suppress(Exception):  # the connection may be gone
            remove_placement_group(held)


class Lost(Exception):
    """A worker or a machine went away, and with it the whole job."""


class Voice:
    """A reporter of a job: what it says is heard by the process that sent the job."""

    def __init__(self, queue: Any) -> None:
        self.queue, self.said = queue, 0.0

    def note(self, text: str) -> None:
        """One line that the person should read."""
        self.queue.put(("note", text))

    def track(self, items: Iterable[T], label: str, total: int) -> Iterator[T]:
        """Pass the items through, and say now and then how many that were."""
        for number, item in enumerate(items, 1):
            yield item
            if number == total or time.monotonic() > self.said + EVERY:
                self.said = time.monotonic()
                self.queue.put((label, number, total))


class Ear:
    """Hears what a job says and says it to a person."""

    def __init__(self, queue: Any, reporter: Reporter) -> None:
        self.queue, self.reporter = queue, reporter
        self.shown: tuple[str, int] | None = None
        self.bar: Iterator[int] = iter(())
        self.at = 0

    def listen(self) -> None:
        """Say all that was said by now."""
        for kind, *words in self.queue.get_nowait_batch(self.queue.qsize()):
            if kind == "note":
                self.reporter.note(*words)
            else:
                self._show(kind, *words)

    def _show(self, label: str, done: int, total: int) -> None:
        if self.shown != (label, total) or done < self.at:
            self.shown, self.at = (label, total), 0
            self.bar = iter(self.reporter.track(range(total), label, total))
        while self.at < done:
            next(self.bar, None)
            self.at += 1
        if done == total:
            next(self.bar, None)  # it is over: the bar goes away


def _share(ray: Any, processes: int) -> dict[str, float]:
    """What each process takes: a GPU where the cluster has some, and as many cores as the plan has threads.

    Where there are not as many cores, it is the most that leave room for all.

    Raises:
        RunError: there is no room.
    """
    import torch

    nodes = [node["Resources"] for node in ray.nodes() if node["Alive"]]
    gpus = any(node.get("GPU") for node in nodes)

    def room(cores: int) -> int:
        fitting = [int(node.get("CPU", 0)) // cores for node in nodes]
        if gpus:
            fitting = [min(most, int(node.get("GPU", 0))) for most, node in zip(fitting, nodes, strict=True)]
        return sum(fitting)

    for cores in range(torch.get_num_threads(), 0, -1):
        if room(cores) >= processes:
            return {"CPU": float(cores)} | ({"GPU": 1.0} if gpus else {})
    kind = "GPUs with a core" if gpus else "cores"
    raise RunError(
        f"the Ray cluster has {room(1)} {kind}, not {processes}", f"use --devices {max(1, room(1))}"
    )


def _tried(ray: Any, held: Any, function: Alone[Item, Result], item: Item, reporter: Reporter) -> Result:
    """One attempt; raises Lost where a process of it went away."""
    from ray.util.queue import Queue
    from ray.util.scheduling_strategies import PlacementGroupSchedulingStrategy

    def on(task: Any, rank: int) -> Any:
        place = PlacementGroupSchedulingStrategy(held, placement_group_bundle_index=rank)
        share = held.bundle_specs[rank]
        # one of several is not used again: its group of processes may be broken
        once = {"max_calls": 1} if count > 1 else {}
        return ray.remote(max_retries=0, **once)(task).options(
            scheduling_strategy=place, num_cpus=share["CPU"], num_gpus=share.get("GPU", 0)
        )

    queue, count = Queue(actor_options={"num_cpus": 0}), len(held.bundle_specs)
    sent: list[Any] = []
    try:
        told = {name: os.environ[name] for name in HANDED_ON if name in os.environ}
        named, own = [told], way()
        if count > 1:
            own = replace(own, threads=int(held.bundle_specs[0]["CPU"]))
            address = _settled(ray, [on(_free_address, 0).remote()], Ear(queue, reporter))
            named = [told | _named(rank, count, *address) for rank in range(count)]
        for rank, names in enumerate(named):
            voice = Silent() if rank else Voice(queue)
            sent.append(on(_rank, rank).remote(function, item, own, names, voice))
        found: Result = _settled(ray, sent, Ear(queue, reporter))
        return found
    finally:
        for one in sent:
            with suppress(Exception):  # it is over, or Ray is
                ray.cancel(one, force=True)
        queue.shutdown(force=True)


def _settled(ray: Any, sent: Sequence[Any], ear: Ear) -> Any:
    """What the first process gave, once all have ended.

    Raises:
        Lost: one went away.
        HeadstartError: of the job; any other error of it is raised, too.
    """
    waiting = list(sent)
    failed: list[BaseException] = []
    until = float("inf")
    while waiting and time.monotonic() < until:
        ended, waiting = ray.wait(waiting, num_returns=1, timeout=EVERY)
        ear.listen()
        for one in ended:
            try:
                ray.get(one)
            except Exception as error:
                failed.append(error)
                until = min(until, time.monotonic() + GRACE)
    if failed:
        raise _cause(ray, failed)
    return ray.get(sent[0])


def _cause(ray: Any, failed: Sequence[BaseException]) -> BaseException:
    """Of errors of one job, the one that the others came from: a peer's is that the connection ended."""
    own = [getattr(error, "cause", None) for error in failed]
    for one in own:
        if isinstance(one, HeadstartError):
            return one
    for error in failed:
        if isinstance(error, ray.exceptions.RayError) and not isinstance(error, ray.exceptions.RayTaskError):
            return Lost(type(error).__name__)
    return own[0] if isinstance(own[0], Exception) else failed[0]


def _free_address() -> tuple[str, int]:
    """Of the first process's machine, where the others find it."""
    import ray

    with socket.socket() as free:
        free.bind(("", 0))
        return ray.util.get_node_ip_address(), free.getsockname()[1]


def _named(rank: int, count: int, host: str, port: int) -> dict[str, str]:
    """The names that `torchrun` sets, of a process that is alone on a machine, with one device."""
    return {
        "TORCHELASTIC_RUN_ID": NAMED,
        "MASTER_ADDR": host,
        "MASTER_PORT": str(port),
        "RANK": str(rank),
        "GROUP_RANK": str(rank),
        "LOCAL_RANK": "0",
        "LOCAL_WORLD_SIZE": "1",
        "WORLD_SIZE": str(count),
    }


def _rank(
    function: Alone[Item, Result], item: Item, way: Way, told: Mapping[str, str], reporter: Reporter
) -> Result | None:
    """On a machine of the cluster: one process. Those beside the first end in the middle, with nothing."""
    with followed(way), _environment(told):
        try:
            return function(item, reporter)
        except SystemExit:
            return None


@contextmanager
def _environment(told: Mapping[str, str]) -> Iterator[None]:
    before = dict(os.environ)
    os.environ.update(told)
    try:
        yield
    finally:
        os.environ.clear()
        os.environ.update(before)
