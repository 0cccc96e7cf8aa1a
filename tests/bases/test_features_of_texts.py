"""The frozen pass over texts: longest first, each with the numbers that it has alone, stopped and gone on."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

import languages
from headstart.bases import load_base
from headstart.bases.base import FEATURES
from headstart.bases.passes.frozen import FrozenPass, Subject, Wanted
from headstart.cache import Cache
from headstart.data.texts.store import TokenStore
from headstart.runtime import Runtime

N = 29
ROWS = np.arange(N)
ENGINES = ("onnxruntime", "pytorch folded", "pytorch")


def sources():
    """Of one to thirty tokens or so, in no order."""
    draw = np.random.default_rng(0)
    words = " ".join(languages.SENTENCES).replace(",", "").split()
    return [" ".join(draw.choice(words, int(draw.integers(1, 30)))).encode() for _ in range(N)]


def subject(preprocess, inputs=TokenStore):
    return Subject(inputs(sources(), preprocess), tuple(f"digest{row}" for row in range(N)), preprocess)


def passed(base, folder, boundaries, rows=ROWS, engine=None, inputs=TokenStore, threads=2, preprocess=None):
    cache = Cache(folder, dtype="float32")
    passes = FrozenPass(cache, Runtime(threads=threads), {"w": engine} if engine else None)
    about = subject(preprocess or base.preprocess, inputs)
    wanted = Wanted(base.network(), "w", about, tuple(boundaries))
    return {name: entry.read(rows) for name, entry in passes(wanted, rows).items()}


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return languages.write(tmp_path_factory.mktemp("bert"), "bert")[0]


@pytest.fixture(scope="module")
def base(folder):
    return load_base(str(folder))


@pytest.fixture(scope="module")
def alone(base):
    """(L, d) of each text alone at the first stage, and (d,) features."""
    store, network, stage = TokenStore(sources(), base.preprocess), base.network(), base.card.stages[1]
    found = []
    with torch.no_grad():
        for row in ROWS:
            kept = []
            hook = network.get_submodule(stage).register_forward_hook(
                lambda *given, k=kept: k.append(given[2])
            )
            features = network(store.batch(np.array([row])))
            hook.remove()
            found.append((kept[0][0].numpy(), features[0].numpy()))
    return found


@pytest.mark.parametrize("engine", ENGINES)
def test_each_row_is_what_the_text_has_alone_and_zero_after_its_end(base, alone, tmp_path, engine):
    stage = base.card.stages[1]
    found = passed(base, tmp_path, [stage, FEATURES], engine=engine)
    assert found[stage].shape == (N, base.preprocess.size, languages.WIDTH)
    for (states, features), kept, row in zip(alone, found[stage], found[FEATURES], strict=True):
        np.testing.assert_allclose(row, features, atol=1e-4)
        np.testing.assert_allclose(kept[: len(states)], states, atol=1e-4)
        assert not kept[len(states) :].any()
        assert kept[: len(states)].any(1).all(), "no token looks like padding"


def test_what_is_asked_for_and_in_what_order_changes_nothing(base, tmp_path):
    rows = np.random.default_rng(1).permutation(N)
    whole = passed(base, tmp_path / "whole", [FEATURES], engine="onnxruntime")[FEATURES]
    mixed = passed(base, tmp_path / "mixed", [FEATURES], rows, engine="onnxruntime", threads=1)[FEATURES]
    np.testing.assert_allclose(mixed, whole[rows], atol=1e-5)
    some = passed(base, tmp_path / "mixed", [FEATURES], rows[:5], engine="onnxruntime")[FEATURES]
    np.testing.assert_array_equal(some, mixed[:5])


def test_the_longest_go_first(base, tmp_path):
    seen = []

    class Listening(TokenStore):
        def encoded(self, indices, view=None):
            found = super().encoded(indices, view)
            seen.append(found.shape[1])
            return found

    passed(base, tmp_path, [FEATURES], engine="pytorch", inputs=Listening, threads=1)
    computed = seen[2:]  # after the probe and the shapes
    assert len(computed) >= 1
    assert computed == sorted(computed, reverse=True)
    assert computed[0] == max(seen)


@pytest.mark.parametrize("kind", ["bert", "llama"])
@pytest.mark.parametrize("engine", ENGINES)
def test_long_texts_have_features_of_their_chunks_though_the_probe_saw_none(kind, engine, tmp_path):
    base = load_base(str(languages.write(tmp_path / "base", kind)[0]))
    preprocess = base.preprocess.at(3 * base.preprocess.window)
    long = "we loved this film, and would see it again; "
    texts = [f"rain {number}".encode() for number in range(20)]
    texts += [(long * number).encode() for number in (1, 3, 9, 12)]
    rows, inputs, network = np.arange(len(texts)), TokenStore(texts, preprocess), base.network()
    with torch.no_grad():
        expected = network(inputs.batch(rows)).numpy()
    passes = FrozenPass(Cache(tmp_path / "passes"), Runtime(), {"w": engine})
    about = Subject(inputs, tuple(f"digest{row}" for row in rows), preprocess)
    found = passes(Wanted(network, "w", about, (FEATURES,)), rows)[FEATURES].read(rows)
    assert (passes.choices["w"].engine, passes.choices["w"].rejected) == (engine, {})
    np.testing.assert_allclose(found, expected, atol=1e-4)


class Stopping(TokenStore):
    """Ends the pass at its shortest texts."""

    def encoded(self, indices, view=None):
        if np.isin(self.ordered(ROWS)[-2:], indices).any() and len(indices) < 16:
            raise KeyboardInterrupt
        return super().encoded(indices, view)


def test_a_pass_that_is_stopped_goes_on(base, alone, tmp_path):
    with pytest.raises(KeyboardInterrupt):
        passed(base, tmp_path, [FEATURES], engine="onnxruntime", inputs=Stopping)
    found = passed(base, tmp_path, [FEATURES], engine="onnxruntime")[FEATURES]
    np.testing.assert_allclose(found, [features for _, features in alone], atol=1e-4)


KILLED = """
import os, signal, sys, time
sys.path[:0] = [sys.argv[1], os.path.dirname(sys.argv[1])]
from pathlib import Path
import numpy as np
import test_features_of_texts as test
from headstart import cache
from headstart.bases import load_base

class Slow(test.TokenStore):
    def encoded(self, indices, view=None):
        if np.isin(self.ordered(test.ROWS)[-2:], indices).any() and len(indices) < 16:
            time.sleep(0.3)
            os.kill(os.getpid(), signal.SIGKILL)
        time.sleep(0.02)
        return super().encoded(indices, view)

cache.rows.SETTLE_SECONDS = 0.01
base = load_base(sys.argv[3])
test.passed(base, Path(sys.argv[2]), ["features"], engine="onnxruntime", inputs=Slow, threads=1)
"""


@pytest.mark.slow
def test_after_a_kill_the_next_run_goes_on_to_the_same_rows(base, alone, folder, tmp_path):
    whole = passed(base, tmp_path / "whole", [FEATURES], engine="onnxruntime", threads=1)[FEATURES]
    command = [sys.executable, "-c", KILLED, os.path.dirname(__file__), str(tmp_path / "cut"), str(folder)]
    done = subprocess.run(command, capture_output=True, timeout=300, text=True)
    assert done.returncode == -9, done.stderr
    (entry,) = Path(tmp_path / "cut").glob("*.rows")
    missing = Cache(tmp_path / "cut").find(entry.stem).missing(ROWS)
    assert 0 < len(missing) < N
    seen = []

    class Listening(TokenStore):
        def encoded(self, indices, view=None):
            seen.append(indices)
            return super().encoded(indices, view)

    found = passed(base, tmp_path / "cut", [FEATURES], engine="onnxruntime", inputs=Listening, threads=1)[
        FEATURES
    ]
    np.testing.assert_allclose(found, whole, atol=1e-5)
    np.testing.assert_allclose(found, [features for _, features in alone], atol=1e-4)
    assert np.isin(np.concatenate(seen[2:]), missing).all(), "what was written is not run again"
