"""Start a service, say where it is, and stop it cleanly."""

from __future__ import annotations

import ipaddress
import signal
import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from ..errors import MissingExtra, SettingsError
from ..models import load
from .limits import Limits

if TYPE_CHECKING:
    import uvicorn

    from .guard import Guard

NEEDED = ("fastapi", "uvicorn", "python_multipart")
"""Of the extra."""
LOCAL = frozenset({"localhost", "127.0.0.1", "::1"})
CORRECTIONS = "corrections"
STOPPING = 10
"""Seconds that requests have to be answered once the service is to stop."""


@dataclass(frozen=True)
class Address:
    """Where a service listens; raises SettingsError where that cannot be."""

    host: str = "127.0.0.1"
    port: int = 8000
    """0: any that is free."""

    def __post_init__(self) -> None:
        if not 0 <= self.port < 2**16:
            raise SettingsError(f"--port must be from 0 to 65535, got {self.port}", "8000 is usual")

    @property
    def is_local(self) -> bool:
        """Can only this machine reach it?"""
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return self.host == "localhost"

    def bound(self) -> socket.socket:
        """A socket that listens there: who connects from now on is answered, if later.

        Raises:
            SettingsError: it is taken, not allowed, or not this machine's.
        """
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
            family, kind, proto, _, where = found[0]
            made = socket.socket(family, kind, proto)
        except (OSError, UnicodeError) as error:
            raise self._refused(error) from error
        try:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            made.bind(where)
            made.listen()
        except OSError as error:
            made.close()
            raise self._refused(error) from error
        return made

    def _refused(self, error: Exception) -> SettingsError:
        reason = str(getattr(error, "strerror", None) or error).lower()
        message = f"cannot listen on {self.host} port {self.port}: {reason}"
        return SettingsError(message, "choose another --port, or --host 127.0.0.1")


@dataclass(frozen=True)
class Wanted:
    """What `headstart serve` is asked for."""

    path: Path
    """A run folder, or a bundle."""
    address: Address = field(default_factory=Address)
    limits: Limits = field(default_factory=Limits)
    corrections: bool | None = None
    """Are they saved? None: where only this machine can reach the service."""
    nearest: bool = False
    """Are the nearest training examples shown?"""


def serve(wanted: Wanted, say: Callable[[str, Path | None], None]) -> None:
    """Serve until the process is told to stop.

    Args:
        wanted: what, and where.
        say: is told the address, and the folder of corrections if they are saved, before the first request
            is answered.

    Raises:
        MissingExtra: what it needs is not installed.
        BundleError: there is no bundle.
        SettingsError: it cannot listen there.
    """
    if any(find_spec(name) is None for name in NEEDED):
        raise MissingExtra.of("a service needs FastAPI and uvicorn", "serve")
    from .app import application
    from .corrections import Corrections
    from .examples import of_run
    from .nearest import of_run as nearest_of
    from .patient import server
    from .service import Service

    model = load(wanted.path)
    run = wanted.path if model.folder != wanted.path else None
    folder = (run or Path()) / CORRECTIONS
    asked = wanted.address.is_local if wanted.corrections is None else wanted.corrections
    saves = asked and model.predictor.task.answer.correction is not None
    corrections = Corrections(folder, model) if saves else None
    examples = of_run(run or wanted.path.parent, model.predictor.task)
    hosts = LOCAL | {wanted.address.host} if wanted.address.is_local else None
    near = nearest_of(run, model) if wanted.nearest else None
    with wanted.address.bound() as door:
        service = Service(model, wanted.limits, near)
        app = application(service, corrections, examples, hosts)
        try:
            say(_url(door), corrections.folder if corrections is not None else None)
            with _stoppable():
                server(configured(app, wanted.limits), app.stop).run([door])
        finally:
            service.close()


def configured(app: Guard, limits: Limits) -> uvicorn.Config:
    """How uvicorn runs an application of ours."""
    import uvicorn

    from .patient import protocol

    return uvicorn.Config(
        app,
        http=protocol(limits.seconds),
        ws="none",
        lifespan="off",
        log_config=None,
        log_level="error",  # what is no HTTP is the client's fault, and no news
        access_log=False,
        proxy_headers=False,
        server_header=False,
        limit_concurrency=limits.connections,
        timeout_graceful_shutdown=STOPPING,
    )


def _url(door: socket.socket) -> str:
    host, port = door.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


@contextmanager
def _stoppable() -> Iterator[None]:
    """Ctrl-C and SIGTERM are how a service ends; uvicorn raises them again when it is done."""

    def stop(number: int, frame: object) -> None:
        raise KeyboardInterrupt

    before = {number: signal.signal(number, stop) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    except KeyboardInterrupt:
        pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
