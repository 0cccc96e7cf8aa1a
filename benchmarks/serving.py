"""What `headstart serve` does under load, and under people who mean harm.

    python benchmarks/serving.py load RUN PICTURES [--requests 1000] [--threads 20] [--more 10000]
    python benchmarks/serving.py hostile RUN PICTURES

RUN is a run or bundle that classifies pictures, PICTURES a folder of some. Each command starts the service in
a process of its own, on this machine, beside the process that asks: they share the processor.

`load` sends REQUESTS pictures from THREADS threads, compares every answer with that of `Model.predict`, and
prints how many are answered in a second, beside one process that calls `predict` with one picture at a time
and with all of them, in turns; then MORE requests, and the memory of the service's process after each tenth.
`hostile` sends 200 requests that nobody should send, and prints by kind what came back: each has to be
refused (a status of 4xx, or the end of the connection). It fails where one is not, where the service opens a
file that is not its own or connects to anything (an audit hook in its process tells), or does not answer
afterwards.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import cycle, islice
from json import loads
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import numpy as np
from hostile import Hostile, outcome, requests
from measuring import machine, table

import headstart as hs

SUFFIXES = (".jpg", ".jpeg", ".png")
MOST = 200
"""Different pictures."""
ROUNDS = 4
"""In which the ways take turns, for what else the machine does comes and goes."""
WATCHED = """
import sys
seen = open(sys.argv.pop(1), "a", buffering=1)
def tell(event, arguments):
    if event in ("open", "socket.connect", "subprocess.Popen", "os.system", "socket.getaddrinfo"):
        seen.write(f"{event} {arguments[0] if event == 'open' else arguments[:2]}\\n")
sys.addaudithook(tell)
from headstart.cli import main
main()
"""
OWN = ("site-packages", "headstart-", "/lib/python", "/src/headstart/", "__pycache__")
"""In paths that a service may open while it answers: code that is imported late, and its private folders."""


@dataclass
class Running:
    """A service in a process of its own."""

    url: str
    process: subprocess.Popen[str]

    @property
    def where(self) -> tuple[str, int]:
        parts = urlsplit(self.url)
        assert parts.hostname
        assert parts.port
        return parts.hostname, parts.port

    @property
    def megabytes(self) -> float:
        """Resident memory."""
        lines = Path(f"/proc/{self.process.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1e3

    def predict(self, line: http.client.HTTPConnection, content: bytes) -> tuple[int, Any]:
        """Status and JSON of one picture."""
        line.request("POST", "/predict", content, {"Content-Type": "application/octet-stream"})
        answer = line.getresponse()
        return answer.status, loads(answer.read())


@dataclass
class Turn:
    """One way to have pictures answered, over all rounds."""

    HEADER = (
        *("who", "pictures", "seconds", "a second", "wrong", "largest difference"),
        *("ms, median", "ms, 95 %"),
    )
    name: str
    count: int = 0
    seconds: float = 0.0
    wrong: int = 0
    apart: float = 0.0
    waited: list[float] = field(default_factory=list)

    @contextmanager
    def timed(self, count: int) -> Iterator[None]:
        """Adds the time that the block takes."""
        begun = time.perf_counter()
        yield
        self.seconds += time.perf_counter() - begun
        self.count += count

    def compare(self, status: int, told: Any, wanted: dict[str, Any]) -> None:
        """A response with what `predict` says."""
        record = told["answers"][0] if status == 200 else {}
        self.wrong += record.get("label") != wanted["label"]
        found = record.get("probabilities", {})
        apart = (abs(found.get(name, 1.0) - one) for name, one in wanted["probabilities"].items())
        self.apart = max(self.apart, *apart)

    def row(self) -> list[object]:
        """Of the table."""
        told = [self.name, self.count, f"{self.seconds:.1f}", f"{self.count / self.seconds:.1f}"]
        if not self.waited:
            return [*told, "", "", "", ""]
        cuts = statistics.quantiles(self.waited, n=20)
        waited = [f"{1e3 * cuts[place]:.0f}" for place in (9, 18)]
        return [*told, self.wrong, f"{self.apart:.0e}", *waited]


@contextmanager
def running(run: Path, seen: Path | None = None) -> Iterator[Running]:
    """The service until the block ends; what it opens is told to `seen`."""
    how = ["-m", "headstart"] if seen is None else ["-c", WATCHED, str(seen)]
    command = [sys.executable, *how, "serve", str(run), "--port", "0", "--no-corrections"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout
    try:
        yield Running(process.stdout.readline().strip(), process)
    finally:
        process.terminate()
        code = process.wait()
        print(f"\nstopped with exit code {code}")


def main() -> None:
    """One of the two."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("what", choices=("load", "hostile"))
    parser.add_argument("run", type=Path)
    parser.add_argument("pictures", type=Path)
    parser.add_argument("--requests", type=int, default=1000)
    parser.add_argument("--threads", type=int, default=20)
    parser.add_argument("--more", type=int, default=10_000)
    asked = parser.parse_args()
    files = sorted(one for one in asked.pictures.rglob("*") if one.suffix.lower() in SUFFIXES)[:MOST]
    contents = [one.read_bytes() for one in files]
    print(f"{machine()}; {len(files)} pictures of {asked.pictures.name}\n")
    (load if asked.what == "load" else hostile)(asked, contents)


def load(asked: argparse.Namespace, contents: list[bytes]) -> None:
    """Right answers, their rate, and memory."""
    model = hs.load(asked.run)
    right = model.predict(contents)
    many = list(islice(cycle(range(len(contents))), asked.requests))
    turns = [Turn("predict, one at a time"), Turn("predict, all in one call")]
    turns += [Turn("serve, 1 thread"), Turn(f"serve, {asked.threads} threads")]
    with running(asked.run) as service:
        ask(
            service, contents, many[: asked.threads * 2], right, asked.threads, Turn("")
        )  # loads what is late
        for some in np.array_split(many, ROUNDS):
            alone(model, contents, some.tolist(), turns[0])
            at_once(model, contents, some.tolist(), turns[1])
            ask(service, contents, some.tolist(), right, 1, turns[2])
            ask(service, contents, some.tolist(), right, asked.threads, turns[3])
        print(table(Turn.HEADER, [turn.row() for turn in turns]), flush=True)
        memory = [service.megabytes]
        for _ in range(10):
            tenth = list(islice(cycle(many), asked.more // 10))
            ask(service, contents, tenth, right, asked.threads, Turn(""))
            memory.append(service.megabytes)
        print(f"\nmemory over {asked.more} requests, MB: {', '.join(f'{one:.0f}' for one in memory)}")
        grown = memory[-1] - memory[1]
        print(f"from the first tenth to the last: {grown:+.1f} MB ({grown / memory[1]:+.1%})")


def alone(model: hs.Model, contents: list[bytes], many: list[int], turn: Turn) -> None:
    """One process, one picture a call."""
    with turn.timed(len(many)):
        for index in many:
            model.predict(contents[index])


def at_once(model: hs.Model, contents: list[bytes], many: list[int], turn: Turn) -> None:
    """One process, one call."""
    with turn.timed(len(many)):
        model.predict([contents[index] for index in many])


def ask(
    service: Running,
    contents: list[bytes],
    many: list[int],
    right: list[dict[str, Any]],
    threads: int,
    turn: Turn,
) -> None:
    """So many requests from threads, each on a connection of its own; every answer is compared."""

    def some(own: list[int]) -> None:
        line = http.client.HTTPConnection(*service.where, timeout=120)
        for index in own:
            begun = time.perf_counter()
            status, told = service.predict(line, contents[index])
            turn.waited.append(time.perf_counter() - begun)
            turn.compare(status, told, right[index])
        line.close()

    with turn.timed(len(many)), ThreadPoolExecutor(threads) as pool:
        list(pool.map(some, [many[number::threads] for number in range(threads)]))


def hostile(asked: argparse.Namespace, contents: list[bytes]) -> None:
    """Everything is refused, nothing is opened, and the service goes on."""
    with tempfile.TemporaryDirectory() as folder:
        seen = Path(folder) / "seen.txt"
        with running(asked.run, seen) as service:
            line = http.client.HTTPConnection(*service.where, timeout=60)
            assert service.predict(line, contents[0])[0] == 200
            line.close()
            os.truncate(seen, 0)
            before = service.megabytes
            every = requests(contents[0])
            with ThreadPoolExecutor(8) as pool:
                found = list(pool.map(lambda one: outcome(one, service.where), every))
            strange = [text for text in seen.read_text().splitlines() if not any(own in text for own in OWN)]
            _told(every, found)
            line = http.client.HTTPConnection(*service.where, timeout=60)
            status, told = service.predict(line, contents[0])
            line.close()
            print(f"\nopened or connected to: {strange or 'nothing'}")
            print(f"memory before {before:.0f} MB, after {service.megabytes:.0f} MB")
            print(f"afterwards a picture is answered: {status} {told['answers'][0]['label']}")
            refused = all(one == "closed" or one.startswith("4") for one in found)
    if strange or not refused or status != 200:
        raise SystemExit("error: not everything was refused")


def _told(every: list[Hostile], found: list[str]) -> None:
    """What came back, by kind."""
    counts: dict[str, Counter[str]] = {}
    for one, came in zip(every, found, strict=True):
        counts.setdefault(one.kind, Counter())[came] += 1
    rows = [
        (kind, some.total(), ", ".join(f"{k}: {n}" for k, n in some.items())) for kind, some in counts.items()
    ]
    print(table(("kind", "requests", "came back"), rows))
    print(f"{len(every)} requests in all")


if __name__ == "__main__":
    main()
