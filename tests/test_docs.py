"""What README and docs/ tell people to type is typed here, in order, page by page, and must work.

Each page is run in a folder of its own that holds what PREPARED makes. A command or block that is not
understood fails: nothing in the docs is merely shown.
"""

from __future__ import annotations

import csv
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest
from PIL import Image, ImageOps

import dense
import languages
import scenery
import serial
import sounds
import tastes
from pictures import write_folder, write_label_sets, write_values
from texts import write_bundle

REPOSITORY = Path(__file__).parents[1]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
TARGETS = set(re.findall(r"^(\w[\w-]*):", (REPOSITORY / "Makefile").read_text("utf-8"), re.MULTILINE))
SHOWN_ONLY = {"text", "json", "toml"}
"""Languages of blocks that are output or files; every other block is run."""
AS_INSTALLED = re.compile(r"headstart check photos$|import timm$", re.MULTILINE)
"""On the pages in ALONE, what is run as it was installed: a command, and Python without Headstart.

Everything else starts at once, and has short plans.
"""
ALONE = {"README", "bases"}
SCENES = {"train": 6, "valid": 2, "test": 3}
"""Pictures with boxes or masks by split: commands about them are to work, not to learn."""
LIMIT = 300
"""Seconds that one command may take."""

PREPARED: dict[str, Callable[[Path, Path], object]] = {
    "photos": lambda path, base: write_folder(path, per_class=14),
    "ages": lambda path, base: write_values(path, 40),
    "tagged": lambda path, base: write_label_sets(path, 40),
    "new-photos": lambda path, base: write_folder(path, per_class=2, seed=1),
    "more-photos": lambda path, base: write_folder(path, per_class=14, seed=3),
    "heap": lambda path, base: write_folder(path, ["mixed"], per_class=30, seed=2),
    "corpus.txt": lambda path, base: path.write_text("\n".join(languages.SENTENCES), "utf-8"),
    "vectors.txt": lambda path, base: languages.write_vectors(path),
    "my-base": lambda path, base: shutil.copytree(base, path),
    "narrow": lambda path, base: narrowed(path, base),
    "mails": lambda path, base: mails(path),
    "tickets": lambda path, base: languages.write_label_sets(path, 60),
    "heap.txt": lambda path, base: path.write_text("\n".join(said(40, 9)), "utf-8"),
    "pairs": lambda path, base: languages.write_pairs(path, train=16),
    "my-bert": lambda path, base: languages.write(path, "bert"),
    "my-translator": lambda path, base: languages.write(path, "t5"),
    "runs/reviews/bundle": lambda path, base: write_bundle(path),
    "runs/cells/bundle": lambda path, base: dense.write_bundle(path, "segmentation", base),
    "cells": lambda path, base: dense.picture(path / "one.png"),
    "film.mp4": lambda path, base: dense.film(path, frames=3),
    "reviews.csv": lambda path, base: path.write_text("body\nlovely songs\n", "utf-8"),
    "blood": lambda path, base: scenery.write_boxes(path, SCENES),
    "tissue": lambda path, base: scenery.write_masks(path, SCENES),
    "new": lambda path, base: new(path),
    "clips": lambda path, base: sounds.write_folder(path, per_class=14),
    "new-clips": lambda path, base: sounds.write_folder(path, per_class=5, seed=1),
    "sentences": lambda path, base: sounds.write_words(path, 16),
    "my-listener": lambda path, base: sounds.write_base(path),
    "sales.csv": lambda path, base: serial.long_table(8, 60).to_csv(path, index=False),
    "new-sales.csv": lambda path, base: serial.long_table(3, 40, seed=9).to_csv(path, index=False),
    "studio": lambda path, base: write_folder(path, per_class=14),
    "phone": lambda path, base: looks(write_folder(path, ["all"], per_class=40, seed=6)),
    "phone-labelled": lambda path, base: looks(write_folder(path, per_class=8, seed=7)),
    "orders.csv": lambda path, base: tastes.table(120, 5).to_csv(path, index=False),
    "other-shop.csv": lambda path, base: tastes.table(120, 8, "b", 1).to_csv(path, index=False),
    "products.csv": lambda path, base: tastes.described(path.parent).rename(path),
    "new-products.csv": lambda path, base: path.write_text("item_id,genres\nlate,group 2\n", "utf-8"),
    "visitors.csv": lambda path, base: tastes.table(5, 4, seed=2).to_csv(path, index=False),
    "lines.txt": lambda path, base: path.write_text("so dull\n", "utf-8"),
}
"""What the docs' commands find, by name: how to make it at a path, given a tiny base."""


def looks(folder: Path) -> None:
    """The pictures in other looks: as negatives."""
    for file in folder.rglob("*.png"):
        ImageOps.invert(Image.open(file).convert("RGB")).save(file)


def said(many: int, seed: int) -> list[str]:
    """So many made texts of each topic."""
    return [text for topic in languages.TOPICS for text in languages.sentences(topic, many, seed)]


def new(path: Path) -> None:
    """A few scenes."""
    path.mkdir()
    for name, scene in scenery.scenes(2, seed=9).items():
        scene.image.save(path / name)


def mails(path: Path) -> None:
    """Labelled texts of three topics."""
    path.mkdir()
    for split, many, seed in (("train", 14, 0), ("test", 6, 1)):
        topics = languages.TOPICS
        rows = [(text, topic) for topic in topics for text in languages.sentences(topic, many, seed)]
        with (path / f"{split}.csv").open("w", encoding="utf-8", newline="") as stream:
            csv.writer(stream).writerows([("text", "label"), *rows])


def narrowed(path: Path, base: Path) -> None:
    """The settings of a base's network at half the width, without weights."""
    config = json.loads((base / "config.json").read_text("utf-8"))
    path.mkdir()
    settings = config | {"model_args": {"channels": [16, 24, 24, 48], "stem_width": 8}}
    (path / "config.json").write_text(json.dumps(settings), "utf-8")


@dataclass(frozen=True)
class Snippet:
    """One thing to run: where it stands, and as what."""

    line: int
    kind: str
    """`shell` or `python`."""
    code: str


class NotUnderstoodError(Exception):
    """A page has a block or command that this test cannot run."""


def snippets(text: str) -> Iterator[Snippet]:
    """Everything that a page tells people to run, in order."""
    for line, language, body in _blocks(text):
        if language == "python":
            yield Snippet(line, "python", body)
        elif language in ("bash", "console"):
            yield from _commands(line, body, prompt="$ " if language == "console" else "")
        elif language not in SHOWN_ONLY:
            raise NotUnderstoodError(f"line {line}: a block of language `{language}`")


def _blocks(text: str) -> Iterator[tuple[int, str, str]]:
    """Line of the first line of code, language and code of each fenced block."""
    for match in re.finditer(r"^( *)```(\w*)[^\n]*\n(.*?)^\1``` *$", text, re.MULTILINE | re.DOTALL):
        yield text.count("\n", 0, match.start(3)) + 1, match[2], match[3]


def _commands(first: int, body: str, prompt: str) -> Iterator[Snippet]:
    joined = body.replace("\\\n", "\\\0")  # a command that goes on in the next line is one command
    line = first
    for row in joined.split("\n"):
        command = row.strip().replace("\\\0", "\\\n")
        if command.startswith(prompt) and (code := command.removeprefix(prompt)) and not code.startswith("#"):
            yield from _command(line, code)
        line += 1 + row.count("\0")


def _command(line: int, code: str) -> Iterator[Snippet]:
    words = code.split()
    if words[0] == "headstart":
        yield Snippet(line, "shell", code)
    elif words[0] != "make" or not set(words[1:]) <= TARGETS:
        raise NotUnderstoodError(f"line {line}: {code}")


def shortened(code: str) -> str:
    """The same with a budget of a few seconds: what is tested is that it works, not how well."""
    return re.sub(r"(--minutes[ =]|\bminutes=)[\d.]+", r"\g<1>0.1", code)


def needed(typed: Sequence[Snippet]) -> list[str]:
    """What of PREPARED these name."""
    code = "\n".join(snippet.code for snippet in typed)
    return [name for name in PREPARED if re.search(rf"(?<![\w-])(?<!\w/){re.escape(name)}(?![\w-])", code)]


def run(snippet: Snippet, folder: Path, commands: Path | None = None) -> subprocess.CompletedProcess[str]:
    """Run one snippet in `folder`: with the programs in `commands`, else the environment's own."""
    python = sys.executable if commands is None else commands / "python"
    start = [python, "-c"] if snippet.kind == "python" else ["bash", "-euo", "pipefail", "-c"]
    places = [*filter(None, [commands]), Path(sys.executable).parent, os.environ["PATH"]]
    path = os.pathsep.join(map(str, places))
    return subprocess.run(
        [*start, shortened(snippet.code)],
        cwd=folder,
        env={**os.environ, "PATH": path},
        capture_output=True,
        text=True,
        timeout=LIMIT,
    )


@pytest.mark.slow(
    "guide",
    "adaptation",
    "bases",
    "texts",
    "exploring",
    "shop-floor",
    "text-analyst",
    "scenes",
    "sound",
    "after",
    "recommending",
)
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_what_the_page_says_works(page, tmp_path, tiny_base, request):
    typed = list(snippets(page.read_text("utf-8")))
    for name in needed(typed):
        PREPARED[name](tmp_path / name, tiny_base)
    for snippet in typed:
        alone = page.stem in ALONE and AS_INSTALLED.match(snippet.code) is not None
        done = run(snippet, tmp_path, None if alone else request.getfixturevalue("commands"))
        assert done.returncode == 0, f"{page.name}:{snippet.line}: {snippet.code}\n{done.stdout}{done.stderr}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_links_between_pages_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", page.read_text("utf-8"))
    assert [link for link in links if not (page.parent / link).exists()] == []


def test_commands_are_found_in_order_with_their_lines():
    shell = (
        "make demo\n# a comment\nheadstart check photos  # why\nheadstart run \\\n  photos\nheadstart list\n"
    )
    console = "$ headstart bases\nbuiltin/glyphs\n"
    blocks = (("bash", shell), ("python", "import headstart\n"), ("console", console), ("json", "{}\n"))
    page = "".join(f"```{language}\n{code}```\n" for language, code in blocks)
    assert list(snippets(page)) == [
        Snippet(4, "shell", "headstart check photos  # why"),
        Snippet(5, "shell", "headstart run \\\n  photos"),
        Snippet(7, "shell", "headstart list"),
        Snippet(10, "python", "import headstart\n"),
        Snippet(13, "shell", "headstart bases"),
    ]


@pytest.mark.parametrize(
    "page",
    [
        "```bash\npip install headstart\n```",
        "```bash\nmake nothing-that-exists\n```",
        "```console\n$ cd photos\n```",
        "```\nheadstart run photos\n```",
        "```sh\nheadstart run photos\n```",
    ],
)
def test_what_is_not_understood_fails(page):
    with pytest.raises(NotUnderstoodError):
        list(snippets(page))


def test_a_command_that_fails_is_seen(tmp_path):
    assert run(Snippet(1, "shell", "headstart no-such-verb | cat"), tmp_path).returncode != 0
    assert run(Snippet(1, "python", "import no_such_module"), tmp_path).returncode != 0


def test_one_command_and_one_library_are_those_that_were_installed():
    pages = {page.stem: page.read_text("utf-8") for page in PAGES}
    for stem, kind in (("README", "shell"), ("bases", "python")):
        alone = [one.kind for one in snippets(pages[stem]) if AS_INSTALLED.match(one.code)]
        assert alone == [kind]


def test_budgets_are_shortened_and_nothing_else_is():
    assert shortened("headstart run d --minutes 5 --seed 3") == "headstart run d --minutes 0.1 --seed 3"
    assert shortened('run("d", minutes=2.5, seed=3)') == 'run("d", minutes=0.1, seed=3)'


def test_only_what_a_page_names_is_prepared():
    code = "headstart predict runs/cells/bundle --out new-photos ./my-base@lines.txt"
    named = ["new-photos", "my-base", "runs/cells/bundle", "lines.txt"]
    assert needed([Snippet(1, "shell", code)]) == named
