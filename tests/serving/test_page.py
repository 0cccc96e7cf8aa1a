"""The page ships with the package, loads nothing from elsewhere, and runs nothing that is written in it."""

from __future__ import annotations

import re

from headstart.serving import page


def test_every_file_that_is_named_is_there(texts):
    files = page.contents()
    named = {
        name
        for content, _ in files.values()
        for name in re.findall(r'"(?:\./|/page/)([\w.]+)"', content.decode())
    }
    assert named == set(files) - {page.INDEX}
    for name in named:
        told = texts.ask(f"/page/{name}")
        assert (told.status, told.body) == (200, files[name][0])
    assert texts.ask("/").headers["content-type"].startswith("text/html")


def test_nothing_comes_from_elsewhere_and_no_code_is_inline():
    for name, (content, _) in page.contents().items():
        text = content.decode().replace('"http://www.w3.org/2000/svg"', "")
        assert "//" not in re.sub(r"(?m)^\s*//.*$|; // .*$", "", text), name
        assert not re.search(r"innerHTML|outerHTML|insertAdjacent|document\.write|eval\(|\bon\w+=", text), (
            name
        )
        assert "style=" not in text
