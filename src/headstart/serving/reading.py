"""Read what a client sends: the body of a request, whole, as files, texts and rows."""

from __future__ import annotations

from fastapi import Request as HttpRequest
from starlette.datastructures import UploadFile

from . import sent
from .refusals import OTHER_KIND, UNUSABLE, Refused
from .sent import Request, Sent
from .service import Service

FIELDS = 4
"""Of a form, beside its files."""


async def request_of(request: HttpRequest, service: Service) -> Request:
    """What is asked of `/predict`.

    Raises:
        Refused: the model takes no such thing.
    """
    media_type = _media_type(request)
    if media_type == sent.FORM:
        return await _form(request, service)
    columns = {name: own for name, own in request.query_params.items() if name != "shown"}
    return sent.of_body(await request.body(), media_type, service.sending, columns)


async def example_of(request: HttpRequest, service: Service) -> tuple[Sent, object]:
    """What is told to `/corrections`: one example, and what is right of it.

    Raises:
        Refused: it is none.
    """
    if _media_type(request) != sent.JSON:
        raise Refused(OTHER_KIND, "a correction is JSON", 'send {"text": "…", "right": "…"}')
    plain = sent.object_of(await request.body())
    key = "text" if service.sending.texts else "file"
    if set(plain) != {key, "right"}:
        raise Refused(UNUSABLE, f"a correction has `{key}` and `right`", "and nothing else")
    return (sent.text_of if key == "text" else sent.file_of)(plain[key]), plain["right"]


async def _form(request: HttpRequest, service: Service) -> Request:
    """The files of a form; its field `columns` is JSON."""
    columns: dict[str, str] = {}
    found = list[Sent]()
    async with request.form(max_files=service.limits.examples, max_fields=FIELDS) as form:
        for name, value in form.multi_items():
            if isinstance(value, UploadFile):
                found.append(sent.of_file(value.filename, await value.read(), service.sending))
            elif name == "columns":
                columns = sent.columns_of(sent.object_of(value.encode() or b"{}"))
            else:
                raise Refused(UNUSABLE, f"`{name[:50]}` is no file", "send `files`, and perhaps `columns`")
    if not found:
        raise Refused(UNUSABLE, "the form has no file", "send at least one")
    return Request(tuple(found), columns)


def _media_type(request: HttpRequest) -> str:
    return request.headers.get("content-type", "").partition(";")[0].strip().lower()
