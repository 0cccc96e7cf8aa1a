"""What a run runs on, as one explicit object: device, threads, clock, and where it speaks.

Nothing here is global: a `Runtime` is made once and handed down.
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

if TYPE_CHECKING:
    from lightning_fabric import Fabric
    from torch import Tensor

    from .parallel import Progress

T = TypeVar("T")
SLOWEST = 4.0
"""Times, at most, that a busy machine is taken to be slower: who waits for a disk computes little, too."""
HERE = "local"
"""Where jobs run: on this machine."""
BESIDE = "LOCAL_WORLD_SIZE"
"""In the environment, from who starts processes that train together: how many of them are on this machine."""
CPUINFO = Path("/proc/cpuinfo")
BFLOAT16 = {"avx512_bf16", "amx_bf16", "bf16"}
"""Flags of processors that multiply in bfloat16: of x86 the first two, of ARM the last."""
LEFT_BY = {
    "ONEDNN_MAX_CPU_ISA": ("BF16", "FP16", "AMX", "AVX10", "ALL", "DEFAULT"),
    "DNNL_MAX_CPU_ISA": ("BF16", "FP16", "AMX", "AVX10", "ALL", "DEFAULT"),
    "ATEN_CPU_CAPABILITY": ("AVX512", "SVE"),
}
"""Environment variables that keep PyTorch from instructions; parts of values that leave it bfloat16."""


class Reporter(Protocol):
    """Where a run speaks to a person; the command line's writes to stderr."""

    def note(self, text: str) -> None:
        """One line that the person should read."""
        ...

    def track(self, items: Iterable[T], label: str, total: int) -> Iterator[T]:
        """Pass the items through while showing how far along they are."""
        ...


class Silent:
    """A reporter that says nothing: the default in Python."""

    def note(self, text: str) -> None:
        """Say nothing."""

    def track(self, items: Iterable[T], label: str, total: int) -> Iterator[T]:
        """Pass the items through."""
        yield from items


def progress(reporter: Reporter) -> Progress:
    """The reporter as a function that reading data passes its rows through."""

    def shown(title: str, items: Iterable[T]) -> Iterable[T]:
        rows = list(items)
        return reporter.track(rows, title, len(rows))

    return shown


class Clock:
    """Seconds that a run has worked, over all its attempts, against its budget."""

    def __init__(self, minutes: float | None = None, begun: float | None = None) -> None:
        """No minutes: no budget. `begun` is when it began, by `time.monotonic`: now, where it is None."""
        self.minutes = minutes
        self.budget = float("inf") if minutes is None else minutes * 60
        self._made = time.monotonic(), time.process_time()
        self._started = self._made[0] if begun is None else begun

    def add(self, worked: float) -> None:
        """Count what earlier, interrupted attempts of the same run took, in seconds."""
        self._started -= worked

    def elapsed(self) -> float:
        """Seconds worked so far."""
        return time.monotonic() - self._started

    @property
    def slowness(self) -> float:
        """Seconds that go by for one that this process computes, 1 on a machine of its own.

        1, too, where it has computed for less than a second, which tells nothing.
        """
        wall, computed = time.monotonic() - self._made[0], time.process_time() - self._made[1]
        return min(SLOWEST, max(1.0, wall / computed)) if computed > 1 else 1.0

    def left(self) -> float:
        """Seconds until the budget is used up; negative when it is."""
        return self.budget - self.elapsed()

    def __getstate__(self) -> tuple[float | None, float, float]:
        """What another machine can read, whose monotonic clock began at another time: what it was when."""
        return self.minutes, self.elapsed(), time.time()

    def __setstate__(self, state: tuple[float | None, float, float]) -> None:
        minutes, worked, then = state
        vars(self).update(vars(Clock(minutes)))
        self.add(worked + max(0.0, time.time() - then))


@dataclass(frozen=True)
class Runtime:
    """Device, threads, clock, voice and log of one run."""

    device: str = "cpu"
    threads: int = 1
    clock: Clock = field(default_factory=Clock)
    reporter: Reporter = field(default_factory=Silent)
    log_file: Path | None = None
    half: bool = False
    """Training computes in bfloat16 where that is safe: always on a GPU, on a CPU where it is faster."""
    devices: int = 1
    """Processes that train one network together, a GPU (or a CPU's share) each."""
    on: str = HERE
    """Where jobs run: `workers` knows the places."""

    @property
    def loaders(self) -> int:
        """Threads that fetch batches while others compute: the cores that the device leaves idle, or one."""
        import torch

        busy = 0 if self.device != "cpu" else torch.get_num_threads()
        return max(1, (os.cpu_count() or 1) - busy)

    def log(self, event: str, **fields: object) -> None:
        """Append one event to `log.jsonl`."""
        if self.log_file is not None:
            line = {"event": event, "elapsed": round(self.clock.elapsed(), 3), **fields}
            with self.log_file.open("a", encoding="utf-8") as file:
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    def trainer(self) -> Fabric | Alone:
        """What trains a network here."""
        plain = self.device == "cpu" and self.devices == 1 and not self.half
        return Alone() if plain else self.fabric()

    def fabric(self) -> Fabric:
        """The device and precision layer of the training loop (Lightning Fabric).

        With several devices the first call starts this very command again for each of them, unless `torchrun`
        or a cluster has started them, so many on each machine.
        """
        from lightning_fabric import Fabric

        logging.getLogger("lightning_fabric").setLevel(logging.WARNING)  # it tells its precision each time
        accelerator = "cpu" if self.device == "cpu" else "cuda"
        # a plan may come from another machine, and be gone on with on this one
        half = self.device != "cpu" or (self.half and has_bfloat16())
        precision: Any = "bf16-mixed" if half else "32-true"
        strategy = "ddp" if self.devices > 1 else "auto"
        beside = int(os.environ.get(BESIDE, self.devices)) if self.devices > 1 else 1
        nodes = max(1, self.devices // beside)
        fabric = Fabric(
            accelerator=accelerator, devices=beside, num_nodes=nodes, strategy=strategy, precision=precision
        )
        fabric.launch()
        return fabric


class Alone:
    """What training asks of a Fabric, for one process on a CPU in full precision: to the same bits.

    Fabric loads a compiler: seconds, which a small training does not take itself.
    """

    global_rank, world_size = 0, 1

    def setup(self, model: Any, optimizer: Any) -> tuple[Any, Any]:
        """Both as they are."""
        return model, optimizer

    def backward(self, loss: Tensor) -> None:
        """Add the gradients of a loss."""
        loss.backward()  # type: ignore[no-untyped-call]

    def all_reduce(self, value: Tensor) -> Tensor:
        """The mean over all processes."""
        return value

    def broadcast(self, value: T) -> T:
        """What the first process says."""
        return value


def detect(clock: Clock, reporter: Reporter, log_file: Path | None = None, on: str = HERE) -> Runtime:
    """The runtime of this machine: a GPU where torch sees one, one thread a physical share of cores."""
    import torch

    device = "cuda" if torch.cuda.is_available() else "cpu"
    return Runtime(device, torch.get_num_threads(), clock, reporter, log_file, on=on)


def has_bfloat16(cpuinfo: Path = CPUINFO, environment: Mapping[str, str] = os.environ) -> bool:
    """Has every processor of this machine instructions for bfloat16, and may PyTorch use them?

    Without them PyTorch emulates, which is slow and lacks layers: LSTMs cannot be trained so, and some
    convolutions overwrite memory of others. So what is not known counts as no.
    """
    caps = {name: environment.get(name, "").upper() for name in LEFT_BY}
    if any(cap and not any(part in cap for part in LEFT_BY[name]) for name, cap in caps.items()):
        return False
    try:
        text = cpuinfo.read_text("utf-8", errors="replace")
    except OSError:
        return False
    lines = [line.partition(":") for line in text.splitlines()]
    flags = [set(after.lower().split()) for name, _, after in lines if name.strip() in ("flags", "Features")]
    return bool(flags) and all(BFLOAT16 & own for own in flags)


def derive(seed: int, *purpose: str | int) -> int:
    """A seed for one purpose: the same inputs give the same number on every machine, 63 bits."""
    text = json.dumps([seed, *purpose]).encode()
    return int.from_bytes(hashlib.sha256(text).digest()[:8], "big") >> 1


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Run a block with torch's generator at `seed`, and put it back afterwards."""
    import torch

    with torch.random.fork_rng(devices=[]):
        if torch.cuda.is_available():
            torch.manual_seed(seed)
        else:  # what it notes for a GPU that is not there takes longer than many a small step
            torch.default_generator.manual_seed(seed)
        yield


@contextmanager
def using_threads(count: int) -> Iterator[None]:
    """Run a block with so many threads: another number adds in another order."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(count)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def write_atomically(path: Path, data: bytes) -> None:
    """Write a whole file or nothing: to a temporary name beside it, then renamed."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        temporary.write_bytes(data)
        os.replace(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
