"""The frozen pass as the examples grow: its time should be linear and its memory flat.

    python benchmarks/growth.py --images FOLDER --base BASE [--counts 1000 4000 16000 32000]

The images of the folder are repeated until there are enough, each one as an example of its own, in a
process and a cache of its own. Memory is the resident set: before the
pass (the libraries and the network), and the most during it.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np
import torch
from measuring import machine, seconds, table

from headstart.bases import load_base
from headstart.bases.base import FEATURES
from headstart.bases.passes.frozen import FrozenPass, Subject, Wanted
from headstart.cache import Cache
from headstart.data.images.decode import looks_like_image
from headstart.data.images.store import PixelStore
from headstart.runtime import Runtime

COUNTS = (1_000, 4_000, 16_000, 32_000)


def main() -> None:
    """Run each count in a process of its own and print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--images", type=Path, required=True)
    parser.add_argument("--base", required=True)
    parser.add_argument("--counts", nargs="*", type=int, default=COUNTS)
    parser.add_argument("--one", type=int, default=None, help=argparse.SUPPRESS)
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(one(asked.images, asked.base, asked.one)))
        return
    print(machine() + "\n")
    rows = []
    for count in asked.counts:
        command = [sys.executable, __file__, "--images", asked.images, "--base", asked.base, "--one", count]
        done = subprocess.run([*map(str, command)], capture_output=True, text=True, check=True)
        found = json.loads(done.stdout)
        rows.append(
            [count, f"{found['seconds']:.1f}", f"{1e3 * found['seconds'] / count:.2f}", *found["memory"]]
        )
    print(table(["examples", "seconds", "ms an example", "before, MB", "peak, MB"], rows))


def one(folder: Path, base_name: str, count: int) -> dict[str, object]:
    """Seconds of a pass over `count` examples, and the memory before it and at its peak."""
    files = [path for path in sorted(folder.rglob("*")) if path.is_file() and looks_like_image(path)]
    base = load_base(base_name)
    sources = [files[number % len(files)] for number in range(count)]
    digests = tuple(map(str, range(count)))
    with tempfile.TemporaryDirectory() as cache:
        passes = FrozenPass(Cache(Path(cache)), Runtime(threads=torch.get_num_threads()))
        inputs = PixelStore(sources, base.preprocess, passes.cache, digests)
        subject = Subject(inputs, digests, base.preprocess)
        wanted = Wanted(base.network(), base.identity, subject, (FEATURES,))
        passes(wanted, np.arange(64))  # what is loaded once
        Path("/proc/self/clear_refs").write_text("5")  # the peak starts anew
        before = peak()
        took = seconds(lambda: passes(wanted, np.arange(count)))
    return {"seconds": took, "memory": [before, peak()]}


def peak() -> int:
    """The most that this process has had in memory since it was last reset, MB (Linux)."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmHWM")).split()[1]) // 1024


if __name__ == "__main__":
    main()
