"""Where jobs run: places by name, what is done in advance, and how many processes fit on a machine."""

from dataclasses import replace

import numpy as np
import pytest

import benches
from headstart import registry, workers
from headstart.errors import UnknownName

base, home = benches.base, benches.home


def test_places_are_found_by_their_names_and_others_are_refused():
    assert registry.names("workers") == ["local", "ray"]
    assert workers.place("local") is registry.get("workers", "local")
    assert workers.place("ray://head:10001") is registry.get("workers", "ray")
    assert [workers.apart(name) for name in registry.names("workers")] == [False, True]
    with pytest.raises(UnknownName) as caught:
        workers.place("rey")
    assert "ray" in caught.value.hint


def test_the_environment_says_where_jobs_run_where_nothing_else_does(monkeypatch):
    monkeypatch.delenv("HEADSTART_ON", raising=False)
    assert workers.usual() == "local"
    monkeypatch.setenv("HEADSTART_ON", "ray://head:10001")
    assert workers.usual() == "ray://head:10001"


def test_no_jobs_have_no_results():
    assert list(workers.each(len, [])) == []


def test_on_this_machine_nothing_is_done_in_advance(home):
    workers.scatter(lambda *_: pytest.fail("done before it is asked for"), [(home.bench, 1), (home.bench, 2)])


def test_a_gpu_is_not_shared_and_threads_are_dealt_out(home):
    bench = home.bench
    wide = home.with_runtime(replace(bench.runtime, threads=4))
    assert workers.most(wide, 1) >= workers.most(wide, 2) >= workers.most(wide, 4) == 1
    assert workers.most(wide, 2) <= 2
    assert workers.most(home.with_runtime(replace(bench.runtime, threads=4, device="cuda")), 1) == 1


def test_a_network_that_fills_the_memory_trains_alone(home, monkeypatch):
    wide = home.with_runtime(replace(home.bench.runtime, threads=8))
    monkeypatch.setattr(workers, "PROCESS_BYTES", 1e15)
    assert workers.most(wide, 1) == 1


def test_the_bench_elsewhere_has_the_same_features(home):
    again = home.bench.spec().bench()
    assert again.passes is not home.bench.passes
    np.testing.assert_array_equal(again.features(), home.bench.features())
    np.testing.assert_array_equal(again.pool, home.bench.pool)
