"""A service on a free port of this machine, for tests that ask it as programs do."""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
import uuid
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from headstart.models import load
from headstart.serving.app import application
from headstart.serving.corrections import Corrections
from headstart.serving.examples import Examples, of_run
from headstart.serving.limits import Limits
from headstart.serving.patient import server as stopping
from headstart.serving.server import LOCAL, configured
from headstart.serving.service import Service

LOOPBACK = "127.0.0.1"


@dataclass
class Told:
    """A response."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        return json.loads(self.body)

    @property
    def records(self) -> list[dict[str, Any]]:
        return self.json["answers"]


@dataclass
class Served:
    """A running service."""

    service: Service
    port: int
    folder: Path | None = None
    """Of corrections."""
    server: Any = field(default=None, repr=False)

    @property
    def url(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"

    def ask(
        self, path: str, body: bytes | None = None, kind: str | None = None, method: str = "", **headers: str
    ) -> Told:
        """One request on a connection of its own; `X_y` is the header X-y."""
        line = http.client.HTTPConnection(LOOPBACK, self.port, timeout=30)
        own = {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            line.request(
                method or ("GET" if body is None else "POST"),
                path,
                body,
                {**({"Content-Type": kind} if kind else {}), **own},
            )
            answer = line.getresponse()
            return Told(answer.status, dict(answer.getheaders()), answer.read())
        finally:
            line.close()

    def json(self, path: str, value: object) -> Told:
        return self.ask(path, json.dumps(value).encode(), "application/json")

    def files(self, path: str, *files: tuple[str, bytes], **fields: str) -> Told:
        """Files as a form, each a name and its bytes."""
        mark = uuid.uuid4().hex
        parts = [
            f'--{mark}\r\nContent-Disposition: form-data; name="files"; filename="{name}"\r\n\r\n'.encode()
            + content
            + b"\r\n"
            for name, content in files
        ]
        parts += [
            f'--{mark}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        body = b"".join(parts) + f"--{mark}--\r\n".encode()
        return self.ask(path, body, f"multipart/form-data; boundary={mark}")


@contextlib.contextmanager
def served(
    bundle: Path, corrections: Path | None = None, run: Path | None = None, **limits: Any
) -> Iterator[Served]:
    """A service of a bundle until the block ends; examples are those of the run."""
    model = load(bundle)
    service = Service(model, Limits(**limits))
    task = model.predictor.task
    saved = Corrections(corrections, model) if corrections else None
    examples = of_run(run, task) if run else Examples(task)
    app = application(service, saved, examples, LOCAL)
    server = stopping(configured(app, service.limits), app.stop)
    with socket.create_server((LOOPBACK, 0)) as door:
        thread = threading.Thread(target=server.run, args=([door],))
        thread.start()
        try:
            while not server.started:
                time.sleep(0.01)
            yield Served(service, door.getsockname()[1], corrections, server)
        finally:
            server.should_exit = True
            thread.join()
            service.close()
