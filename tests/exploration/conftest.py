"""Features with groups and without, and one exploration of pictures that all tests read."""

import numpy as np
import pytest
from threadpoolctl import threadpool_limits

import headstart as hs
from headstart.exploration import space
from pictures import write_folder


@pytest.fixture(autouse=True)
def _one_thread():
    with threadpool_limits(1):
        yield


@pytest.fixture(scope="session")
def grouped():
    """(150, 24) features in three groups of 70, 50 and 30, and which."""
    draws = np.random.default_rng(0)
    which = np.repeat([0, 1, 2], [70, 50, 30])
    features = 0.25 * draws.normal(size=(150, 24)) + draws.normal(size=(3, 24))[which]
    return features.astype(np.float32), which


@pytest.fixture(scope="session")
def rows(grouped):
    """The same as rows of length 1."""
    return space.fit(grouped[0])(grouped[0])


@pytest.fixture(scope="session")
def explored(tmp_path_factory, tiny_base):
    """A finished exploration of pictures, in class folders, with a copy and a broken one: read only."""
    home = tmp_path_factory.mktemp("explored")
    data = write_folder(home / "photos", per_class=10, splits=("train", "test"))
    (data / "train" / "circle" / "again.png").write_bytes(
        (data / "train" / "circle" / "circle_000.png").read_bytes()
    )
    (data / "train" / "circle" / "broken.png").write_bytes(b"\x89PNG nothing")
    (data / "notes.md").write_text("about")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("HEADSTART_CACHE", str(home / "cache"))
        found = hs.explore(
            data, base=str(tiny_base), out=home / "run", labels="label", folders=home / "sorted", clusters=3
        )
    return data, found, home / "sorted"
