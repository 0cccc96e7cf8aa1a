"""What is said of a model: to its page, and to programs as OpenAPI."""

from __future__ import annotations

from pathlib import Path

from ..data.sent import Sending
from .sent import FORM, JSON, TEXT, TYPES
from .service import Service

Schema = dict[str, object]
TEXT_OF, FILE_OF = {"type": "string"}, {"type": "string", "format": "binary"}
SAID: Schema = {"type": "string", "minLength": 1, "pattern": r"\S"}
"""A text with something in it."""
FILE_IN_JSON: Schema = {
    "type": "object",
    "properties": {
        "name": TEXT_OF,
        "base64": {"type": "string", "contentEncoding": "base64", "minLength": 4},
    },
    "required": ["base64"],
}
FAILURE: Schema = {
    "type": "object",
    "properties": {"error": TEXT_OF, "hint": TEXT_OF, "answers": {"type": "array"}},
    "required": ["error", "hint"],
}
FAILURES = {
    400: "not HTTP as it should be",
    403: "another site's page asks",
    404: "there is none of this number",
    408: "not sent in time",
    413: "too much at a time",
    415: "a kind that this model does not take",
    422: "understood, but nothing that can be answered",
    503: "busy: come again after Retry-After",
}


def model(service: Service, corrects: bool, examples: int) -> dict[str, object]:
    """What a page has to know of the model.

    Args:
        service: whose.
        corrects: are corrections saved?
        examples: how many there are to try.
    """
    predictor, task = service.model.predictor, service.model.predictor.task
    labels, facts = list(service.model.labels), predictor.parts.facts
    colours = task.answer.colours(labels)
    return {
        "task": service.model.task,
        "summary": task.summary,
        "labels": labels if colours or task.answer.correction in ("class", "classes") else [],
        "correctable": task.answer.correction is not None,
        "made": {key: _told(facts[key]) for key in ("arm", "base") if key in facts},
        "entry": service.sending.entry,
        "columns": list(task.reader.columns),
        "abstain": facts.get("abstain"),
        "correction": task.answer.correction if corrects else None,
        "colours": colours,
        "examples": examples,
        "limits": {"megabytes": service.limits.megabytes, "examples": service.limits.examples},
    }


def responses(ok: str, schema: Schema, *failures: int) -> dict[int | str, Schema]:
    """What a route answers, for OpenAPI."""
    good: Schema = {"description": ok, "content": {JSON: {"schema": schema}}}
    bad: dict[int | str, Schema] = {
        status: {"description": FAILURES[status], "content": {JSON: {"schema": FAILURE}}}
        for status in failures
    }
    return {200: good, **bad}


def predictable(sending: Sending) -> Schema:
    """The body of `/predict`, for OpenAPI: what this model takes."""
    files = {"type": "array", "items": FILE_OF, "minItems": 1}
    fields: Schema = {"files": files}
    form = {"type": "object", "properties": fields, "required": ["files"]}
    content: Schema = {FORM: {"schema": form}, JSON: {"schema": _object(sending)}}
    if sending.rows:
        fields["columns"] = {"type": "string", "description": "a JSON object, as of the JSON body"}
        content |= {media_type: {"schema": TEXT_OF} for media_type in TYPES}
    if sending.texts:
        content[TEXT] = {"schema": TEXT_OF}
    elif sending.files:
        content["application/octet-stream"] = {"schema": FILE_OF}
    return {"required": True, "content": content}


def answers() -> Schema:
    """Of `/predict`: a record for each example, as `headstart predict --json` prints it."""
    record: Schema = {"type": "object", "properties": {"input": TEXT_OF}, "required": ["input"]}
    return {
        "type": "object",
        "properties": {"answers": {"type": "array", "items": record}},
        "required": ["answers"],
    }


def corrected(service: Service) -> Schema:
    """The body of `/corrections`: an example, and what is right of it."""
    example = {"text": SAID} if service.sending.texts else {"file": FILE_IN_JSON}
    schema = {
        "type": "object",
        "properties": {**example, "right": _right(service)},
        "required": [*example, "right"],
        "additionalProperties": False,
    }
    return {"required": True, "content": {JSON: {"schema": schema}}}


def _right(service: Service) -> Schema:
    """What may be right of an example."""
    label: Schema = {"type": "string", "enum": list(service.model.labels)}
    kinds: dict[str, Schema] = {
        "class": label,
        "classes": {"type": "array", "items": label},
        "number": {"type": "number"},
        "boxes": {"type": "array", "items": _box(label)},
        "mask": _mask(label),
    }
    return kinds.get(service.model.predictor.task.answer.correction or "", SAID)


def _box(label: Schema) -> Schema:
    """A box around something, in pixels: left, top, right, bottom."""
    corners = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 4}
    return {"type": "object", "properties": {"label": label, "box": corners}, "required": ["label", "box"]}


def _mask(label: Schema) -> Schema:
    """A class for each pixel: value i of a grey PNG is the i-th of the classes, 255 is unknown."""
    png = {"type": "string", "contentEncoding": "base64", "minLength": 4}
    properties = {"classes": {"type": "array", "items": label}, "png": png}
    return {"type": "object", "properties": properties, "required": [*properties]}


def _told(fact: object) -> str:
    """A fact; of a base in a folder its name, for where that lies is nobody's business."""
    text = str(fact)
    return Path(text).name if Path(text).is_absolute() else text


def _object(sending: Sending) -> Schema:
    """What a JSON body may be."""
    items: dict[str, Schema] = {}
    if sending.texts:
        items["texts"] = SAID
    if sending.rows:
        items["rows"] = {"type": "object"}
    if sending.files and not sending.texts:
        items["files"] = FILE_IN_JSON
    columns = {"columns": {"type": "object", "additionalProperties": TEXT_OF}} if sending.rows else {}
    return {
        "oneOf": [
            {
                "type": "object",
                "properties": {name: {"type": "array", "items": item, "minItems": 1}, **columns},
                "required": [name],
                "additionalProperties": False,
            }
            for name, item in items.items()
        ]
    }
