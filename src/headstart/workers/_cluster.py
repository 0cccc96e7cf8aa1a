"""A Ray cluster and a machine of it: connected to, and held to the way of the machine that sends jobs."""

from __future__ import annotations

import logging
import os
import socket
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Any

from ..errors import RunError
from ..runtime import using_threads
from ..version import VERSION

RETRIES = 3
"""Times that a job is begun again after its worker or machine was lost."""
SAME = ("torch", "numpy", "scipy")
"""Packages beside our own whose version has to be one on all machines: with others the bits are others."""
LOOPBACK = "127.0.0.1"
"""The address of a cluster that is started here: no other machine joins it."""


@dataclass(frozen=True)
class Way:
    """What makes a job's bits those of the machine that sends it."""

    threads: int
    algebra: int
    """Threads of linear algebra outside torch."""
    folder: str
    """The working folder, which relative paths begin at."""
    versions: tuple[str, ...]


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


def _versions() -> tuple[str, ...]:
    return f"headstart {VERSION}", *(f"{name} {version(name)}" for name in SAME)


def way() -> Way:
    """Of this process, for jobs that it sends."""
    import torch
    from threadpoolctl import threadpool_info

    pools = [pool["num_threads"] for pool in threadpool_info() if pool["user_api"] == "blas"]
    return Way(torch.get_num_threads(), max(pools, default=1), os.getcwd(), _versions())


@contextmanager
def followed(way: Way) -> Iterator[None]:
    """Work as the sender would, in its folder.

    Raises:
        RunError: this machine cannot.
    """
    import scipy.linalg  # noqa: F401 -- its threads are set below, where it is there
    from threadpoolctl import threadpool_limits

    require(way)
    os.chdir(way.folder)
    with using_threads(way.threads), threadpool_limits(way.algebra, "blas"):
        yield


def require(way: Way) -> None:
    """Raises RunError: this machine cannot do what the sender would."""
    other = [theirs for theirs, own in zip(way.versions, _versions(), strict=True) if theirs != own]
    if other:
        raise RunError(
            f"{socket.gethostname()} has not {', '.join(other)}: its bits would be others",
            "install the same versions on all machines of the cluster",
        )
    if not Path(way.folder).is_dir():
        raise unreached(way.folder)


def unreached(folder: object) -> RunError:
    """A folder that all machines have to reach, and this one does not."""
    return RunError(
        f"{socket.gethostname()} does not reach {folder}",
        "put data, runs and HEADSTART_CACHE on a file system that all machines have at the same path",
    )
