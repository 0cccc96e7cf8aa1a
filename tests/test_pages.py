"""The docs as a whole: every page is reached, every command is named, what is made of code is up to date."""

from __future__ import annotations

import importlib.util
import re
import sys
import tomllib
from importlib import metadata
from pathlib import Path
from types import ModuleType

import pytest
import yaml

import headstart
from headstart.cli.commands import app
from headstart.lessons import course, running

REPOSITORY = Path(__file__).parents[1]
DOCS = REPOSITORY / "docs"
COMMAND_LINE = {"docs": "mkdocs and what `mkdocs.yml` names", "dev": "what `make test` and `make check` run"}
INDIRECT = {
    "sentencepiece": "transformers imports it for the tokenizers of some translators",
    "python-multipart": "starlette imports it for forms",
    "s3fs": "fsspec imports it for s3://",
}
WEIGHTS = {"text-offline", "vision-offline", "speech-offline"}
"""Extras of packages that are read as files: `bases/packaged` names them."""


class Loader(yaml.SafeLoader):
    """Takes `!ENV [NAME, default]`."""


Loader.add_constructor("!ENV", lambda loader, node: loader.construct_sequence(node)[-1])


def script(name: str) -> ModuleType:
    """A file of scripts/."""
    spec = importlib.util.spec_from_file_location(f"scripts_{name}", REPOSITORY / "scripts" / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules[spec.name] = module
    spec.loader.exec_module(module)
    return module


site = script("site")


def slug(heading: str) -> str:
    """A heading as code hosts and the site make an anchor of it."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(page: Path) -> set[str]:
    text = re.sub(r"^```.*?^```$", "", page.read_text("utf-8"), flags=re.MULTILINE | re.DOTALL)
    return {slug(heading) for heading in re.findall(r"^#+ (.+)$", text, re.MULTILINE)}


def links(page: Path) -> list[tuple[Path, str]]:
    """Where a page leads, and to which heading."""
    found = re.findall(r"\]\(([^)#:\s]*)(?:#([^)]*))?\)", page.read_text("utf-8"))
    return [((page.parent / target).resolve() if target else page, anchor) for target, anchor in found]


def named(nav: object) -> list[str]:
    """Every page of the site's navigation."""
    if isinstance(nav, str):
        return [nav]
    parts = nav.values() if isinstance(nav, dict) else nav
    return [page for part in parts for page in named(part)]


@pytest.mark.parametrize(
    "page", [REPOSITORY / "README.md", *sorted(DOCS.rglob("*.md"))], ids=lambda page: page.stem
)
def test_links_to_a_heading_find_it(page):
    lost = [(there.name, anchor) for there, anchor in links(page) if anchor and anchor not in anchors(there)]
    assert lost == []


def test_every_page_is_two_links_from_the_readme():
    first = {there for there, _ in links(REPOSITORY / "README.md")}
    second = {there for page in first if page.suffix == ".md" for there, _ in links(page)}
    assert [page.name for page in DOCS.rglob("*.md") if page not in first | second] == []


def test_questions_that_come_first_are_answered_by_pages():
    text = (DOCS / "questions.md").read_text("utf-8")
    asked = re.findall(r"^(\d+)\. \*\*.+\?.*\*\* ?(.+)|^(\d+)\. \*\*(.+)\*\* (.+)", text, re.MULTILINE)
    assert len(asked) == 16
    assert all("](" in "".join(row) for row in asked)


def test_the_navigation_has_every_page_once():
    config = yaml.load((REPOSITORY / "mkdocs.yml").read_text("utf-8"), Loader)
    pages = named(config["nav"])
    written = {page.relative_to(DOCS).as_posix() for page in DOCS.rglob("*.md")}
    assert sorted(pages) == sorted({*written, *site.places().values(), "reference.md"})
    assert config["hooks"] == ["scripts/site.py"]


def test_the_site_turns_links_and_leaves_code_alone():
    turned = site.linked(
        "[a](docs/guide.md#run) [b](LICENSE) [c](https://x.org/y) ![d](docs/report.png)", "README.md"
    )
    assert turned == "[a](guide.md#run) b [c](https://x.org/y) ![d](report.png)"
    lesson = "../src/headstart/lessons/texts/01-what.md"
    assert site.linked(f"[x]({lesson})", "docs/course.md") == "[x](course/01-what.md)"
    assert (
        site.linked("[x](../../README.md#install)", "docs/tutorials/teacher.md") == "[x](../index.md#install)"
    )
    code = "```text\n[x](../CHANGELOG.md)\n```"
    assert site.linked(f"{code}\n[x](../CHANGELOG.md)", "docs/why.md") == f"{code}\n[x](changelog.md)"


def test_a_lesson_that_is_run_for_the_site_has_what_it_said_and_drew(monkeypatch):
    left = running.Output("said\n", "<b>x</b>", (running.Picture(b"png", "a line"),))
    monkeypatch.setattr(running, "run", lambda lesson, folder, reporter: [left] * 99)
    text, pictures = site.ran(Path(site.LESSONS, "01-what.md"))
    assert pictures["what-1.png"] == b"png"
    assert "```text\nsaid\n```\n\n<b>x</b>\n\n![a line](what-1.png)" in text
    assert text.startswith("# What transfer learning is")


def test_the_reference_has_every_public_name():
    found = re.findall(r"^::: headstart\.(\w+)$", site.reference(), re.MULTILINE)
    assert sorted(found) == sorted(name for name in headstart.__all__ if not name.startswith("_"))


def test_the_glossary_says_what_the_parts_say():
    glossary = script("glossary")
    assert glossary.PAGE.read_text("utf-8").partition(glossary.BELOW)[2] == glossary.made()


def test_every_command_has_a_line():
    page = (DOCS / "commands.md").read_text("utf-8")
    groups = [app, *(group.typer_instance for group in app.registered_groups)]
    commands = [one.name or one.callback.__name__ for group in groups for one in group.registered_commands]
    assert len(commands) > 10
    assert [name for name in commands if f"`headstart {name}" not in page] == []


def test_every_lesson_is_on_its_page():
    lessons = (DOCS / "course.md").read_text("utf-8")
    for lesson in course():
        file = f"{lesson.number:02d}-{lesson.name}.md"
        assert f"| {lesson.number} | [{lesson.name}](../src/headstart/lessons/texts/{file}) |" in lessons


def test_an_extra_brings_what_is_imported():
    project = tomllib.loads((REPOSITORY / "pyproject.toml").read_text("utf-8"))["project"]
    source = "\n".join(path.read_text("utf-8") for path in (REPOSITORY / "src").rglob("*.py"))
    for extra, needs in project["optional-dependencies"].items():
        if extra in {*COMMAND_LINE, *WEIGHTS}:
            continue
        for need in needs:
            package = re.split(r"[<>=\[]", need)[0]
            if package in INDIRECT:
                continue
            modules = {package.replace("-", "_"), *modules_of(package)}
            assert any(re.search(rf"\b{re.escape(name)}\b", source) for name in modules), f"{extra}: {need}"


def modules_of(package: str) -> set[str]:
    """What a distribution is imported as, where it is installed."""
    by_module = metadata.packages_distributions()
    return {module for module, packages in by_module.items() if package in packages} | {
        "umap" if package == "umap-learn" else package
    }


def test_the_picture_of_a_report_is_small():
    picture = DOCS / "report.png"
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert 5_000 < picture.stat().st_size < 150_000
