"""Does a run end in its time while other work goes on beside it?

    python benchmarks/busy.py --data DIR --base BASE [--minutes 2] [--busy 4] [--sets hymenoptera trashnet]

`headstart run` on each set, from the start of the program to its end: alone, and beside so many processes
that do nothing but compute. It should end within 15 % and 20 seconds of its minutes. Every cache is empty.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from measuring import machine, table

OVER, LATE = 1.15, 20.0


def main() -> None:
    """A line for each set and number of busy processes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, required=True, help="folder of image sets")
    parser.add_argument("--base", required=True)
    parser.add_argument("--minutes", type=float, default=2.0)
    parser.add_argument("--busy", type=int, default=4, help="processes beside")
    parser.add_argument("--sets", nargs="+", default=["hymenoptera", "trashnet", "sign_digits"])
    asked = parser.parse_args()
    allowed = OVER * 60 * asked.minutes + LATE
    rows = []
    for name in asked.sets:
        for busy in (0, asked.busy):
            with beside(busy):
                seconds, said = ran(asked.data / name, asked.base, asked.minutes)
            end = "yes" if seconds <= allowed else "no"
            found = [said["seeds"], said["call"], said["ended"]] if said else [0, "no verdict", "time"]
            rows.append([name, busy, f"{os.getloadavg()[0]:.0f}", f"{seconds:.0f}", end, *found])
            print(*rows[-1], file=sys.stderr, flush=True)
    print(table(["set", "busy", "load at the end", "s", "in time", "pairs", "call", "ended by"], rows))
    print(f"\n{asked.minutes:g} minutes asked for, {allowed:.0f} s allowed\n{machine()}")


@contextmanager
def beside(count: int) -> Iterator[None]:
    """So many processes that compute without end."""
    others = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(count)]
    try:
        yield
    finally:
        for other in others:
            other.kill()
            other.wait()


def ran(data: Path, base: str, minutes: float) -> tuple[float, dict | None]:
    """Seconds of a run, and its verdict, if there was time for one."""
    with tempfile.TemporaryDirectory() as folder:
        words = ["run", data, "--base", base, "--minutes", minutes, "--out", f"{folder}/run"]
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "headstart", *map(str, words)],
            check=True,
            capture_output=True,
            env={**os.environ, "HEADSTART_CACHE": f"{folder}/cache"},
        )
        seconds = time.monotonic() - started
        return seconds, json.loads(Path(folder, "run", "result.json").read_text())["verdict"]


if __name__ == "__main__":
    main()
