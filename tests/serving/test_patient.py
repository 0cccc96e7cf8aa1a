"""A head that never ends is not waited for."""

from __future__ import annotations

import http.client
import socket
import time

import pytest


@pytest.mark.parametrize("begun", [b"", b"GET /health HTTP/1.1\r\nHost: localhost\r\nX-A"])
def test_a_connection_without_a_request_is_closed(texts, begun):
    with socket.create_connection(("127.0.0.1", texts.port), timeout=10) as line:
        line.sendall(begun)
        start = time.monotonic()
        assert line.recv(1024) == b""
        assert time.monotonic() - start < 5


def test_one_that_asks_again_stays(texts):
    line = http.client.HTTPConnection("127.0.0.1", texts.port, timeout=10)
    line.connect()
    own = line.sock
    for _ in range(3):
        line.request("GET", "/health")
        assert line.getresponse().read()
        assert line.sock is own
        time.sleep(0.5)
    line.close()
