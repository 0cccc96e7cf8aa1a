"""A real browser for tests of pages; a file that imports this is skipped where there is none.

Needs `pip install playwright` (the driver alone: no browser is fetched) and Debian's Chromium.
"""

from __future__ import annotations

import contextlib
import shutil

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
