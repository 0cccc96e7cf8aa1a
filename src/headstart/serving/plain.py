"""Answers as JSON, which has no NaN, under the one form of every failure."""

from __future__ import annotations

import json
from math import isfinite

from fastapi.responses import JSONResponse

from ..errors import HeadstartError
from .refusals import Refused, status_of, told


class Plain(JSONResponse):
    """A JSON document; a number that is none is null."""

    def render(self, content: object) -> bytes:
        """The document in UTF-8."""
        try:
            text = json.dumps(content, ensure_ascii=False, allow_nan=False)
        except ValueError:
            text = json.dumps(_finite(content), ensure_ascii=False)
        return text.encode("utf-8", "replace")


def failure(error: HeadstartError) -> Plain:
    """What a client is told of a failure."""
    return Plain(told(error), status_of(error), error.headers if isinstance(error, Refused) else None)


def _finite(value: object) -> object:
    if isinstance(value, dict):
        return {name: _finite(one) for name, one in value.items()}
    if isinstance(value, list | tuple):
        return [_finite(one) for one in value]
    return None if isinstance(value, float) and not isfinite(value) else value
