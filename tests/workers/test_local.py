"""Jobs in processes beside: the same bits, in order, and an error ends them."""

import os
from dataclasses import replace
from functools import partial

import pytest
import torch

import benches
from benches import same
from headstart import workers
from headstart.adaptation import fit
from headstart.errors import DataError
from headstart.runtime import using_threads

base, home, fresh = benches.base, benches.home, benches.fresh


def on(bench, items):
    return [(bench, item) for item in items]


def where(bench, job):
    return os.getpid(), job, torch.get_num_threads(), len(bench.examples)


def fitted(folder, bench, job):
    return fit(job, bench, folder)


def failing(bench, job):
    raise DataError(f"job {job} cannot be done", "leave it out")


def test_here_they_are_done_one_by_one_as_they_are_asked_for(home):
    asked = []
    results = workers.each(lambda _, job: asked.append(job) or job, on(home.bench, [3, 1, 2]))
    assert next(results) == 3
    assert asked == [3]
    assert list(results) == [1, 2]


def test_beside_they_are_in_order_and_of_as_many_threads(home):
    with using_threads(1):
        found = list(workers.each(where, on(home.bench, range(5)), processes=2))
    assert [job for _, job, _, _ in found] == list(range(5))
    assert os.getpid() not in {process for process, *_ in found}
    assert {(threads, n) for _, _, threads, n in found} == {(1, len(home.bench.examples))}


def test_two_processes_give_the_same_bits(home, fresh):
    """From the cache, from random weights, and with a head that is solved."""
    bench = home.bench
    bench.features()
    jobs = [
        home.job("finetune", epochs=2),
        home.job("scratch", epochs=1),
        replace(home.job("frozen", seed=1), train=bench.pool[::2]),
    ]
    with using_threads(1):
        here = list(workers.each(partial(fitted, fresh()), on(bench, jobs)))
        beside = list(workers.each(partial(fitted, fresh()), on(bench, jobs), processes=2))
    assert all(same(one, other) for one, other in zip(here, beside, strict=True))
    assert [one.job.name for one in beside] == [job.name for job in jobs]


def test_an_error_comes_back_as_it_was(home):
    with pytest.raises(DataError) as caught:
        list(workers.each(failing, on(home.bench, [1, 2, 3]), processes=2))
    assert caught.value.message.startswith("job ")
    assert caught.value.hint == "leave it out"


def dying(here, bench, job):
    if job == 1 and os.getpid() != here:
        os._exit(1)
    return job, os.getpid() == here


@pytest.mark.slow
def test_where_a_process_is_lost_the_rest_is_done_here(home):
    reporter = benches.Listening()
    bench = home.with_runtime(replace(home.bench.runtime, reporter=reporter))
    found = list(workers.each(partial(dying, os.getpid()), on(bench, range(4)), processes=2))
    assert [job for job, _ in found] == [0, 1, 2, 3]
    assert dict(found)[1], "it was done again here"
    assert "a process was lost" in reporter.notes[-1]
