"""What every test gets: no network, a cache and hub folder of its own, one thread, tiny seeded data."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from no_network import sitecustomize
from pictures import write_folder

if TYPE_CHECKING:
    from xdist.scheduler import LoadFileScheduling

    from stories import Finished

REPOSITORY = Path(__file__).parents[1]


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whole stories, which are long and lie at the top, before their parts: no process ends much later."""
    items.sort(key=lambda item: len(item.path.parts))


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
        yield


@pytest.fixture(scope="session")
def _cards(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the facts of all bases are kept: a network has the same ones in every test."""
    return tmp_path_factory.mktemp("cards")


@pytest.fixture(autouse=True)
def _fresh(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, _cards: Path) -> None:
    """An empty cache for each test, and torch at one thread whatever the test before did."""
    monkeypatch.setenv("HEADSTART_CACHE", str(tmp_path_factory.mktemp("cache")))
    if card := sys.modules.get("headstart.bases._card"):
        monkeypatch.setattr(card, "Cache", partial(sys.modules["headstart.cache"].Cache, _cards))
    if torch := sys.modules.get("torch"):
        torch.set_num_threads(1)


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
