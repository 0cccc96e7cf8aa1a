"""A real S3-compatible server on this machine (moto's), and a line to it that can be cut."""

from __future__ import annotations

import logging
import os
import socket
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from unittest.mock import patch

SETTINGS = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_EC2_METADATA_DISABLED": "true",
}


@contextmanager
def server() -> Iterator[str]:
    """The address of a server without a bucket."""
    from moto.server import ThreadedMotoServer

    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    with patch.dict(os.environ, SETTINGS):
        running = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
        running.start()
        host, port = running.get_host_and_port()
        try:
            yield f"http://{host}:{port}"
        finally:
            running.stop()


def client(address: str):
    """A client of Amazon's own library, to look at what is there and to damage it."""
    import boto3

    return boto3.client("s3", endpoint_url=address)


def require_keys(address: str, after: int | None) -> None:
    """From so many requests on the server asks who it is; None: never."""
    body = str("inf" if after is None else after).encode()
    plain = {"Content-Type": "text/plain"}
    request = urllib.request.Request(f"{address}/moto-api/reset-auth", body, plain, method="POST")
    urllib.request.urlopen(request, timeout=10).close()


@dataclass
class Line:
    """A way to a server through a port of its own, which can be cut."""

    target: tuple[str, int]
    cut: bool = False
    after: int | None = None
    """Bytes from the client after which the line breaks, once."""
    lost: int = 0
    """Connections that were refused or broken."""
    address: str = ""
    _sockets: list[socket.socket] = field(default_factory=list)

    def serve(self, listening: socket.socket) -> None:
        with suppress(OSError):  # closed at the end
            while True:
                one, _ = listening.accept()
                if self.cut:
                    self._break(one)
                    continue
                other = socket.create_connection(self.target)
                self._sockets += [one, other]
                for source, sink, counted in ((one, other, True), (other, one, False)):
                    threading.Thread(target=self._pump, args=(source, sink, counted), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with suppress(OSError):
            while content := source.recv(65536):
                if counted and self.after is not None:
                    self.after -= len(content)
                    if self.after <= 0:
                        self.after = None
                        sink.sendall(content[: len(content) // 2])
                        self._break(source, sink)
                        return
                if self.cut:
                    self._break(source, sink)
                    return
                sink.sendall(content)
        self._close(source, sink)

    def _break(self, *sockets: socket.socket) -> None:
        self.lost += 1
        self._close(*sockets)

    def _close(self, *sockets: socket.socket) -> None:
        for one in sockets:
            with suppress(OSError):
                one.shutdown(socket.SHUT_RDWR)
            one.close()

    def close(self) -> None:
        self._close(*self._sockets)


@contextmanager
def line(address: str) -> Iterator[Line]:
    """A line to the server; its `address` is to be used instead of the server's."""
    host, _, port = address.removeprefix("http://").partition(":")
    with socket.create_server(("127.0.0.1", 0)) as listening:
        found = Line((host, int(port)))
        found.address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        thread = threading.Thread(target=found.serve, args=(listening,), daemon=True)
        thread.start()
        yield found
        with suppress(OSError):
            listening.shutdown(socket.SHUT_RDWR)
        found.close()
