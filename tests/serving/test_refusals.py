"""Every failure has a status, an error and a hint."""

from __future__ import annotations

from headstart.errors import DataError
from headstart.serving.refusals import BUSY, UNUSABLE, Refused, status_of, told


def test_a_refusal_says_when_to_come_again():
    assert Refused(BUSY, "busy", "wait", wait=2).headers == {"Retry-After": "2"}
    assert Refused(BUSY, "busy", "wait").headers == {}


def test_what_readers_raise_is_about_the_input():
    error = DataError("no text", "send one")
    assert status_of(error) == UNUSABLE
    assert told(error) == {"error": "no text", "hint": "send one"}
    assert status_of(Refused(BUSY, "busy", "wait")) == BUSY
