"""What each kind of example says of how it is sent."""

from __future__ import annotations

from headstart.data.sent import Sending


def test_files_alone_are_what_is_usual():
    assert Sending("file") == Sending("file", files=True, texts=False, rows=False)
