"""A machine of a Ray cluster works as the sender would, or says why it cannot."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest
import torch

from headstart.errors import RunError
from headstart.runtime import using_threads
from headstart.workers import _cluster


def test_a_machine_of_other_versions_or_without_the_folders_says_so():
    way = _cluster.way()
    _cluster.require(way)
    with pytest.raises(RunError, match="has not torch 0"):
        _cluster.require(replace(way, versions=(way.versions[0], "torch 0", *way.versions[2:])))
    with pytest.raises(RunError, match="does not reach /nowhere"):
        _cluster.require(replace(way, folder="/nowhere"))


def test_it_works_in_the_folder_and_with_the_threads_of_the_sender(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "there").mkdir()
    with using_threads(1):
        own = replace(_cluster.way(), folder=str(tmp_path / "there"))
    assert (own.threads, own.algebra > 0) == (1, True)
    with using_threads(2), _cluster.followed(own):
        assert torch.get_num_threads() == 1
        assert os.getcwd() == str(tmp_path / "there")


@pytest.mark.slow
def test_without_a_cluster_it_is_said_how_to_start_one():
    """In a process of its own: Ray's client leaves a process in which no cluster can be started."""
    pytest.importorskip("ray", reason="Ray is not installed: pip install 'headstart[ray]'")
    pytest.importorskip("grpc", reason="Ray's client is not installed: pip install 'headstart[ray]'")
    code = "from headstart.workers import _cluster\n_cluster.connected('ray://127.0.0.1:1')"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=200)
    assert "RunError: no Ray cluster answers at ray://127.0.0.1:1" in done.stderr
