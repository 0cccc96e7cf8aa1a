"""Jobs on a Ray cluster: the same bits, in order; what is lost is done again, nothing that was finished."""

import json
import math
import os
import signal
import subprocess
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
import torch

import benches
import clusters
from benches import same
from headstart import cache as caches
from headstart import workers
from headstart.adaptation import fit, race
from headstart.adaptation.training import loop
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.errors import DataError, MissingExtra, RunError, SettingsError
from headstart.runtime import Clock, Runtime, using_threads
from headstart.workers import ray as on_ray
from stories import PLENTY, said_apart, timeless

base, home, fresh, cluster = benches.base, benches.home, benches.fresh, clusters.cluster
STEPS = loop.MIN_STEPS
"""As the workers have it, whose plans nobody holds short."""


def there(ground, folder, **changes):
    """The bench with its jobs on Ray, and a cache and a log in a folder of its own."""
    runtime = Runtime(reporter=benches.Listening(), log_file=folder / "log.jsonl", on="ray", **changes)
    bench = ground.bench
    passes = FrozenPass(Cache(folder / "cache"), runtime)
    return Bench(bench.task, bench.examples, bench.pool, bench.base, passes)


def jobs(bench, items):
    return [(bench, item) for item in items]


def events(folder, kind):
    lines = (folder / "log.jsonl").read_text("utf-8").splitlines()
    return [event for event in map(json.loads, lines) if event["event"] == kind]


def where(bench, item):
    time.sleep(0.3)
    return os.getpid(), item, torch.get_num_threads(), len(bench.examples)


def test_jobs_are_shared_out_and_come_back_in_order(home, fresh, cluster):
    bench = there(home, folder := fresh())
    with using_threads(1):
        found = list(workers.each(where, jobs(bench, range(4))))
    assert [item for _, item, _, _ in found] == list(range(4))
    assert len({process for process, *_ in found} - {os.getpid()}) == 2
    assert {(threads, n) for *_, threads, n in found} == {(1, len(bench.examples))}
    assert [event["kind"] for event in events(folder, "job")] == ["where"] * 4


def own(bench, item):
    bench.examples.answers[:] += 0
    item += 1
    return item


def test_arrays_can_be_written_to_there_and_here(home, fresh, cluster):
    for found in workers.each(own, jobs(there(home, fresh()), [np.zeros(300_000), np.zeros(3)])):
        found += 1
        assert set(found) == {2.0}


def test_one_job_is_not_worth_sending(home, fresh, cluster):
    ((process, *_),) = workers.each(where, jobs(there(home, fresh()), [1]))
    assert process == os.getpid()


def fitted(folder, bench, job):
    return fit(job, bench, folder)


def test_trainings_there_give_the_same_bits(home, fresh, cluster):
    """From the cache, from random weights, and with a head that is solved."""
    bench = there(home, fresh())
    bench.features()
    several = [
        home.job("finetune", epochs=2),
        home.job("scratch", epochs=1),
        replace(home.job("frozen", seed=1), train=bench.pool[::2]),
    ]
    with using_threads(1):
        here = [fit(job, home.bench, one) for one in [fresh()] for job in several]
        found = list(workers.each(partial(fitted, fresh()), jobs(bench, several)))
    assert all(same(one, other) for one, other in zip(here, found, strict=True))


def test_learning_rates_race_there_as_they_do_here(home, fresh, cluster):
    job = home.job("finetune", epochs=6)
    there_, here = fresh(), fresh()
    with using_threads(1):
        assert race(job, there(home, there_), there_, math.inf) == race(job, home.bench, here, math.inf)
    assert len(job.strategy.rates) > 1
    assert len(events(there_, "job")) == len(job.strategy.rates)
    assert sorted(one.name for one in here.glob("*.safetensors")) == sorted(
        one.name for one in there_.glob("*.safetensors")
    )


def failing(bench, item):
    raise DataError(f"job {item} cannot be done", "leave it out")


def test_an_error_comes_back_as_it_was(home, fresh, cluster):
    with pytest.raises(DataError) as caught:
        list(workers.each(failing, jobs(there(home, fresh()), [1, 2, 3])))
    assert (caught.value.message, caught.value.hint) == ("job 1 cannot be done", "leave it out")


def killed_once(folder, target, name, calls):
    """The so-manieth call of an attribute kills the process that makes it, in one of all processes."""
    original, seen = getattr(target, name), []

    def fatal(*words):
        seen.append(1)
        if len(seen) == calls and not (folder / "killed").exists():
            (folder / "killed").touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return original(*words)

    if not (folder / "killed").exists():
        setattr(target, name, fatal)


def fitted_and_killed(folder, bench, job):
    if job.strategy.stages(["a"], 1):
        loop.SAVE_SECONDS = -1  # a checkpoint at every step
        killed_once(folder, os, "replace", 5)
    return fit(job, bench, folder)


@pytest.mark.slow
def test_a_training_whose_worker_is_killed_goes_on_elsewhere(home, fresh, cluster):
    folder = fresh()
    bench, several = there(home, folder), [home.job("scratch", epochs=2, seed=seed) for seed in range(3)]
    with using_threads(1):
        found = list(workers.each(partial(fitted_and_killed, folder), jobs(bench, several)))
        here = [fit(job, home.bench, one) for one in [fresh()] for job in several]
    assert (folder / "killed").exists()
    assert all(same(one, other) for one, other in zip(here, found, strict=True))
    assert Counter(event["job"] for event in events(folder, "fitted")) == {job.name: 1 for job in several}


def passed_and_killed(folder, bench, batch):
    killed_once(folder, caches.Rows, "write", 2)
    return np.array(bench.features())


def test_a_pass_whose_worker_is_killed_goes_on_elsewhere(home, fresh, cluster):
    folder = fresh()
    bench = there(home, folder)
    with using_threads(1):
        found = list(workers.each(partial(passed_and_killed, folder), jobs(bench, [0, 1])))
    assert (folder / "killed").exists()
    for one in found:
        np.testing.assert_array_equal(one, home.bench.features())


def waiting(folder, bench, item):
    with (folder / "begun").open("a") as file:
        file.write(f"{item} {os.getpid()}\n")
    while item and not (folder / "go").exists():
        time.sleep(0.05)
    return item


def begun(folder):
    """Item and process of each job that was begun."""
    path = folder / "begun"
    lines = path.read_text().splitlines() if path.exists() else []
    return [tuple(map(int, line.split())) for line in lines]


def lives(process):
    command = Path(f"/proc/{process}/cmdline")
    return command.exists() and command.read_bytes() != b""


def test_a_node_that_is_lost_is_made_up_for(home, fresh, cluster):
    folder = fresh()
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(list, workers.each(partial(waiting, folder), jobs(there(home, folder), range(4))))
        while len(begun(folder)) < 3:  # one job is done, and both nodes are at one
            time.sleep(0.05)
        try:
            cluster.remove_node(cluster.list_all_nodes()[-1], allow_graceful=False)
            while all(lives(process) for item, process in begun(folder) if item):
                time.sleep(0.05)
        finally:
            (folder / "go").touch()
            cluster.add_node(**clusters.NODE)
        assert found.result() == [0, 1, 2, 3]
    counts = Counter(item for item, _ in begun(folder))
    assert counts[0] == 1, "it was finished"
    assert sum(counts.values()) == 5, "what the lost node was at was begun again"


def fatal(here, bench, item):
    if item == 1 and os.getpid() != here:
        os.kill(os.getpid(), signal.SIGKILL)
    return item, os.getpid() == here


@pytest.mark.slow
def test_what_kills_every_worker_is_done_here(home, fresh, cluster, monkeypatch):
    monkeypatch.setattr(on_ray, "RETRIES", 1)
    bench = there(home, fresh())
    found = list(workers.each(partial(fatal, os.getpid()), jobs(bench, range(3))))
    assert found == [(0, False), (1, True), (2, False)]
    assert "done here" in bench.runtime.reporter.notes[-1]


KILL_DRIVER = """
import os, pathlib, signal, threading, time
def watch():
    while not list(pathlib.Path("run/work").glob("finetune-0.safetensors")):
        time.sleep(0.02)
    os.kill(os.getpid(), signal.SIGKILL)
threading.Thread(target=watch, daemon=True).start()
"""


@pytest.mark.slow
def test_a_story_there_is_the_story_here_and_survives_its_driver(
    tiny_base, image_folder, tmp_path, cluster, commands
):
    data, longer = image_folder(per_class=12), f"training.loop.MIN_STEPS = {STEPS}\n"
    command = ("run", data, "--base", tiny_base, "--minutes", PLENTY, "--out", "run")
    told = {}
    for name in ("here", "there"):
        (tmp_path / name).mkdir()
    settings = {"RAY_ADDRESS": cluster.address, "HEADSTART_ON": "ray", "HEADSTART_CACHE": str(tmp_path / "c")}
    assert said_apart(commands, *command, cwd=tmp_path / "here", before=longer).code == 0
    first = said_apart(commands, *command, cwd=tmp_path / "there", before=longer + KILL_DRIVER, **settings)
    assert first.code == -9, first
    last = said_apart(commands, *command, cwd=tmp_path / "there", before=longer, **settings)
    assert last.code == 0, last.err
    for name in ("here", "there"):
        run = tmp_path / name / "run"
        record = json.loads((run / "result.json").read_text("utf-8"))
        told[name] = (
            (run / "bundle" / "model.safetensors").read_bytes(),
            timeless({part: record[part] for part in ("arms", "verdict", "chosen")}),
        )
    assert told["here"] == told["there"]
    done = Counter(event["job"] for event in events(tmp_path / "there" / "run", "fitted"))
    assert set(done.values()) == {1}, "a finished job was done again"
    assert events(tmp_path / "there" / "run", "job")


def test_memory_is_that_of_such_jobs_before_and_no_more_than_there_is(home, fresh):
    bench = there(home, fresh())
    nodes = [{"Alive": True, "Resources": {"CPU": 2.0, "memory": 8e9}}, {"Alive": True, "Resources": {}}]
    ray = SimpleNamespace(nodes=lambda: nodes)
    with using_threads(4):
        asked = on_ray.needs(ray, where, bench)
        assert asked["num_cpus"] == 2, "a job for more cores than a machine has would wait forever"
        assert 0 < asked["memory"] <= 8e9
        done = on_ray.Done(None, 1.0, 10**9, None, "there", torch.backends.cpu.get_cpu_capability())
        on_ray._remember(done, where, bench)
        assert on_ray.needs(ray, where, bench)["memory"] == int(on_ray.HEADROOM * 10**9)
        on_ray._remember(replace(done, peak=10**12), where, bench)
        assert on_ray.needs(ray, where, bench)["memory"] == 8e9
    assert "num_gpus" not in asked


def test_a_gpu_is_shared_as_was_measured_and_has_to_be_there(home, fresh):
    bench = there(home, fresh(), device="cuda")
    node = {"Alive": True, "Resources": {"CPU": 2.0, "memory": 8e9, "GPU": 1.0}}
    ray = SimpleNamespace(nodes=lambda: [node])
    assert on_ray.needs(ray, where, bench)["num_gpus"] == 1, "nothing is known yet"
    on_ray._remember(on_ray.Done(None, 1.0, 10**9, 0.2, "there", "AVX2"), where, bench)
    assert on_ray.needs(ray, where, bench)["num_gpus"] == pytest.approx(0.25, abs=0.011)
    del node["Resources"]["GPU"]
    with pytest.raises(RunError, match="no machine of the Ray cluster has one"):
        on_ray.needs(ray, where, bench)


def test_another_processor_is_told(home, fresh):
    bench = there(home, fresh())
    on_ray._remember(on_ray.Done(None, 1.0, 10**9, None, "far", "of its own"), where, bench)
    assert "far computes with of its own" in bench.runtime.reporter.notes[-1]


def test_what_cannot_be_named_is_refused_at_the_edge(monkeypatch):
    place = workers.place("ray")
    for wrong in ("ray://", "ray://head", "ray://head:port"):
        with pytest.raises(SettingsError, match="expected --on ray"):
            place.require(wrong)
    monkeypatch.setattr(on_ray, "find_spec", lambda _: None)
    with pytest.raises(MissingExtra) as caught:
        place.require("ray")
    assert caught.value.hint == "pip install 'headstart[ray]'"


def test_a_job_elsewhere_knows_how_much_time_is_left(home, fresh, cluster):
    bench = there(home, fresh(), clock=Clock(5))
    bench.runtime.clock.add(100)
    for seconds in workers.each(worked, jobs(bench, [0, 1])):
        assert 100 <= seconds <= bench.runtime.clock.elapsed() + 0.1


def worked(bench, item):
    return bench.runtime.clock.elapsed()


def test_importing_the_place_imports_no_ray():
    code = "import sys, headstart.workers.ray; print('ray' in sys.modules)"
    assert subprocess.check_output([sys.executable, "-c", code], text=True).strip() == "False"
