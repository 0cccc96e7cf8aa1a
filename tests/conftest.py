"""What every test gets: no network, a cache and hub folder of its own, one thread, tiny seeded data."""

from __future__ import annotations

import gc
import json
import os
import sys
from collections.abc import Callable, Iterator
from functools import partial
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from no_network import sitecustomize
from pictures import write_folder

if TYPE_CHECKING:
    from xdist.scheduler import LoadFileScheduling

    from stories import Finished

REPOSITORY = Path(__file__).parents[1]
CARDS = "HEADSTART_TESTS_CARDS"
"""In the environment: where the facts of all bases are kept."""

# Each process would rewrite and compile hundreds of files for itself: a quarter of a minute.
sys.dont_write_bytecode = False


# Millions of objects of libraries are there all the time: looking through them took a twentieth of it.
gc.set_threshold(50_000, 20, 50)


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--slow", action="store_true", help="also those that take longest (`make test-all`)")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Whole stories, which are long and lie at the top, before their parts: no process ends much later."""
    items.sort(key=lambda item: len(item.path.parts))
    if not config.getoption("slow"):
        for item in filter(is_slow, items):
            item.add_marker(pytest.mark.skip(reason="slow: make test-all"))


def is_slow(item: pytest.Item) -> bool:
    """Is it marked `slow`, or the parameters that it has?"""
    found = item.get_closest_marker("slow")
    return found is not None and (not found.args or item.callspec.id in found.args)  # type: ignore[attr-defined]


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> LoadFileScheduling | None:
    """Several processes share the tests file by file: what a file makes for its tests is made once."""
    if config.getvalue("dist") != "load":
        return None
    from xdist.scheduler import LoadFileScheduling

    config.option.loadscopereorder = False  # in the order above, not by the number of tests
    return LoadFileScheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def _alone(tmp_path_factory: pytest.TempPathFactory):
    """No cache of the user's, one thread, no network: here and in the processes that tests start."""
    # Here the network is blocked from the import of sitecustomize on; they import it by themselves.
    path = [str(Path(sitecustomize.__file__).parent), os.environ.get("PYTHONPATH", "")]
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PYTHONPATH", os.pathsep.join(filter(None, path)))
        patch.setenv("HEADSTART_CACHE", str(tmp_path_factory.mktemp("cache")))
        patch.setenv("HF_HOME", str(tmp_path_factory.mktemp("hub")))
        patch.setenv("OMP_NUM_THREADS", "1")
        patch.setenv("PYTHONDONTWRITEBYTECODE", "")
        patch.setenv(CARDS, str(tmp_path_factory.mktemp("cards")))
        yield


@pytest.fixture(scope="session")
def _caches(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """A place for a cache, and another each time; pytest's own would look through all that there are."""
    home = tmp_path_factory.mktemp("caches")
    return (home / str(number) for number in count())


@pytest.fixture(autouse=True)
def _fresh(monkeypatch: pytest.MonkeyPatch, _caches: Iterator[Path]) -> None:
    """An empty cache for each test, and torch at one thread whatever the test before did."""
    cache = next(_caches)
    cache.mkdir()
    monkeypatch.setenv("HEADSTART_CACHE", str(cache))
    keep_cards(monkeypatch.setattr)
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


def keep_cards(put: Callable[[Any, str, Any], object] = setattr) -> None:
    """A network's facts are the same in every test, and are measured once."""
    if card := sys.modules.get("headstart.bases._card"):
        put(card, "Cache", partial(sys.modules["headstart.cache"].Cache, Path(os.environ[CARDS])))


@pytest.fixture
def image_folder(tmp_path: Path) -> Callable[..., Path]:
    """`image_folder("photos", classes=…, per_class=…, splits=…)` writes class folders, gives their path."""

    def make(name: str = "photos", **options: object) -> Path:
        return write_folder(tmp_path / name, **options)

    return make


@pytest.fixture(scope="session")
def tiny_base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder in timm's format: a small ResNet at 32 pixels, seeded random weights, 10 classes."""
    import timm
    import torch
    from safetensors.torch import save_file

    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = timm.create_model("test_resnet", num_classes=10)
    folder = tmp_path_factory.mktemp("bases") / "tiny"
    folder.mkdir()
    save_file(network.state_dict(), folder / "model.safetensors", metadata={"format": "pt"})
    (folder / "config.json").write_text(json.dumps(_timm_config(network.num_features)))
    return folder


@pytest.fixture(scope="session")
def finished(tmp_path_factory: pytest.TempPathFactory, tiny_base: Path) -> Finished:
    """A finished run on tiny data, shared by all tests: read it, do not change it."""
    from stories import finish

    return finish(tmp_path_factory.mktemp("finished"), tiny_base)


@pytest.fixture(scope="session")
def commands():
    """A folder with a `headstart` that starts at once, and plans short runs; for the PATH."""
    import warm

    with warm.commands() as folder:
        yield folder


@pytest.fixture
def short(monkeypatch: pytest.MonkeyPatch) -> None:
    """Runs of this test are planned short."""
    from stories import shorten

    shorten(monkeypatch)


def _timm_config(features: int) -> dict[str, object]:
    return {
        "architecture": "test_resnet",
        "num_classes": 10,
        "num_features": features,
        "pretrained_cfg": {
            "tag": "random",
            "custom_load": False,
            "input_size": [3, 32, 32],
            "fixed_input_size": False,
            "interpolation": "bilinear",
            "crop_pct": 0.875,
            "crop_mode": "center",
            "mean": [0.5, 0.5, 0.5],
            "std": [0.5, 0.5, 0.5],
            "num_classes": 10,
            "pool_size": [1, 1],
            "first_conv": "conv1.0",
            "classifier": "fc",
            "license": "apache-2.0",
        },
    }


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real data for tests marked `realdata`: HEADSTART_DATA, else `shared` beside the repository."""
    folder = Path(os.environ.get("HEADSTART_DATA", REPOSITORY.parent / "shared"))
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}: set HEADSTART_DATA to a folder that has it")
    return folder
