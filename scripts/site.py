"""What the site has beside docs/: the README, the course, the reference. mkdocs.yml names this as a hook.

Pages keep the links that work on a code host; here they are turned into those of the site. A link to code
that is no page becomes the name of that code.
"""

from __future__ import annotations

import posixpath
import re
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

REPOSITORY = Path(__file__).parents[1]
LESSONS = "src/headstart/lessons/texts"
ROOT = {"README.md": "index.md", "CONTRIBUTING.md": "contributing.md", "CHANGELOG.md": "changelog.md"}
"""Pages of the repository's root, by where they stand on the site."""
LINK = re.compile(r"(!?)\[([^\]]*)\]\(([^)\s#]+)(#[^)]*)?\)")
CODE = re.compile(r"(^```.*?^```$)", re.MULTILINE | re.DOTALL)


def places() -> dict[str, str]:
    """Where the site has a file of the repository, by its path there; docs/ aside."""
    lessons = sorted(path.name for path in (REPOSITORY / LESSONS).glob("*.md"))
    return ROOT | {f"{LESSONS}/{name}": f"course/{name}" for name in lessons}


def on_files(files: Any, config: Any) -> Any:
    """Add the pages that are not in docs/."""
    from mkdocs.structure.files import File

    run = config["extra"]["lessons"] == "run"
    for source, target in places().items():
        text = (REPOSITORY / source).read_text("utf-8")
        if run and source.startswith(LESSONS):
            text, pictures = ran(Path(source))
            for name, png in pictures.items():
                files.append(File.generated(config, f"course/{name}", content=png))
        files.append(File.generated(config, target, content=linked(text, source)))
    files.append(File.generated(config, "reference.md", content=reference()))
    return files


def on_page_markdown(markdown: str, page: Any, **_: Any) -> str:
    """Turn the links of a page of docs/."""
    return linked(markdown, f"docs/{page.file.src_uri}") if page.file.generated_by is None else markdown


def linked(text: str, source: str) -> str:
    """A page's text with the site's links; `source` is its path in the repository."""
    parts = CODE.split(text)
    return "".join(part if part.startswith("```") else LINK.sub(_turned(source), part) for part in parts)


def _turned(source: str) -> Any:
    here = _place(source) or source

    def turned(match: re.Match[str]) -> str:
        picture, words, target, anchor = match[1], match[2], match[3], match[4] or ""
        if "://" in target:
            return match[0]
        there = _place(posixpath.normpath(posixpath.join(posixpath.dirname(source), target)))
        if there is None:
            return words
        return f"{picture}[{words}]({posixpath.relpath(there, posixpath.dirname(here) or '.')}{anchor})"

    return turned


def _place(path: str) -> str | None:
    """Where the site has a file of the repository."""
    if path.startswith("docs/"):
        return path.removeprefix("docs/")
    return places().get(path)


def reference() -> str:
    """Every public name, of whose docstrings mkdocstrings makes the reference."""
    import headstart

    verbs = [name for name in headstart.__all__ if not name.startswith("_")]
    names = [*sorted(filter(str.islower, verbs)), *sorted(name for name in verbs if not name.islower())]
    blocks = "\n\n".join(f"::: headstart.{name}" for name in names)
    return f"# Reference\n\nEverything that `import headstart` gives, from its own docstrings.\n\n{blocks}\n"


def ran(source: Path) -> tuple[str, dict[str, bytes]]:
    """A lesson's page with what its code said, and the pictures that it drew, by name."""
    from headstart.lessons import lesson, running
    from headstart.runtime import Silent

    one = lesson.parsed(source.name, (REPOSITORY / source).read_text("utf-8"))
    with tempfile.TemporaryDirectory() as folder:
        outputs = iter(running.run(one, Path(folder), Silent()))
    parts, pictures = [], {}
    for cell in one.cells:
        if isinstance(cell, lesson.Text):
            parts.append(cell.source)
            continue
        output = next(outputs)
        parts += [f"```python\n{cell.source}\n```", *_told(output)]
        for picture in output.pictures:
            name = f"{one.name}-{len(pictures) + 1}.png"
            pictures[name] = picture.png
            parts.append(f"![{picture.alt}]({name})")
    return "\n\n".join(parts) + "\n", pictures


def _told(output: Any) -> Iterator[str]:
    if output.printed:
        yield f"```text\n{output.printed.rstrip()}\n```"
    if output.html:
        yield output.html
