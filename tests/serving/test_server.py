"""Where a service listens, and what is said where it cannot."""

from __future__ import annotations

import os
import signal
import socket
import threading
import urllib.request
from pathlib import Path

import pytest

from headstart.errors import MissingExtra, SettingsError
from headstart.serving import server
from headstart.serving.server import Address, Wanted


def test_who_can_reach_it():
    assert all(Address(host).is_local for host in ("127.0.0.1", "127.9.9.9", "::1", "localhost"))
    assert not any(Address(host).is_local for host in ("0.0.0.0", "::", "10.0.0.1", "a.example"))


@pytest.mark.parametrize("port", [-1, 65536])
def test_ports_that_are_none(port):
    with pytest.raises(SettingsError):
        Address(port=port)


def test_a_port_that_is_taken_is_said():
    with Address(port=0).bound() as door:
        door.listen()
        port = door.getsockname()[1]
        assert server._url(door) == f"http://127.0.0.1:{port}"
        with pytest.raises(SettingsError, match=str(port)) as refused:
            Address(port=port).bound()
        assert "--port" in refused.value.hint


def test_without_the_extra_it_says_what_to_install(monkeypatch, reviews):
    monkeypatch.setattr(server, "NEEDED", ("fastapi", "no_such_package"))
    with pytest.raises(MissingExtra) as refused:
        server.serve(Wanted(reviews), lambda url, folder: None)
    assert refused.value.hint == "pip install 'headstart[serve]'"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_it_is_told_to_stop(reviews, tmp_path, monkeypatch, number):
    monkeypatch.chdir(tmp_path)
    told, answers = [], []

    def ask(url):
        request = urllib.request.Request(f"{url}/predict", b"lovely songs", {"Content-Type": "text/plain"})
        with urllib.request.urlopen(request, timeout=30) as answer:
            answers.append(answer.read())
        os.kill(os.getpid(), number)

    def say(url, folder):
        told.append((url, folder))
        threading.Thread(target=ask, args=[url]).start()

    before = signal.getsignal(number)
    server.serve(Wanted(reviews, Address(port=0)), say)
    ((url, folder),) = told
    assert b'"good"' in answers[0]
    assert (folder, [*tmp_path.iterdir()]) == (Path("corrections"), []), "nothing before there is something"
    assert signal.getsignal(number) is before
    with (
        pytest.raises(ConnectionRefusedError),
        socket.create_connection(("127.0.0.1", int(url.rpartition(":")[2])), 1),
    ):
        pass


@pytest.mark.parametrize(
    ("host", "asked", "saved"),
    [
        ("127.0.0.1", None, True),
        ("127.0.0.1", False, False),
        ("0.0.0.0", None, False),
        ("0.0.0.0", True, True),
    ],
)
def test_corrections_are_taken_of_this_machine_only_unless_it_is_said(
    reviews, monkeypatch, host, asked, saved
):
    def say(url, folder):
        assert (folder is not None) is saved
        raise KeyError

    with pytest.raises(KeyError):
        server.serve(Wanted(reviews, Address(host, 0), corrections=asked), say)
