"""A script that stands in a page and is let in by its hash: nothing else runs there."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from hashlib import sha256
from importlib.resources import files

from markupsafe import Markup


@dataclass(frozen=True)
class Script:
    """One script of this folder."""

    text: Markup

    @property
    def source(self) -> str:
        """What a Content-Security-Policy lets it in by."""
        digest = sha256(self.text.encode()).digest()
        return f"'sha256-{base64.b64encode(digest).decode()}'"


def script(name: str) -> Script:
    """A file of this folder as it stands in a page."""
    return Script(Markup(files(__package__).joinpath(name).read_text("utf-8")))
