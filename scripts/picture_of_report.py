"""Make docs/report.png, the top of the report that `headstart demo` writes, and print README's five lines.

python scripts/picture_of_report.py DEMO

DEMO is the folder of a finished `headstart demo --out DEMO`; Chromium takes the picture.
"""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

PICTURE = Path(__file__).parents[1] / "docs" / "report.png"
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--disable-background-networking",
)
SIZE = "1180,700"
COLOURS = 64
"""Of the picture, so that it stays small."""


def photographed(page: Path) -> bytes:
    """The top of a page as a PNG."""
    browser = next(filter(None, map(shutil.which, BROWSERS)))
    with tempfile.TemporaryDirectory() as folder:
        shot = Path(folder, "shot.png")
        own = (f"--user-data-dir={folder}/profile", f"--window-size={SIZE}", f"--screenshot={shot}")
        subprocess.run([browser, *FLAGS, *own, page.resolve().as_uri()], check=True, capture_output=True)
        buffer = io.BytesIO()
        Image.open(shot).convert("RGB").quantize(COLOURS).save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def lines(result: dict[str, object]) -> list[str]:
    """The arms that matter, the verdict and what ships, from `result.json`."""
    arms = {arm["name"]: arm for arm in result["arms"]}
    verdict, chosen, metric = result["verdict"], result["chosen"], result["metric"]
    shown = dict.fromkeys([verdict["transfer"], verdict["baseline"], "raw_pixels"])
    rows = [f"{name:<11} {arms[name]['value']:.3f}  ({_span(arms[name]['interval'])})" for name in shown]
    shipped = (
        f"shipped: {chosen['arm']}, {metric['name']} {metric['value']:.3f} ({_span(metric['interval'])})"
    )
    return [*rows, verdict["sentence"], shipped]


def _span(interval: list[float]) -> str:
    return " to ".join(f"{end:.3f}" for end in interval)


if __name__ == "__main__":
    run = Path(sys.argv[1], "run")
    PICTURE.write_bytes(photographed(run / "report.html"))
    print("\n".join(lines(json.loads((run / "result.json").read_text("utf-8")))))
    print(f"{PICTURE}: {PICTURE.stat().st_size / 1000:.0f} kB", file=sys.stderr)
