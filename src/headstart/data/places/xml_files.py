"""XML that a stranger wrote: read whole, without entities."""

from __future__ import annotations

from pathlib import Path
from xml.etree import ElementTree
from xml.parsers import expat


def parsed_xml(path: Path, tag: str) -> ElementTree.Element | str:
    """The root of an XML file, which must have that tag; or why it cannot be used."""
    try:
        content = path.read_bytes()
        guard = expat.ParserCreate()
        guard.EntityDeclHandler = _refuse
        guard.Parse(content, True)
        found = ElementTree.fromstring(content)
    except OSError as error:
        return (error.strerror or "cannot be read").lower()
    except (expat.ExpatError, ElementTree.ParseError, ValueError, LookupError) as error:
        return f"not XML that can be read: {error}"
    return found if found.tag == tag else f"it holds <{found.tag}>, not <{tag}>"


def _refuse(*declaration: object) -> None:
    # An entity can stand for another file, or for more text than fits into memory.
    raise ValueError("it declares entities")
