"""A real Ray cluster on this machine, of two nodes of one core each, and a place that stands for one."""

from __future__ import annotations

import contextlib
import logging
import os
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from headstart import workers

NODE = {"num_cpus": 1, "object_store_memory": 80 * 2**20}


@pytest.fixture(scope="module")
def cluster(tmp_path_factory) -> Iterator[Any]:
    """The cluster, with this process connected to it."""
    with running() as found:
        yield found


@contextlib.contextmanager
def running() -> Iterator[Any]:
    """Two nodes until the block ends; tests are skipped where Ray is not installed."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'headstart[ray]'")
    pytest.importorskip("grpc", reason="Ray's client is not installed: pip install 'headstart[ray]'")
    here = str(Path(__file__).parent)
    with pytest.MonkeyPatch.context() as patch, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of Ray's own
        patch.setenv("RAY_USAGE_STATS_ENABLED", "0")
        patch.setenv("RAY_worker_niceness", "0")
        patch.setenv("PYTHONPATH", os.pathsep.join([here, *filter(None, [os.environ.get("PYTHONPATH")])]))
        import ray
        from ray.cluster_utils import Cluster

        found = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
        try:
            found.add_node(**NODE)
            ray.init(found.address, log_to_driver=False, logging_level=logging.ERROR)
            yield found
        finally:
            ray.shutdown()
            found.shutdown()


class Aside:
    """Stands for a place with workers: does each job on a bench of its own, here, and remembers it."""

    summary, apart = "for tests", True

    def __init__(self) -> None:
        self.done: list[tuple[str, Any]] = []

    def require(self, on: str) -> None:
        pass

    def each(self, function: Any, jobs: Any, processes: int) -> Iterator[Any]:
        for bench, item in jobs:
            name = getattr(function, "func", function).__name__
            self.done.append((name, item))
            yield function(bench.spec().bench(), item)


@pytest.fixture
def aside(monkeypatch) -> Aside:
    """All jobs of this test are done by it."""
    found = Aside()
    monkeypatch.setattr(workers, "place", lambda on: found)
    return found
