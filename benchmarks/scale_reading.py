"""Tars of made pictures as they grow: read and checked, passed through a tiny base, asked for near copies.

    python benchmarks/scale_reading.py [--counts 1000 10000 100000] [--base builtin/glyphs]

The pictures are made: JPEGs of 64 pixels a side, in archives of a thousand with their classes. One in fifty
is an edit of another one (compressed harder); how many of these pairs are found is told. Each count is a
process and a cache of its own, and about 10 kB of the disk for each picture: a million take 10 GB for as long
as they are looked at. Seconds are of the processor, all threads together: others on the machine change them
less than they change the wall clock. Memory is the most until the end of each step that was resident, with
all that is loaded once, without pages of mapped files, which the system takes back where it needs them.
"""

from __future__ import annotations

import argparse
import io
import json
import shutil
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import numpy as np
from measuring import machine, opened, table
from PIL import Image

from headstart.data.checks import near_copies
from headstart.tasks.modalities.pictures import Pictures

Made = TypeVar("Made")
COUNTS = (1_000, 10_000, 100_000)
SIDE, BLOBS, EDITED, IN_ONE = 64, 6, 50, 1_000
DISK, SPARE = 10_000, 50_000_000_000
"""Bytes for each picture, and bytes that stay free."""
STEPS = ("read and checked", "passed", "near copies")


def main() -> None:
    """Run each count in a process of its own and print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--counts", nargs="*", type=int, default=COUNTS)
    parser.add_argument("--base", default="builtin/glyphs")
    parser.add_argument("--one", type=int, default=None, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.base, asked.one)))
        return
    print(machine() + "\n")
    rows = []
    for count in asked.counts:
        require_room(count)
        command = [sys.executable, __file__, "--base", asked.base, "--one", str(count)]
        done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
        found = json.loads(done.stdout)
        each = [f"{1e3 * seconds / count:.2f} ({memory:,})" for seconds, memory in found["steps"]]
        rows.append([f"{count:,}", f"{found['before']:,}", *each, found["pairs"]])
    print(
        table(["examples", "before, MB", *(f"{step}, ms each (MB)" for step in STEPS), "pairs found"], rows)
    )


def require_room(count: int) -> None:
    """Ends the program where so many pictures would fill the disk."""
    place = tempfile.gettempdir()
    left = shutil.disk_usage(place).free - DISK * count
    if left < SPARE:
        raise SystemExit(
            f"{count:,} pictures would leave {left / 1e9:.0f} GB in {place}, set TMPDIR to another"
        )


def one(base: str, count: int) -> dict[str, object]:
    """Seconds and peak of memory of each step, and how many of the edited pairs are found."""
    with tempfile.TemporaryDirectory() as place:
        folder, cache = Path(place, "tars"), Path(place, "cache")
        folder.mkdir()
        write(folder, count)
        opened_few(base, Path(place))  # what is loaded once
        most = Most()
        before, steps = most.value, []

        def measured(work: Callable[[], Made]) -> Made:
            started = time.process_time()
            made = work()
            steps.append((time.process_time() - started, most.value))
            return made

        bench, splits = measured(lambda: opened(folder, base, cache))
        assert len(splits.examples) == count
        features = measured(bench.summaries)
        inputs = bench.subject(bench.base.preprocess.size).inputs
        pairs = measured(lambda: near_copies(features, Pictures().impressions(inputs, bench.everything)))
        names = [Path(name).stem for name in splits.examples.names]
        found = {frozenset((names[a], names[b])) for a, b in pairs.tolist()}
        edits = [frozenset(pair) for pair in edited(count)]
        known = sum(pair in found for pair in edits)
        return {
            "before": before,
            "steps": steps,
            "pairs": f"{known} of {len(edits)}, and {len(found) - known} others",
        }


def write(folder: Path, count: int) -> None:
    """Archives of so many pictures in two classes."""
    pairs = {int(second): int(first) for first, second in edited(count)}
    for start in range(0, count, IN_ONE):
        with tarfile.open(folder / f"{start // IN_ONE:06d}.tar", "w") as tar:
            for number in range(start, min(start + IN_ONE, count)):
                quality = 18 if number in pairs else 90
                content = picture(pairs.get(number, number), quality)
                for end, what in (("jpg", content), ("cls", b"%d" % (number % 2))):
                    entry = tarfile.TarInfo(f"{number:07d}.{end}")
                    entry.size = len(what)
                    tar.addfile(entry, io.BytesIO(what))


def edited(count: int) -> list[tuple[str, str]]:
    """The numbers of pictures and of their edits."""
    return [(f"{number - 1:07d}", f"{number:07d}") for number in range(EDITED - 1, count, EDITED)]


def picture(number: int, quality: int) -> bytes:
    """A JPEG of soft blobs, drawn from its number."""
    blobs = np.random.default_rng(number).integers(0, 256, (BLOBS, BLOBS, 3), dtype=np.uint8)
    stream = io.BytesIO()
    Image.fromarray(blobs).resize((SIDE, SIDE), Image.Resampling.BICUBIC).save(
        stream, "JPEG", quality=quality
    )
    return stream.getvalue()


def opened_few(base: str, place: Path) -> None:
    """The same with few pictures."""
    (place / "few").mkdir()
    write(place / "few", 200)
    opened(place / "few", base, place / "few-cache")[0].summaries()


class Most:
    """Watches how much memory this process has that is no page of a file (Linux)."""

    def __init__(self) -> None:
        self.seen = 0
        threading.Thread(target=self._watch, daemon=True).start()

    def _watch(self) -> None:
        while True:
            self.seen = max(self.seen, anonymous())
            time.sleep(0.05)

    @property
    def value(self) -> int:
        """The most until now, MB."""
        return max(self.seen, anonymous())


def anonymous() -> int:
    """MB of this process's memory now."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("RssAnon")).split()[1]) // 1024


if __name__ == "__main__":
    main()
