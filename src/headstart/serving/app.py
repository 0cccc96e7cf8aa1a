"""The routes of a service, as FastAPI describes and answers them."""

from __future__ import annotations

import asyncio
from collections.abc import Collection

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.telemetry import TelemetryConfig
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect

from ..errors import HeadstartError
from ..version import VERSION
from . import described, page
from .corrections import Corrections
from .examples import Examples
from .guard import Guard
from .plain import Plain, failure
from .reading import example_of, request_of
from .refusals import BAD, UNUSABLE, Refused
from .service import Record, Service

SILENT: TelemetryConfig = {
    "tracing": False,
    "metrics": False,
    "logs": False,
    "operation_spans": False,
    "auto_configure": False,
}
"""Nothing is told to anybody, whatever the environment asks FastAPI for."""
PLAIN_OBJECT: described.Schema = {"type": "object"}


def application(
    service: Service, corrections: Corrections | None, examples: Examples, hosts: Collection[str] | None
) -> Guard:
    """Everything that a client meets.

    Args:
        service: the model.
        corrections: where they are saved; None where they are not taken.
        examples: to try the model on.
        hosts: names that the service is called by; None: any.
    """
    api = FastAPI(
        title="Headstart",
        version=VERSION,
        docs_url=None,  # its pages of documentation load scripts from elsewhere
        redoc_url=None,
        default_response_class=Plain,
        telemetry=SILENT,
    )
    _about(api, service, corrections, examples)
    _predicting(api, service)
    _examples(api, service, examples)
    if corrections is not None:
        _correcting(api, service, corrections)
    _page(api)
    _failures(api)
    return Guard(api, service.limits, hosts)


def _about(api: FastAPI, service: Service, corrections: Corrections | None, examples: Examples) -> None:
    about = described.model(service, corrections is not None, len(examples))

    @api.get("/health", responses=described.responses("it answers", PLAIN_OBJECT, 503))
    async def health() -> Plain:
        """Is the model there?"""
        state = {"answered": service.answered, "waiting": service.batcher.waiting}
        if not service.batcher.alive:
            raise Refused(503, "the model is gone", "start the service again")
        return Plain({"status": "ok", "task": service.model.task, **state})

    @api.get("/model", responses=described.responses("what it is", PLAIN_OBJECT))
    async def model() -> Plain:
        """What the model takes and answers."""
        return Plain(about)


def _predicting(api: FastAPI, service: Service) -> None:
    body = described.predictable(service.sending)
    told = described.responses("an answer each", described.answers(), 400, 403, 408, 413, 415, 422, 503)

    @api.post("/predict", openapi_extra={"requestBody": body}, responses=told)
    async def predict(request: Request, shown: bool = False) -> Plain:
        """A record for each example, as `headstart predict --json` prints it.

        Where none can be used, that is a failure. With `shown`, a record also has what a page draws of its
        example.
        """
        asked = await request_of(request, service)
        inputs = await asyncio.to_thread(service.opened, asked)
        records = await service.records(inputs)
        if shown:
            records = await asyncio.to_thread(service.shown, inputs, records)
        return _answered(records)


def _examples(api: FastAPI, service: Service, examples: Examples) -> None:
    listed: described.Schema = {"type": "object", "properties": {"examples": {"type": "array"}}}
    one: described.Schema = {"type": "object"}

    @api.get("/examples", responses=described.responses("what there is to try", listed))
    async def all_of_them() -> Plain:
        """Examples of the test split, which the model has not learned from, and what is right of each."""
        return Plain({"examples": await asyncio.to_thread(examples.listed)})

    @api.get("/examples/{number}", responses=described.responses("an answer", one, 404, 422, 503))
    async def example(number: int) -> Plain:
        """One of them, answered as `/predict?shown=true` does."""
        given = examples.input(number)
        (record,) = await service.records([given])
        (record,) = await asyncio.to_thread(service.shown, [given], [record])
        return Plain(record)


def _correcting(api: FastAPI, service: Service, corrections: Corrections) -> None:
    body = described.corrected(service)
    told = described.responses("it is saved", PLAIN_OBJECT, 400, 403, 408, 413, 415, 422, 503)

    @api.post("/corrections", openapi_extra={"requestBody": body}, responses=told)
    async def correct(request: Request) -> Plain:
        """Save an example with what is right of it, in a layout that `headstart run` reads."""
        sent, right = await example_of(request, service)
        saved = await asyncio.to_thread(corrections.add, sent, right)
        return Plain({"saved": saved, "folder": corrections.called})


def _page(api: FastAPI) -> None:
    files = page.contents()

    @api.get("/", include_in_schema=False)
    async def index() -> Response:
        content, kind = files[page.INDEX]
        return Response(content, media_type=kind)

    @api.get("/page/{name}", include_in_schema=False)
    async def file(name: str) -> Response:
        if name not in files:
            raise HTTPException(404)
        content, kind = files[name]
        return Response(content, media_type=kind)


def _failures(api: FastAPI) -> None:
    @api.exception_handler(HeadstartError)
    async def refused(request: Request, error: HeadstartError) -> Plain:
        return failure(error)

    @api.exception_handler(HTTPException)
    async def http(request: Request, error: HTTPException) -> Plain:
        said = failure(Refused(error.status_code, str(error.detail).lower(), "see /openapi.json"))
        said.headers.update(error.headers or {})
        return said

    @api.exception_handler(RequestValidationError)
    async def invalid(request: Request, error: RequestValidationError) -> Plain:
        where = ".".join(map(str, error.errors()[0]["loc"]))
        return failure(Refused(UNUSABLE, f"{where}: {error.errors()[0]['msg']}", "see /openapi.json"))

    @api.exception_handler(ClientDisconnect)
    async def left(request: Request, error: ClientDisconnect) -> Plain:
        return failure(Refused(BAD, "the request broke off", "send it again"))  # nobody reads it

    @api.exception_handler(Exception)
    async def fault(request: Request, error: Exception) -> Plain:
        said = f"a bug in Headstart: {type(error).__name__}"
        return failure(Refused(500, said, "report it with what was sent"))


def _answered(records: list[Record]) -> Plain:
    """The records; where no example could be used, that is the request's failure."""
    reasons = [str(record["error"]) for record in records if "error" in record]
    if len(reasons) < len(records):
        return Plain({"answers": records})
    said = {"error": reasons[0], "hint": "send an example that the model can use", "answers": records}
    return Plain(said, UNUSABLE)
