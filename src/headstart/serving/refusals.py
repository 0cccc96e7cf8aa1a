"""What a client is told that asks for what it cannot have."""

from __future__ import annotations

from ..errors import HeadstartError

BAD, TOO_SLOW, TOO_LARGE, OTHER_KIND, UNUSABLE, BUSY = 400, 408, 413, 415, 422, 503
"""Statuses: not HTTP as it should be; not sent in time; too much; of a kind that is not taken; understood,
but nothing to answer; come again."""


class Refused(HeadstartError):
    """A request that is not answered, and why.

    Attributes:
        status: of the response.
        wait: seconds after which it may be asked again, where that helps.
    """

    def __init__(self, status: int, message: str, hint: str, wait: int | None = None) -> None:
        super().__init__(message, hint)
        self.status, self.wait = status, wait

    @property
    def headers(self) -> dict[str, str]:
        """Beside the body."""
        return {} if self.wait is None else {"Retry-After": str(self.wait)}


def told(error: HeadstartError) -> dict[str, str]:
    """The body of every failure."""
    return {"error": error.message, "hint": error.hint}


def status_of(error: HeadstartError) -> int:
    """Of a failure: what the input itself is at fault for is understood and unusable."""
    return error.status if isinstance(error, Refused) else UNUSABLE
