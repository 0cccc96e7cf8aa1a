"""The tests' own ground: the network is really blocked, and the fixtures are what they say."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image

import conftest
from no_network.sitecustomize import NetworkBlockedError

HERE = Path(__file__).parent
ELSEWHERE = "198.51.100.7"  # an address for documentation: nobody's


def test_other_machines_cannot_be_reached():
    with socket.socket() as probe, pytest.raises(NetworkBlockedError, match=ELSEWHERE):
        probe.connect((ELSEWHERE, 80))
    with pytest.raises(NetworkBlockedError, match=r"example\.org"):
        socket.create_connection(("example.org", 443))


def test_processes_that_tests_start_are_blocked_too():
    code = f"import socket; socket.socket().connect(('{ELSEWHERE}', 80))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=300)
    assert done.returncode != 0
    assert "NetworkBlockedError" in done.stderr


def test_this_machine_can_be_reached():
    with socket.create_server(("127.0.0.1", 0)) as server:
        socket.create_connection(server.getsockname()).close()
        assert socket.getaddrinfo("localhost", 80)


def test_the_cache_is_empty_and_not_the_users():
    folder = Path(os.environ["HEADSTART_CACHE"])
    assert folder.is_dir()
    assert not list(folder.iterdir())
    assert Path.home() / ".cache" not in folder.parents


def test_image_folder_is_seeded_and_has_no_two_pictures_alike(image_folder):
    first = image_folder(
        "a", classes=("ñandú", "蝶"), per_class={"ñandú": 2, "蝶": 3}, splits=("train", "test")
    )
    again = image_folder(
        "b", classes=("ñandú", "蝶"), per_class={"ñandú": 2, "蝶": 3}, splits=("train", "test")
    )
    files = sorted(path.relative_to(first) for path in first.rglob("*.png"))
    assert len(files) == 2 * (2 + 3)
    contents = {(first / file).read_bytes() for file in files}
    assert len(contents) == len(files)
    assert contents == {(again / file).read_bytes() for file in files}


def test_image_folder_writes_jpeg_and_other_sizes(image_folder):
    folder = image_folder(classes=("one",), per_class=1, suffix=".jpg", size=(20, 30))
    with Image.open(next(folder.rglob("*.jpg"))) as image:
        assert (image.format, image.size) == ("JPEG", (20, 30))


def test_tiny_base_loads_as_timm_would(tiny_base):
    import timm
    import torch

    network = timm.create_model(f"local-dir:{tiny_base}", pretrained=True).eval()
    with torch.inference_mode():
        features = network.forward_head(network.forward_features(torch.zeros(2, 3, 32, 32)), pre_logits=True)
    assert features.shape == (2, network.num_features)
    assert np.isfinite(features.numpy()).all()
    assert tuple(network.pretrained_cfg["input_size"]) == (3, 32, 32)


@pytest.mark.realdata
def test_shared_has_the_data_and_weights(shared):
    assert (shared / "data").is_dir()
    assert (shared / "weights").is_dir()


def test_whole_stories_come_before_their_parts():
    files = [HERE / name for name in ("data/images/test_views.py", "cli/test_init.py", "test_demo.py")]
    items = [SimpleNamespace(path=path, number=number) for path in files for number in range(2)]
    conftest.pytest_collection_modifyitems(SimpleNamespace(getoption=lambda name: True), items)
    found = [(item.path.name, item.number) for item in items]
    names = ("test_demo.py", "test_init.py", "test_views.py")
    assert found == [(name, number) for name in names for number in range(2)]


@pytest.mark.parametrize(("dist", "shared"), [("load", True), ("worksteal", False)])
def test_processes_share_the_tests_file_by_file_unless_asked_otherwise(dist, shared):
    given = {"dist": dist, "tx": ["2*popen"]}
    config = SimpleNamespace(option=SimpleNamespace(loadscopereorder=True), getvalue=given.__getitem__)
    scheduler = conftest.pytest_xdist_make_scheduler(config, None)
    assert (scheduler is not None) == shared
    if shared:
        assert scheduler._split_scope("tests/a.py::test[x::y]") == scheduler._split_scope("tests/a.py::test")
        assert scheduler._split_scope("tests/a.py::test") != scheduler._split_scope("tests/b.py::test")
        assert not config.option.loadscopereorder


@pytest.mark.parametrize(
    ("marks", "id", "slow"),
    [
        ([], "a", False),
        ([pytest.mark.slow], "a", True),
        ([pytest.mark.slow("b", "c")], "a", False),
        ([pytest.mark.slow("b", "c")], "c", True),
    ],
)
def test_slow_are_those_that_are_marked_and_of_some_their_parameters(marks, id, slow):
    item = SimpleNamespace(
        callspec=SimpleNamespace(id=id),
        get_closest_marker=lambda name: next((one.mark for one in marks), None),
    )
    assert conftest.is_slow(item) == slow
