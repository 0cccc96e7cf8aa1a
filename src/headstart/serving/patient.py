"""What uvicorn waits for: a request's head for a limited time only, and at the end for nobody who sends."""

from __future__ import annotations

import asyncio
import socket
import time
from collections.abc import Callable
from typing import Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol


def protocol(seconds: float) -> type[H11Protocol]:
    """uvicorn's, that closes a connection on which no whole head came for so many seconds."""

    class Patient(H11Protocol):
        """uvicorn itself bounds how long a connection may be idle, not how slowly a head may come."""

        def __init__(self, *args: Any, **more: Any) -> None:
            super().__init__(*args, **more)
            self._since = time.monotonic()
            self._look: asyncio.TimerHandle | None = None

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            super().connection_made(transport)
            self._look_later(seconds)

        def connection_lost(self, exc: Exception | None) -> None:
            if self._look is not None:
                self._look.cancel()
            super().connection_lost(exc)

        def on_response_complete(self) -> None:
            self._since = time.monotonic()
            super().on_response_complete()

        def _look_later(self, after: float) -> None:
            self._look = self.loop.call_later(after, self._looked)

        def _looked(self) -> None:
            answering = self.cycle is not None and not self.cycle.response_complete
            waited = time.monotonic() - self._since
            if not answering and waited >= seconds:
                self.transport.close()
                return
            self._look_later(seconds if answering else seconds - waited)

    return Patient


def server(config: uvicorn.Config, before_end: Callable[[], None]) -> uvicorn.Server:
    """uvicorn's, that says when it begins to stop."""

    class Stopping(uvicorn.Server):
        """uvicorn itself waits for requests that are half sent as for those that are answered."""

        async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
            before_end()
            await super().shutdown(sockets)

    return Stopping(config)
