"""The page: a few files that ship with the package, read once, and answered by their names."""

from __future__ import annotations

from importlib.resources import files

KINDS = {
    ".html": "text/html; charset=utf-8",
    ".css": "text/css",
    ".js": "text/javascript",
    ".svg": "image/svg+xml",
}
INDEX = "index.html"


def contents() -> dict[str, tuple[bytes, str]]:
    """Bytes and media type of each file by its name."""
    folder = files(__package__).joinpath("page")
    named = {one.name: one for one in folder.iterdir()}
    return {
        name: (one.read_bytes(), kind)
        for name, one in named.items()
        for suffix, kind in KINDS.items()
        if name.endswith(suffix)
    }
