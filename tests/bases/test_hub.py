"""The hub's cache is used without a network, and its absence is said at once."""

import time

import pytest
from huggingface_hub import constants

from headstart.bases import load_base
from headstart.bases._hub import fetch
from headstart.errors import BaseError


@pytest.fixture
def cache(tmp_path, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "hub"))
    return tmp_path / "hub"


@pytest.fixture
def offline(monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)


def _put(cache, repository, folder):
    """A repository as the hub's own cache keeps it: blobs and links to them."""
    home = cache / f"models--{repository.replace('/', '--')}"
    snapshot = home / "snapshots" / "0123456789abcdef0123456789abcdef01234567"
    for made in (snapshot, home / "refs", home / "blobs"):
        made.mkdir(parents=True)
    (home / "refs" / "main").write_text(snapshot.name)
    for number, file in enumerate(folder.iterdir()):
        blob = home / "blobs" / str(number)
        blob.write_bytes(file.read_bytes())
        (snapshot / file.name).symlink_to(blob)


@pytest.fixture
def waited(monkeypatch):
    """Seconds that were waited between attempts; none passes."""
    seconds = []
    monkeypatch.setattr(time, "sleep", seconds.append)
    return seconds


@pytest.mark.parametrize("name", ["hf/nobody/nothing", "timm/test_resnet.r160_in1k", "test_resnet"])
def test_offline_is_said_at_once_with_a_way_out(cache, offline, waited, name):
    with pytest.raises(BaseError, match="could not be fetched") as caught:
        load_base(name)
    assert "local folder" in caught.value.hint
    assert sum(waited) < 5


def test_a_server_that_does_not_answer_is_not_asked_for_minutes(cache, waited, monkeypatch):
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    with pytest.raises(BaseError, match="could not be fetched"):
        fetch("nobody/nothing")
    assert sum(waited) < 5


@pytest.mark.parametrize("name", ["no-slash/and/two", "../../etc"])
def test_names_that_are_no_repositories(cache, offline, name):
    with pytest.raises(BaseError):
        fetch(name)


def test_the_cache_serves_every_format(cache, offline, vit_folder, timm_folder):
    _put(cache, "somebody/vit", vit_folder()[0])
    _put(cache, "somebody/resnet", timm_folder("test_resnet")[0])
    assert load_base("hf/somebody/vit").architecture.family == "transformers"
    assert load_base("hf/somebody/resnet").architecture.family == "timm"


def test_the_cache_serves_timms_names(cache, offline, timm_folder):
    _put(cache, "timm/test_resnet.r160_in1k", timm_folder("test_resnet")[0])
    base = load_base("timm/test_resnet.r160_in1k")
    assert base.receipt.fraction == 1
    assert base.card.input_size == 160
