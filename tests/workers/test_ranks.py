"""One job of several processes on a real cluster: it ends as it would here, whatever is killed on the way."""

import os
import signal
import time
from dataclasses import replace
from functools import partial
from types import SimpleNamespace

import pytest
import torch

import benches
import clusters
import makings
from headstart import pretraining, workers
from headstart.adaptation.training import loop
from headstart.errors import DataError, RunError
from headstart.runtime import Silent, using_threads
from headstart.workers import _ranks
from pictures import write_folder

cluster = clusters.cluster


class Shown(benches.Listening):
    """Remembers how far bars were, too."""

    def __init__(self):
        super().__init__()
        self.bars = []

    def track(self, items, label, total):
        for number, item in enumerate(items):
            self.bars.append((label, number, total))
            yield item


def together(function, item, processes=1, reporter=None):
    with using_threads(1):
        return workers.together("ray", function, item, processes, reporter or Silent())


def talking(item, reporter):
    reporter.note(f"at {item}")
    for _ in reporter.track(range(4), "steps", 4):
        pass
    return os.getpid(), torch.get_num_threads(), "RANK" in os.environ


def test_one_process_works_there_and_is_heard_here(cluster):
    shown = Shown()
    process, threads, ranked = together(talking, 7, reporter=shown)
    assert process != os.getpid()
    assert (threads, ranked) == (1, False)
    assert shown.notes == ["at 7"]
    assert shown.bars == [("steps", number, 4) for number in range(4)]


def adding(item, reporter):
    """Of each process its rank, summed over all of them; only the first comes to the end."""
    from lightning_fabric.plugins.environments import TorchElasticEnvironment

    place = TorchElasticEnvironment()
    rank, count = place.global_rank(), place.world_size()
    torch.distributed.init_process_group("gloo", rank=rank, world_size=count)
    number = torch.tensor([rank + item])
    torch.distributed.all_reduce(number)
    torch.distributed.destroy_process_group()
    if rank:
        reporter.note("nobody hears this")
        raise SystemExit(0)
    return int(number), TorchElasticEnvironment.detect()


def test_several_processes_find_each_other_and_the_first_one_answers(cluster):
    shown = Shown()
    assert together(adding, 10, 2, shown) == (10 + 11, True)
    assert not shown.notes


def failing(item, reporter):
    if int(os.environ.get("RANK", 0)) == item:
        raise DataError("cannot be done", "leave it out")
    time.sleep(0.5)
    raise ValueError("the others only lost a peer")


@pytest.mark.slow
@pytest.mark.parametrize("rank", [0, 1])
def test_the_error_that_tells_something_is_the_one_that_comes_back(cluster, rank):
    with pytest.raises(DataError, match="cannot be done") as caught:
        together(failing, rank, 2)
    assert caught.value.hint == "leave it out"


def test_more_processes_than_there_is_room_for_are_refused(cluster):
    with pytest.raises(RunError, match="has 2 cores, not 3") as caught:
        together(talking, 0, 3)
    assert caught.value.hint == "use --devices 2"


def test_where_the_cluster_has_gpus_each_process_has_one():
    nodes = [{"Alive": True, "Resources": {"CPU": 8.0, "GPU": gpus}} for gpus in (1.0, 2.0)]
    ray = SimpleNamespace(nodes=lambda: nodes)
    with using_threads(4):
        assert _ranks._share(ray, 3) == {"CPU": 4.0, "GPU": 1.0}
        with pytest.raises(RunError, match="has 3 GPUs with a core, not 4"):
            _ranks._share(ray, 4)


def test_without_gpus_processes_share_out_the_cores():
    nodes = [{"Alive": True, "Resources": {"CPU": cores}} for cores in (4.0, 2.0)]
    ray = SimpleNamespace(nodes=lambda: nodes)
    with using_threads(3):
        assert [_ranks._share(ray, many)["CPU"] for many in (1, 2, 3, 6)] == [3, 2, 2, 1]


def fatal(item, reporter):
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.slow
def test_what_kills_every_worker_ends_with_an_error(cluster, monkeypatch):
    monkeypatch.setattr(_ranks, "RETRIES", 0)
    with pytest.raises(RunError, match="Ray lost the job 1 times"):
        together(fatal, 0)


def short(kill, asked, reporter):
    """A pre-training of two steps an epoch; the process that is to be killed is, at its third checkpoint."""
    with pytest.MonkeyPatch.context() as patch:
        makings.hurry(patch)
        rank, calls, move = int(os.environ.get("RANK", 0)), [], os.replace

        def replaced(*words):
            calls.append(1)
            mark = asked.out / "killed"
            if len(calls) == 3 and not mark.exists():
                mark.touch()
                os.kill(os.getpid(), signal.SIGKILL)
            move(*words)

        if rank == kill:
            patch.setattr(loop, "SAVE_SECONDS", -1)  # a checkpoint at every step
            patch.setattr(os, "replace", replaced)
        return pretraining._pretrained(asked, reporter)


@pytest.fixture(scope="module")
def photos(tmp_path_factory):
    folder = tmp_path_factory.mktemp("sets") / "photos"
    write_folder(folder, per_class=12)
    return folder


def test_a_pretraining_whose_worker_is_killed_ends_with_the_weights_that_it_has_here(
    cluster, photos, tmp_path, monkeypatch
):
    makings.hurry(monkeypatch)
    here = makings.make(photos, tmp_path / "here", epochs=2)
    shown = Shown()
    asked = makings.asked(photos, tmp_path / "there", epochs=2)
    folder, record = together(partial(short, 0), replace(asked, on="ray"), 1, shown)
    assert (tmp_path / "there" / "killed").exists()
    assert (folder / "model.safetensors").read_bytes() == here.weights
    assert record["losses"] == here.record["losses"]
    assert any("lost the job" in note for note in shown.notes)
    assert any(label.startswith("epoch 2 of 2") for label, *_ in shown.bars)


@pytest.mark.slow
def test_two_processes_train_one_network_there(cluster, photos, tmp_path):
    asked = replace(makings.asked(photos, tmp_path / "base", epochs=2), on="ray", devices=2)
    folder, record = together(partial(short, None), asked, 2)
    assert record["epochs"] == 2
    assert (folder / "model.safetensors").is_file()
    assert not (folder / "work").exists()
