"""A real browser for tests of pages; a file that imports this is skipped where there is none.

Needs `pip install playwright` (the driver alone: no browser is fetched) and Debian's Chromium. Who is kept
out of a page is told by axe-core: `npm install axe-core` in the clone, or HEADSTART_AXE, its `axe.min.js`.
"""

from __future__ import annotations

import contextlib
import os
import shutil
from pathlib import Path

import pytest

sync_api = pytest.importorskip("playwright.sync_api", reason="no playwright: pip install playwright")
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
if CHROMIUM is None:
    pytest.skip("no Chromium: apt-get install chromium", allow_module_level=True)
FLAGS = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--disable-background-networking")


@contextlib.contextmanager
def chromium(*flags):
    """The browser; which machines it finds is up to `flags`."""
    with sync_api.sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=[*FLAGS, *flags])
        yield found
        found.close()


STILL = """() => {
    document.querySelectorAll("details").forEach(one => { one.open = true; });
    const style = new CSSStyleSheet();
    style.replaceSync(`
        nav, thead *, tbody *, tfoot * { position: static !important; }
        .scroll { overflow: visible !important; max-height: none !important; }`);
    document.adoptedStyleSheets = [style];
}"""
"""What is folded is opened, and nothing lies under anything else: there contrast cannot be measured."""
NAMES = ("<text", '<svg class="scene')
"""Names in pictures are white with a black rim, and are not what the picture is called."""
OF_NAMES = ("color-contrast", "label-content-name-mismatch")


def barriers(page, unsure=True):
    """What axe-core finds on a page that keeps people out, a line each; skips where it is not installed.

    With `unsure` also what it cannot measure: on a narrow screen that is what is wider.
    """
    beside = Path(__file__).parents[1] / "node_modules/axe-core/axe.min.js"
    script = Path(os.environ.get("HEADSTART_AXE", beside))
    if not script.is_file():
        pytest.skip("no axe-core: npm install axe-core")
    page.evaluate(STILL)
    page.evaluate(script.read_text("utf-8"))
    found = page.evaluate("axe.run(document, {resultTypes: ['violations', 'incomplete']})")
    return [
        f"{rule['id']}: {node['html'][:150]}: {node['failureSummary']}"
        for rule in (*found["violations"], *(found["incomplete"] if unsure else ()))
        for node in rule["nodes"]
        if rule["id"] not in OF_NAMES or not node["html"].startswith(NAMES)
    ]
