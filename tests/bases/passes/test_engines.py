"""The quickest engine that agrees is taken, remembered and shown; one that does not agree never is."""

from dataclasses import asdict

import numpy as np
import pytest
import torch
from torch import nn

from headstart import data
from headstart.bases import load_base
from headstart.bases.base import FEATURES
from headstart.bases.passes import engines as _engines
from headstart.bases.passes.engines import PLAIN, Choice, Job, choose
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.runtime import Runtime
from headstart.tasks.image_classification import plugin as images
from headstart.tasks.solvers import linear

SAMPLE = np.random.default_rng(0).normal(size=(6, 3, 8, 8)).astype(np.float32)


@pytest.fixture
def job():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = nn.Sequential(nn.Conv2d(3, 4, 3), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten())
    return Job(network.eval(), nn.Identity(), ("2", FEATURES))


class Stub:
    """An engine with a fixed error."""

    precision, batch, concurrent = "float32", 2, False

    def __init__(self, name, job, error=0.0, fails=None):
        self.name, self.inner, self.error, self.fails = name, _engines.Torch(job, "cpu", name), error, fails

    def __call__(self, encoded):
        if self.fails:
            raise RuntimeError(self.fails)
        return [values + self.error * np.abs(values).max() for values in self.inner(encoded)]


@pytest.fixture
def rivals(monkeypatch, job):
    """`rivals(speed, **engines)`: what may run the job, and the rates that a probe would see."""

    def go(rates, **engines):
        made = {PLAIN: lambda: _engines.Torch(job, "cpu", PLAIN), **engines}
        monkeypatch.setattr(_engines, "_makers", lambda *_: made)
        timed = []

        def rate(engine, sample, threads):
            timed.append(engine.name)
            return rates[engine.name]

        monkeypatch.setattr(_engines, "rate", rate)
        return timed

    return go


@pytest.fixture
def chosen(job, tmp_path):
    """`chosen(decided, examples)`: the engine and the choice."""

    def go(decided=None, examples=0):
        return choose(
            job, SAMPLE, Runtime(), Cache(tmp_path / "cache"), decided and Choice(decided), examples
        )

    return go


def test_the_quickest_that_agrees_is_taken(rivals, chosen, job):
    rivals({PLAIN: 10, "a": 11, "b": 12}, a=lambda: Stub("a", job), b=lambda: Stub("b", job, 1e-5))
    engine, choice = chosen()
    assert engine.name == choice.engine == "b"
    assert choice.speedup == 1.2
    assert choice.difference == pytest.approx(1e-5, rel=0.2)
    assert choice.rejected == {}


def test_one_that_clearly_wins_ends_the_search(rivals, chosen, job):
    timed = rivals({PLAIN: 10, "a": 20, "b": 99}, a=lambda: Stub("a", job), b=lambda: Stub("b", job))
    assert chosen()[0].name == "a"
    assert timed == [PLAIN, "a"]


@pytest.mark.parametrize(("examples", "name"), [(90, PLAIN), (110, "a")])
def test_what_takes_long_to_build_is_taken_where_there_is_enough_to_do(
    rivals, chosen, job, monkeypatch, examples, name
):
    rivals({PLAIN: 10, "a": 20}, a=lambda: Stub("a", job))
    seconds = iter([0.0, 0.0, 0.0, 5.0])  # a probe is made, then an engine
    monkeypatch.setattr(_engines.time, "perf_counter", lambda: next(seconds, 5.0))
    assert chosen(examples=examples)[0].name == "a", "what has been built is used"
    engine, choice = chosen(examples=examples)
    assert (engine.name, choice.engine) == (name, name)
    assert chosen("a", examples)[0].name == "a", "what ran this network before goes on"


@pytest.mark.parametrize(("examples", "name"), [(9, PLAIN), (10, "a"), (9, "a")])
def test_where_little_is_to_do_nothing_quicker_is_looked_for(rivals, chosen, job, examples, name):
    rivals({PLAIN: 10, "a": 20}, a=lambda: Stub("a", job))
    if examples < 10 and name == "a":  # what an earlier run found is used
        chosen()
    assert chosen(examples=examples)[0].name == name
    assert chosen(examples=99)[0].name == "a", "nothing was remembered of the few"


def test_plain_pytorch_stays_where_nothing_is_quicker(rivals, chosen, job):
    rivals({PLAIN: 10, "a": 9}, a=lambda: Stub("a", job))
    choice = chosen()[1]
    assert choice == Choice(PLAIN, 1.0, 0.0, {})


@pytest.mark.parametrize("error", [2e-3, 0.5, float("nan"), float("inf")])
def test_one_that_disagrees_is_not_taken_and_that_is_said(rivals, chosen, job, error):
    rivals({PLAIN: 10, "a": 99}, a=lambda: Stub("a", job, error))
    engine, choice = chosen()
    assert engine.name == PLAIN
    assert "differ from PyTorch's" in choice.rejected["a"]


def test_a_difference_at_any_boundary_counts(rivals, chosen, job):
    class Wrong(Stub):
        def __call__(self, encoded):
            first, *rest = super().__call__(encoded)
            return [np.full_like(first, np.nan), *rest]

    rivals({PLAIN: 10, "a": 99}, a=lambda: Wrong("a", job))
    assert chosen()[0].name == PLAIN


@pytest.mark.parametrize(
    ("message", "reason"), [("no such operator\nand more", "no such operator"), (" ", "RuntimeError")]
)
def test_one_that_fails_is_not_taken_and_that_is_said(rivals, chosen, job, message, reason):
    rivals({PLAIN: 10, "a": 99}, a=lambda: Stub("a", job, fails=message))
    assert chosen()[1].rejected == {"a": f"it cannot run this network ({reason})"}


def test_one_that_is_tied_to_its_batch_is_not_taken(rivals, chosen, job):
    class Tied(Stub):
        def __call__(self, encoded):
            return [np.resize(values, (6, *values.shape[1:])) for values in super().__call__(encoded)]

    rivals({PLAIN: 10, "a": 99}, a=lambda: Tied("a", job))
    assert chosen()[0].name == PLAIN


def test_one_that_fails_while_it_is_timed_is_not_taken_and_that_is_said(rivals, chosen, job, monkeypatch):
    rivals({PLAIN: 10, "b": 11}, a=lambda: Stub("a", job), b=lambda: Stub("b", job))

    def rate(engine, sample, threads):
        if engine.name == "a":
            raise RuntimeError("not from two threads")
        return {PLAIN: 10, "b": 11}[engine.name]

    monkeypatch.setattr(_engines, "rate", rate)
    engine, choice = chosen()
    assert engine.name == "b"
    assert choice.rejected == {"a": "it cannot run this network (not from two threads)"}


def test_a_network_that_does_not_take_channels_last_runs_in_plain_order(chosen):
    class Viewing(nn.Module):
        def __init__(self):
            super().__init__()
            self.conv = nn.Conv2d(3, 4, 3)

        def forward(self, inputs):
            outputs = self.conv(inputs)
            return outputs.view(len(outputs), -1)

    network = Viewing().eval()
    with torch.no_grad():
        expected = network(torch.from_numpy(SAMPLE)).numpy()
    sample = torch.from_numpy(SAMPLE).contiguous(memory_format=torch.channels_last).numpy()
    engine = _engines._makers(Job(network, nn.Identity(), (FEATURES,)), sample, "cpu")[PLAIN]()
    np.testing.assert_allclose(engine(sample)[0], expected, atol=1e-6)


def test_the_choice_is_remembered_and_still_checked(rivals, chosen, job):
    timed = rivals({PLAIN: 10, "a": 99}, a=lambda: Stub("a", job))
    first = chosen()[1]
    timed.clear()
    assert chosen()[1] == first
    assert timed == []
    rivals({PLAIN: 10, "a": 99}, a=lambda: Stub("a", job, 1.0))
    engine, choice = chosen()
    assert (engine.name, choice.engine, choice.speedup) == (PLAIN, PLAIN, 1.0)
    assert choice.rejected.keys() == {"a"}


def test_what_was_decided_elsewhere_is_taken_without_timing(rivals, chosen, job):
    timed = rivals({}, a=lambda: Stub("a", job))
    engine, choice = chosen("a")
    assert (engine.name, choice.speedup, timed) == ("a", None, [])
    assert Choice(**asdict(choice)) == choice


def test_an_engine_that_is_not_known_here_falls_back_and_says_so(rivals, chosen):
    rivals({})
    engine, choice = chosen("of another machine")
    assert engine.name == choice.engine == PLAIN
    assert "of another machine" in choice.rejected["of another machine"]


def test_other_networks_and_boundaries_are_probed_for_themselves(job):
    key = _engines._key(job, SAMPLE, Runtime())
    other = Job(nn.Sequential(nn.Flatten()), job.preparation, job.boundaries)
    assert _engines._key(other, SAMPLE, Runtime()) != key
    assert _engines._key(job, SAMPLE[:, :, :4], Runtime()) != key
    assert _engines._key(job, SAMPLE, Runtime(threads=7)) != key


@pytest.mark.parametrize("name", [PLAIN, "onnxruntime", "pytorch folded"])
def test_every_engine_of_a_cpu_runs_and_agrees(chosen, job, name):
    engine, choice = chosen(name)
    assert (engine.name, choice.rejected) == (name, {})
    assert choice.difference < 1e-5
    with torch.no_grad():
        expected = job.network(torch.from_numpy(SAMPLE)).numpy()
    np.testing.assert_allclose(engine(SAMPLE)[1], expected, atol=1e-5)


def test_half_precision_is_for_gpus(job):
    assert not any("float16" in name for name in _engines._makers(job, SAMPLE, "cpu"))
    assert any("bfloat16" in name for name in _engines._makers(job, SAMPLE, "cuda"))


def test_the_rate_counts_examples_a_second(job, monkeypatch):
    now = [0.0]

    class Timed(Stub):
        def __call__(self, encoded):
            now[0] += 0.01
            return []

    monkeypatch.setattr(_engines.time, "perf_counter", lambda: now[0])
    assert _engines.rate(Timed("a", job), SAMPLE, 1) == pytest.approx(6 / 0.03)


@pytest.mark.realdata
@pytest.mark.parametrize("name", ["mobilenet_v2_imagenet", "squeezenet1_1_imagenet"])
def test_a_head_says_the_same_of_256_real_pictures_whatever_the_engine(shared, tmp_path, name):
    base = load_base(str(shared / "weights" / name))
    splits = data.load(shared / "data" / "image_classification" / "hymenoptera", images)
    rows, targets = np.arange(256), splits.examples.answers[:256]

    def features(engine):
        passes = FrozenPass(Cache(tmp_path / engine), Runtime(threads=2), {base.identity: engine})
        bench = Bench(images, splits.examples, rows, base, passes)
        found = bench.features(rows=rows)
        assert passes.choices[base.identity].engine == engine
        return found

    plain, *others = (features(engine) for engine in (PLAIN, "onnxruntime", "pytorch folded"))
    head = linear.solve(plain[::2], targets[::2], 2)
    assert not np.array_equal(others[0], plain), "another engine adds in another order"
    for other in others:
        np.testing.assert_allclose(other, plain, atol=1e-4 * np.abs(plain).max())
        assert (head.outputs(other).argmax(1) == head.outputs(plain).argmax(1)).all()


def test_what_another_such_network_takes_is_building_and_agreeing(rivals, chosen, job, monkeypatch):
    rivals({PLAIN: 10, "a": 20}, a=lambda: Stub("a", job))
    seconds = iter([0.0, 1.0, 1.0, 3.0, 6.0])
    monkeypatch.setattr(_engines.time, "perf_counter", lambda: next(seconds, 6.0))
    choice = chosen()[1]
    assert (choice.building, choice.ready) == (2.0, 6.0), "and plain PyTorch's answers"
