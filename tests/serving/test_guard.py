"""Nothing passes that is too large, too slow, or meant for somebody else."""

from __future__ import annotations

import re
import socket
import time

import pytest

from headstart.serving.guard import HEADERS
from served import served


def spoken(served, *parts: bytes, pause: float = 0.0) -> bytes:
    """What comes back for bytes that are sent as they are."""
    with socket.create_connection(("127.0.0.1", served.port), timeout=10) as line:
        for part in parts:
            line.sendall(part)
            time.sleep(pause)
        answer = b""
        while block := line.recv(65536):
            answer += block
        return answer


def head(length: object, kind: str = "text/plain", more: str = "") -> bytes:
    return (
        f"POST /predict HTTP/1.1\r\nHost: localhost\r\nContent-Type: {kind}\r\n"
        f"Content-Length: {length}\r\n{more}\r\n"
    ).encode()


def test_every_answer_has_the_headers(texts):
    for path in ("/", "/page/main.js", "/health", "/nothing"):
        headers = {name.lower(): value for name, value in texts.ask(path).headers.items()}
        assert {name.lower() for name in HEADERS} <= set(headers)
        assert "default-src 'none'" in headers["content-security-policy"]


def test_other_names_are_refused(texts):
    assert texts.ask("/health", Host="evil.example").status == 400
    assert texts.ask("/health", Host=f"evil.example:{texts.port}").status == 400
    for name in ("localhost", f"127.0.0.1:{texts.port}", "[::1]:80", "LOCALHOST"):
        assert texts.ask("/health", Host=name).status == 200


@pytest.mark.parametrize(
    "headers",
    [{"Origin": "http://evil.example"}, {"Origin": "null"}, {"Sec_Fetch_Site": "cross-site"}],
)
def test_pages_of_other_sites_change_nothing(texts, headers):
    assert texts.ask("/predict", b"a", "text/plain", **headers).status == 403
    assert texts.ask("/predict", b"a", "text/plain", Origin=f"http://127.0.0.1:{texts.port}").status == 200


def test_a_large_body_is_refused_before_it_is_sent(texts):
    assert b" 413 " in spoken(texts, head(10**9))
    assert b" 413 " in spoken(texts, head("9" * 20))


def test_a_body_that_says_less_than_it_is(texts):
    chunk = b"10000\r\n" + b"x" * 0x10000 + b"\r\n"
    start = head(0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
    assert b" 413 " in spoken(texts, start, *[chunk] * 5)


@pytest.mark.parametrize(
    ("start", "status"),
    [
        (head(3_000_000), b" 413 "),
        (head(200_000, "image/png"), b" 415 "),
        (head(200_000, more="Origin: http://evil.example\r\n"), b" 403 "),
    ],
)
def test_who_sends_all_before_reading_still_gets_the_answer(texts, start, status):
    size = int(re.search(rb"Content-Length: (\d+)", start).group(1))
    pieces = [b"x" * (size // 4)] * 4
    assert status in spoken(texts, start, *pieces, pause=0.1)


def test_nobody_sends_for_ever(texts):
    begun = time.monotonic()
    with pytest.raises(ConnectionError):
        spoken(texts, head(10**9), *[b"x" * 1000] * 100, pause=0.1)
    assert time.monotonic() - begun < 5


@pytest.mark.parametrize("length", ["-1", "ten", "1e3", "1, 2"])
def test_lengths_that_are_none(texts, length):
    assert spoken(texts, head(length)).startswith(b"HTTP/1.1 400")


def test_a_body_that_comes_too_slowly_is_given_up(texts):
    begun = time.monotonic()
    answer = spoken(texts, head(100), b"a")
    assert b" 408 " in answer
    assert b"not sent within 1 seconds" in answer
    assert time.monotonic() - begun < 5


def test_who_is_still_sending_is_not_waited_for_at_the_end(reviews):
    with socket.socket() as line:
        line.settimeout(10)
        with served(reviews, seconds=60.0) as service:
            line.connect(("127.0.0.1", service.port))
            line.sendall(head(100) + b"a")
            assert service.ask("/health").status == 200
            begun = time.monotonic()
        assert time.monotonic() - begun < 5
        assert b" 503 " in line.recv(4096)


def test_what_is_held_is_let_go(texts):
    assert texts.ask("/predict", b"lovely", "text/plain").status == 200
    until = time.monotonic() + 5
    while texts.server.config.app.held and time.monotonic() < until:  # the answer is there a moment earlier
        time.sleep(0.01)
    assert texts.server.config.app.held == 0


def test_too_much_at_a_time_has_to_come_again(texts, monkeypatch):
    monkeypatch.setattr(texts.server.config.app, "held", 10**9)
    told = texts.ask("/predict", b"lovely", "text/plain")
    assert (told.status, told.headers["retry-after"]) == (503, "1")


@pytest.mark.parametrize(
    "noise", [b"\x16\x03\x01\x02\x00", b"GET\r\n\r\n", b"\0" * 100, b"GET / HTTP/9.9\r\n\r\n"]
)
def test_noise_ends_the_connection_and_nothing_else(texts, noise):
    answer = spoken(texts, noise + b"\r\n\r\n")
    assert b" 200 " not in answer
    assert texts.ask("/health").status == 200
