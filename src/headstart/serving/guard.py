"""What stands before every request: its size, its pace, whom it is meant for, and headers of every answer."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Collection, Mapping
from contextlib import suppress

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from .limits import Limits
from .refusals import BAD, BUSY, TOO_LARGE, TOO_SLOW, Refused, told

Headers = Mapping[str, str]
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
        "media-src 'self' blob: data:; connect-src 'self'; form-action 'none'; base-uri 'none'; "
        "frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(self), microphone=(self), geolocation=()",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}
"""Of every answer: a page of this service loads nothing from elsewhere, and is shown in no other page."""
_CHANGES = ("POST", "PUT", "PATCH", "DELETE")
_PAUSE = 1.0
"""Seconds that a client which is answered early may pause in sending the rest."""


class Guard:
    """An ASGI application around another one.

    Args:
        app: what answers requests that pass.
        limits: of a request, and of all that are being answered.
        hosts: names that the service is called by; None: any. A page of another site whose name is made to
            point here, which browsers would let ask, calls it by another.
    """

    def __init__(self, app: ASGIApp, limits: Limits, hosts: Collection[str] | None) -> None:
        self.app, self.limits, self.hosts = app, limits, hosts
        self.held, self._stopping = 0, False
        self._reading = set[asyncio.Task[object]]()

    def stop(self) -> None:
        """Wait for nothing more: who has not sent the whole of a request is refused at once."""
        self._stopping = True
        for task in self._reading:
            task.cancel()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """One request, or what ASGI asks else."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        if scope["type"] != "http":  # nothing else is spoken here
            await send({"type": "websocket.close", "code": 1008})
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        passing = _Passing(self, receive, send, _has_body(headers))
        try:
            self._admit(scope["method"], headers)
            await self.app(scope, passing.receive, passing.send)
        except Refused as error:
            await passing.refuse(error)
        finally:
            self.held -= passing.received

    async def read(self, receive: Receive, seconds: float) -> Message:
        """The next piece of a body.

        Raises:
            TimeoutError: none came in time.
            Refused: the service stops.
        """
        task = asyncio.current_task()
        assert task is not None
        self._reading.add(task)
        try:
            return await asyncio.wait_for(receive(), seconds)
        except asyncio.CancelledError:
            if not self._stopping:
                raise
            task.uncancel()
            raise Refused(BUSY, "the service stops", "ask again when it is back", wait=10) from None
        finally:
            self._reading.discard(task)

    def _admit(self, method: str, headers: Headers) -> None:
        """Raises Refused: it is not meant for us, comes from another site, or says that it is too large."""
        host = headers.get("host", "")
        if self.hosts is not None and _without_port(host) not in self.hosts:
            raise Refused(BAD, "this service is not called so", "use the address that it printed")
        if method in _CHANGES and not _is_ours(headers, host):
            raise Refused(
                403, "another site's page asks", "open the service's own page, or ask from a program"
            )
        length = headers.get("content-length", "0")
        if not length.isdecimal():
            raise Refused(BAD, "Content-Length is no number", "leave it out, or say how many bytes come")
        if int(length[:20]) > self.limits.body:
            raise _large(self.limits)


class _Passing:
    """One request that passes: counted, timed, and answered with the usual headers."""

    def __init__(self, guard: Guard, receive: Receive, send: Send, has_body: bool) -> None:
        self._guard, self._receive, self._send = guard, receive, send
        self._until = time.monotonic() + guard.limits.seconds
        self._whole, self._begun = not has_body, False
        self.received = 0

    async def receive(self) -> Message:
        """The next piece; what comes after the whole body is the client's leaving, and has no limit."""
        if self._whole:
            return await self._receive()
        limits = self._guard.limits
        try:
            left = max(0.0, self._until - time.monotonic())
            message = await self._guard.read(self._receive, left)
        except TimeoutError:
            late = f"the request was not sent within {limits.seconds:g} seconds"
            raise Refused(TOO_SLOW, late, "send less, or faster") from None
        size = len(message.get("body", b""))
        self.received += size
        self._guard.held += size
        self._whole = not message.get("more_body", False)
        if self.received > limits.body:
            raise _large(limits)
        if self._guard.held > limits.bytes_held:
            raise Refused(BUSY, "too many large requests at a time", "ask again in a second", wait=1)
        return message

    async def send(self, message: Message) -> None:
        """The next piece of the answer; one that nobody takes is given up."""
        if message["type"] == "http.response.start":
            self._begun = True
            own = [(name.lower().encode(), value.encode()) for name, value in HEADERS.items()]
            taken = {name for name, _ in own}
            if not self._whole:  # the rest of the body may still be coming, and is not read
                own.append((b"connection", b"close"))
            message["headers"] = [*own, *((k, v) for k, v in message.get("headers", ()) if k not in taken)]
        elif not self._whole and not message.get("more_body", False):
            await self._given({**message, "more_body": True})
            await self._linger()
            message = {"type": message["type"]}
        await self._given(message)

    async def refuse(self, error: Refused) -> None:
        """Answer with the failure."""
        if self._begun:
            return
        body = json.dumps(told(error)).encode()
        headers = {"content-type": "application/json", "content-length": str(len(body)), **error.headers}
        pairs = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
        with suppress(TimeoutError):
            await self.send({"type": "http.response.start", "status": error.status, "headers": pairs})
            await self.send({"type": "http.response.body", "body": body})

    async def _given(self, message: Message) -> None:
        await asyncio.wait_for(self._send(message), self._guard.limits.seconds)

    async def _linger(self) -> None:
        """Take the rest of a body and drop it, for what is left of the time to send it.

        A connection that is closed while bytes still come is reset, and takes with it an answer that the
        client has not read yet (RFC 9112, 9.6).
        """
        until = max(self._until, time.monotonic() + _PAUSE)
        with suppress(TimeoutError, Refused):
            while not self._whole:
                left = min(_PAUSE, until - time.monotonic())
                message = await self._guard.read(self._receive, left)
                self._whole = not message.get("more_body", False)


def _large(limits: Limits) -> Refused:
    message = f"the request is larger than {limits.megabytes:g} MB"
    return Refused(TOO_LARGE, message, "send less at a time; whoever started the service sets --max-mb")


def _without_port(host: str) -> str:
    name, _, port = host.rpartition(":")
    return (name if name and port.isdecimal() else host).strip("[]").lower()


def _has_body(headers: Headers) -> bool:
    return "transfer-encoding" in headers or headers.get("content-length", "0") != "0"


def _is_ours(headers: Headers, host: str) -> bool:
    """Does a program ask, or a page of this service? Browsers say where a page is from."""
    origin = headers.get("origin")
    same = headers.get("sec-fetch-site", "same-origin") in ("same-origin", "none")
    return same and (origin is None or origin.partition("://")[2] == host)
