"""The frozen pass gives what the network gives, once, and keeps apart what could differ."""

import os
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np
import pytest
import torch
from torch import nn

from benches import Listening
from headstart.bases.base import FEATURES
from headstart.bases.passes import engines, frozen
from headstart.bases.passes.frozen import FrozenPass, Subject, Wanted
from headstart.cache import Cache, store
from headstart.cache.store import Store
from headstart.errors import RunError
from headstart.preprocessing.image import ImagePreprocess
from headstart.runtime import Runtime, Silent

N = 21
ROWS = np.arange(N)


class Small(nn.Module):
    """A small network; the activation above the body works in place."""

    def __init__(self, scale=1.0):
        super().__init__()
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            self.stem = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU())
            self.body = nn.Sequential(nn.Dropout(0.5), nn.Conv2d(4, 5, 3))
        self.act = nn.ReLU(inplace=True)
        self.scale = scale

    def forward(self, images):
        return self.act(self.body(self.stem(images * self.scale))).mean((2, 3))


@dataclass
class Pictures:
    """Noise as inputs, noting which rows are asked for; a view adds noise of its seed and row."""

    pixels: np.ndarray
    augments = True

    def __post_init__(self):
        self.preparation, self.seen = nn.Identity(), []

    def ordered(self, indices):
        return indices

    def encoded(self, indices, view=None):
        self.seen += indices.tolist()
        plain = self.pixels[indices]
        if view is None:
            return plain
        noise = [np.random.default_rng([view, row]).random(plain.shape[1:]) for row in indices.tolist()]
        return plain + np.asarray(noise, dtype=np.float32)


@pytest.fixture(params=["onnxruntime", "pytorch folded", "pytorch"])
def engine(request):
    return request.param


@pytest.fixture
def subject():
    pixels = np.random.default_rng(1).normal(size=(N, 3, 9, 9)).astype(np.float32)
    preprocess = ImagePreprocess(9, (0, 0, 0), (1, 1, 1))
    return Subject(Pictures(pixels), tuple(f"digest{row}" for row in range(N)), preprocess)


@pytest.fixture
def run(subject, tmp_path):
    """`run(network, boundaries, …)`: arrays of the rows, through a cache of the test's."""
    cache = Cache(tmp_path / "passes")

    def go(
        network=None,
        boundaries=(FEATURES,),
        rows=ROWS,
        view=None,
        identity="w",
        subject=subject,
        engine=None,
        cache=cache,
    ):
        passes = FrozenPass(cache, Runtime(threads=2), {identity: engine} if engine else None)
        wanted = Wanted(network or Small(), identity, subject, tuple(boundaries), view)
        return {name: entry.read(rows) for name, entry in passes(wanted, rows).items()}

    return go


def direct(network, pixels):
    """What the network itself gives in eval mode: activations of the stem, and features."""
    network = network.eval()
    with torch.no_grad():
        stem = network.stem(torch.from_numpy(pixels) * network.scale)
        return stem.numpy(), network.act(network.body(stem)).mean((2, 3)).numpy()


def test_it_gives_the_networks_own_outputs_in_eval_mode(run, subject, engine):
    network = Small().train()
    found = run(network, ["stem", FEATURES], engine=engine)
    stem, features = direct(Small(), subject.inputs.pixels)
    assert list(found) == ["stem", FEATURES]
    np.testing.assert_allclose(found[FEATURES], features, atol=1e-6)
    np.testing.assert_allclose(found["stem"], stem, atol=2e-3)
    assert (found["stem"].dtype, found[FEATURES].dtype) == (np.float16, np.float32)
    assert network.stem[1].num_batches_tracked == 0


def test_what_works_in_place_above_does_not_change_what_is_kept(run, engine):
    assert run(boundaries=["body"], engine=engine)["body"].min() < 0, "the activation before the ReLU"


def test_rows_come_in_the_order_that_is_asked_for(run, subject):
    rows = np.array([7, 2, 19])
    features = direct(Small(), subject.inputs.pixels)[1]
    np.testing.assert_allclose(run(rows=rows)[FEATURES], features[rows], atol=1e-6)


def test_the_second_time_nothing_is_run(run, subject, monkeypatch):
    first = run(boundaries=["stem", FEATURES])
    monkeypatch.setattr(frozen, "choose", lambda *_: pytest.fail("an engine was built"))
    subject.inputs.seen.clear()
    second, one = run(boundaries=["stem", FEATURES]), run()
    assert subject.inputs.seen == []
    assert all((first[name] == second[name]).all() for name in first)
    assert (one[FEATURES] == first[FEATURES]).all()


def test_a_row_that_is_there_is_not_written_again(run, monkeypatch):
    some = np.arange(5)
    before = run(rows=some)[FEATURES]
    real = frozen._stored
    monkeypatch.setattr(frozen, "_stored", lambda values, dtype: real(values, dtype) + dtype.type(1))
    after = run(boundaries=["stem", FEATURES])
    assert (after[FEATURES][:5] == before).all()
    assert (run(rows=some)[FEATURES] == before).all()
    assert after["stem"].min() >= 1


def passed(run, own, **asked):
    """How many examples were encoded, those of the engine's probe among them."""
    inputs = asked.get("subject", own).inputs
    inputs.seen.clear()
    run(**asked)
    return len(inputs.seen)


def test_some_rows_now_and_the_rest_later(run, subject):
    some = np.arange(5)
    run(rows=some)
    later = passed(run, subject)
    probe = min(N, frozen.SAMPLE) + 1
    assert later == probe + N - len(some)


def test_whatever_can_change_a_value_is_another_entry(run, subject, tmp_path):
    other = replace(subject, digests=("changed", *subject.digests[1:]))
    sharper = replace(subject, preprocess=replace(subject.preprocess, std=(2.0, 1.0, 1.0)))
    wide = Cache(tmp_path / "passes", dtype="float32")
    asked = [
        {"boundaries": ["body"]},
        {"boundaries": ["body"], "identity": "other weights"},
        {"boundaries": ["stem"]},
        {"boundaries": ["body"], "view": 1},
        {"boundaries": ["body"], "view": 2},
        {"boundaries": ["body"], "subject": other},
        {"boundaries": ["body"], "subject": sharper},
        {"boundaries": ["body"], "cache": wide},
    ]
    for change in asked:
        assert passed(run, subject, **change) >= N, change
    for change in asked:
        assert passed(run, subject, **change) == 0, change
    for same in ({"rows": ROWS[::-1].copy()}, {"rows": ROWS[:3]}, {"engine": "pytorch"}):
        assert passed(run, subject, boundaries=["body"], **same) == 0, same


def test_another_version_of_the_pass_believes_no_old_entry(run, subject, monkeypatch):
    run()
    monkeypatch.setattr(frozen, "VERSION", frozen.VERSION + 1)
    assert passed(run, subject) >= N


def test_a_float32_cache_keeps_every_bit_of_an_activation(run, subject, tmp_path):
    found = run(boundaries=["stem"], engine="pytorch", cache=Cache(tmp_path / "wide", dtype="float32"))[
        "stem"
    ]
    assert found.dtype == np.float32
    np.testing.assert_allclose(found, direct(Small(), subject.inputs.pixels)[0], rtol=0, atol=1e-6)


def test_how_the_examples_are_batched_changes_nothing(run, subject, monkeypatch):
    expected = direct(Small(), subject.inputs.pixels)[1]
    for batch in (1, 5, N, 100):
        monkeypatch.setattr(engines.Session, "batch", batch)
        found = run(identity=str(batch), engine="onnxruntime")[FEATURES]
        np.testing.assert_allclose(found, expected, atol=1e-6)


def test_a_view_repeats_by_its_seed_and_differs_from_the_plain_one(run, tmp_path, engine):
    first = run(view=3, engine=engine)[FEATURES]
    again = run(view=3, engine=engine, cache=Cache(tmp_path / "elsewhere"), rows=ROWS[::-1].copy())[FEATURES]
    assert (first == again[::-1]).all()
    plain = run(engine=engine)[FEATURES]
    for other in (run(view=4, engine=engine)[FEATURES], plain):
        assert (first != other).any(axis=1).all()
    moved = first - plain
    assert len(np.unique(moved.round(5), axis=0)) == N, "every example has a view of its own"


def test_activations_too_large_for_float16_are_kept_as_float32(run, subject):
    found = run(Small(scale=1e6), ["stem", FEATURES])
    assert found["stem"].dtype == np.float32
    np.testing.assert_allclose(found["stem"], direct(Small(1e6), subject.inputs.pixels)[0], rtol=1e-3)
    subject.inputs.seen.clear()
    run(Small(scale=1e6), ["stem", FEATURES])
    assert subject.inputs.seen == [], "the wider entry is found"


def test_a_spike_that_no_probe_saw_widens_the_entry(run, subject):
    spiky = subject.inputs.pixels.copy()
    spiky[20] *= 1e7
    found = run(boundaries=["stem", FEATURES], subject=replace(subject, inputs=Pictures(spiky)))
    stem, features = direct(Small(), spiky)
    assert found["stem"].dtype == np.float32
    np.testing.assert_allclose(found["stem"], stem, rtol=1e-4, atol=1e-4)
    np.testing.assert_allclose(found[FEATURES], features, rtol=1e-4)


class Stopping(Pictures):
    """Ends the pass at some row."""

    def encoded(self, indices, view=None):
        if 18 in indices:
            raise KeyboardInterrupt
        return super().encoded(indices, view)


def test_a_pass_that_is_stopped_goes_on_from_what_was_written(run, subject):
    stopping = Stopping(subject.inputs.pixels)
    with pytest.raises(KeyboardInterrupt):
        run(subject=replace(subject, inputs=stopping), engine="onnxruntime")
    left = passed(run, subject, engine="onnxruntime")
    assert left < 1 + frozen.SAMPLE + N
    np.testing.assert_allclose(run()[FEATURES], direct(Small(), subject.inputs.pixels)[1], atol=1e-6)


KILLED = """
import os, signal, sys, time
sys.path[:0] = [sys.argv[1], os.path.dirname(os.path.dirname(sys.argv[1]))]
from pathlib import Path
import numpy as np
from headstart import cache
from headstart.bases.passes.frozen import FrozenPass, Subject, Wanted
from headstart.bases.base import FEATURES
from headstart.runtime import Runtime, Silent
from headstart.preprocessing.image import ImagePreprocess
from test_frozen import N, ROWS, Pictures, Small

class Slow(Pictures):
    def encoded(self, indices, view=None):
        if 18 in indices:
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.02)
        return super().encoded(indices, view)

cache.rows.SETTLE_SECONDS = 0.01
pixels = np.random.default_rng(1).normal(size=(N, 3, 9, 9)).astype(np.float32)
digests = tuple(f"digest{row}" for row in range(N))
subject = Subject(Slow(pixels), digests, ImagePreprocess(9, (0, 0, 0), (1, 1, 1)))
passes = FrozenPass(cache.Cache(Path(sys.argv[2])), Runtime(), {"w": "onnxruntime"})
passes(Wanted(Small(), "w", subject, (FEATURES,)), ROWS)
"""


def test_after_a_kill_the_next_run_goes_on_from_what_was_written(run, subject, tmp_path):
    here = os.path.dirname(__file__)
    command = [sys.executable, "-c", KILLED, here, str(tmp_path / "passes")]
    done = subprocess.run(command, capture_output=True, timeout=300, text=True)
    assert done.returncode == -9, done.stderr
    (entry,) = (tmp_path / "passes").glob("*.rows")
    written = N - len(Cache(tmp_path / "passes").find(entry.stem).missing(ROWS))
    assert written >= 8
    assert passed(run, subject, engine="onnxruntime") == 1 + frozen.SAMPLE + N - written
    np.testing.assert_allclose(run()[FEATURES], direct(Small(), subject.inputs.pixels)[1], atol=1e-6)


def test_of_two_passes_at_once_one_does_the_work(subject, tmp_path):
    class Slow(Pictures):
        def encoded(self, indices, view=None):
            time.sleep(0.02)
            return super().encoded(indices, view)

    slow = replace(subject, inputs=Slow(subject.inputs.pixels))
    heard, together = [Listening(), Listening()], threading.Barrier(2)

    def one(listening):
        together.wait(60)
        passes = FrozenPass(Cache(tmp_path / "shared"), Runtime(reporter=listening), {"w": "pytorch"})
        return passes(Wanted(Small(), "w", slow, (FEATURES,)), ROWS)[FEATURES].read(ROWS)

    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(one, heard)
    assert (first == second).all()
    assert len(slow.inputs.seen) == 2 * (1 + frozen.SAMPLE) + N
    assert len(heard[0].notes + heard[1].notes) == 1


def test_a_disk_that_fills_up_in_the_pass_is_a_clear_error_and_leaves_nothing_false(
    run, subject, monkeypatch
):
    import errno

    from headstart import cache as module

    real, left = os.pwrite, [3]

    def pwrite(fd, data, offset):
        left[0] -= 1
        if left[0] < 0:
            raise OSError(errno.ENOSPC, "No space left on device")
        return real(fd, data, offset)

    with monkeypatch.context() as patch:
        patch.setattr(module.os, "pwrite", pwrite)
        with pytest.raises(RunError, match="No space left on device"):
            run(engine="onnxruntime")
    np.testing.assert_allclose(run()[FEATURES], direct(Small(), subject.inputs.pixels)[1], atol=1e-6)


def test_a_cache_without_room_is_a_clear_error(run, tmp_path):
    with pytest.raises(RunError, match="the frozen pass needs"):
        run(cache=Cache(tmp_path / "small", budget=10))


def test_an_engine_that_is_not_used_is_said_once(subject, tmp_path, monkeypatch):
    class Broken:
        def __init__(self, *_):
            raise RuntimeError("not today")

    monkeypatch.setattr(engines, "Session", Broken)
    monkeypatch.setattr(engines, "SHORT", 0)
    heard = Listening()
    passes = FrozenPass(Cache(tmp_path), Runtime(reporter=heard))
    for identity in ("a", "b"):
        passes(Wanted(Small(), identity, subject, (FEATURES,)), ROWS)
    assert heard.notes == ["the engine onnxruntime is not used: it cannot run this network (not today)"]


def test_no_hook_stays_behind(run, engine):
    network = Small()
    run(network, ["stem", "body", FEATURES], engine=engine)
    assert not any(module._forward_hooks for module in network.modules())


def test_no_examples_are_refused(run):
    with pytest.raises(ValueError, match="at least one example"):
        run(rows=ROWS[:0])


def test_the_speed_of_a_pass_is_measured_on_its_engine(subject, tmp_path):
    passes = FrozenPass(Cache(tmp_path), Runtime(), {"w": "pytorch"})
    assert 0 < passes.seconds(Wanted(Small(), "w", subject, (FEATURES,)), ROWS) < 1
    assert passes.choices["w"].engine == "pytorch"


def test_what_ran_a_network_once_runs_it_again_over_the_same_examples(subject, tmp_path):
    """Also in another process, whatever is quicker then: engines differ in the last bits."""
    cache = Cache(tmp_path)
    first = FrozenPass(cache, Runtime(), {"w": "pytorch folded"})
    first(Wanted(Small(), "w", subject, (FEATURES,)), ROWS[:3])
    again = FrozenPass(cache, Runtime())
    again(Wanted(Small(), "w", subject, (FEATURES,)), ROWS)
    assert again.choices["w"].engine == "pytorch folded"


def test_what_ran_few_examples_is_not_what_runs_many(subject, tmp_path, monkeypatch):
    """Of few the plainest does; that says nothing of another set."""
    cache, asked = Cache(tmp_path), []
    choose = frozen.choose
    monkeypatch.setattr(frozen, "choose", lambda *given: asked.append(given[-2:]) or choose(*given))
    FrozenPass(cache, Runtime())(Wanted(Small(), "w", subject, (FEATURES,)), ROWS)
    many = replace(subject, digests=tuple(f"other{row}" for row in range(9000)))
    FrozenPass(cache, Runtime())(Wanted(Small(), "w", many, (FEATURES,)), ROWS)
    assert asked == [(None, N), (None, 9000)]


def test_a_pass_is_shared_and_a_lost_store_is_noted_once(subject, tmp_path, monkeypatch):
    said = []
    runtime = Runtime(threads=1, reporter=Saying(said))
    wanted = Wanted(Small(), "w", subject, (FEATURES,))

    def machine(name):
        return FrozenPass(Cache(tmp_path / name, store=Store(f"file://{tmp_path}/shared")), runtime)

    first = machine("a")(wanted, ROWS)[FEATURES].mapped()
    subject.inputs.seen.clear()
    second = machine("b")(wanted, ROWS)[FEATURES].mapped()
    assert subject.inputs.seen == [], "nothing is decoded or computed for what another machine has written"
    assert (first == second).all()

    lost = machine("c")
    monkeypatch.setattr(store, "WAITS", ())
    monkeypatch.setattr(lost.cache.store, "_system", None)
    for _ in range(2):
        assert (lost(wanted, ROWS)[FEATURES].mapped() == first).all()
    assert sum("not shared any more" in line for line in said) == 1


class Saying(Silent):
    """A reporter that keeps what it is told."""

    def __init__(self, said):
        self.note = said.append
