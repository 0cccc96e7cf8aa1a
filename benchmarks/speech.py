"""Words in strings of spoken digits, and single digits, of speakers that nobody has learned from.

    python benchmarks/speech.py DATA [--strings 50 20] [--rotations 3] [--seconds 60] [--spelt]
        [--only NAME ...]

DATA is the Free Spoken Digit Dataset (Jackson and others, CC BY-SA 4.0) as a folder with `wav/` and a
metadata.csv (file, label, speaker). Strings of 3 to 6 digits of one speaker are joined with gaps of 0.05 to
0.3 s of silence; four speakers are trained on, the other two say 60 strings more, and three rotations of the
speakers are three rows. A contestant has so many seconds of one core, its frozen pass included; nothing is
chosen on the test. Word errors of a contestant are those of its head at the end.

`clips` says the accuracy of a solved head on 5 and 20 clips a digit, and of the nearest by time warping.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
import wave
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from headstart import registry
from headstart.adaptation import Job, Recipe, fit, outputs, strategy_named
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.data import load
from headstart.data.sound.store import MelStore
from headstart.preprocessing.sound import SoundPreprocess
from headstart.runtime import Clock, Runtime
from headstart.tasks.answers import words
from headstart.tasks.baselines.base import get
from headstart.tasks.baselines.nearest_words import distances, slices
from headstart.tasks.scores.words import of_letters, of_words
from headstart.tasks.solvers import linear
from headstart.types import IntArray, Splits

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TESTED = 60
CONTESTANTS = {
    "whisper zero_shot": ("builtin/whisper-tiny-en", "zero_shot", 0),
    "whisper frozen": ("builtin/whisper-tiny-en", "frozen", 36),
    "speech-s frozen": ("builtin/speech-s", "frozen", 60),
    "speech-s warm_init": ("builtin/speech-s", "warm_init", 24),
    "scratch": ("builtin/speech-s", "scratch", 24),
}
"""Base, strategy, epochs at most."""


class CoreClock(Clock):
    """Seconds of this process: others may keep the machine busy."""

    def __init__(self) -> None:
        super().__init__()
        self._began = time.process_time()

    def elapsed(self) -> float:
        """Seconds since it was made."""
        return time.process_time() - self._began


@dataclass(frozen=True)
class Clip:
    """One digit."""

    file: Path
    digit: int
    speaker: str


def main() -> None:
    """Print a row a contestant."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--strings", type=int, nargs="*", default=[50, 20])
    parser.add_argument("--clips", type=int, nargs="*", default=[5, 20])
    parser.add_argument("--rotations", type=int, default=3)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--views", type=int, default=2, help="of each string in the cache; a run has up to 4")
    parser.add_argument("--only", nargs="*", default=[*CONTESTANTS, "nearest_words"])
    parser.add_argument("--speech", default="builtin/speech-s", help="another base in its place")
    parser.add_argument("--spelt", action="store_true", help="letters as they are heard, without a lexicon")
    asked = parser.parse_args()
    if asked.spelt:
        words.known_words = lambda texts: ()
    torch.set_num_threads(1)
    clips = clips_of(asked.data)
    for count in asked.strings:
        print(
            f"\n| {count} strings | word errors by rotation | mean | letters | CPU s |\n|---|---|---|---|---|"
        )
        for name in asked.only:
            rows = [string_row(name, clips, rotation, count, asked) for rotation in range(asked.rotations)]
            wrong, letters, seconds = np.array(rows).T
            each = ", ".join(f"{100 * one:.1f}" for one in wrong)
            print(
                f"| {name} | {each} | {100 * wrong.mean():.1f} | {100 * letters.mean():.1f} "
                f"| {seconds.mean():.0f} |",
                flush=True,
            )
    for count in asked.clips:
        print(f"\n| {count} clips a digit | accuracy by rotation | mean |\n|---|---|---|")
        for name in ("builtin/whisper-tiny-en", asked.speech, "nearest"):
            found = [clip_row(name, clips, rotation, count) for rotation in range(asked.rotations)]
            each = ", ".join(f"{100 * one:.1f}" for one in found)
            print(f"| {name} | {each} | {100 * np.mean(found):.1f} |", flush=True)


def clips_of(data: Path) -> list[Clip]:
    """All of them."""
    with (data / "metadata.csv").open(encoding="utf-8") as table:
        return [Clip(data / row["file"], int(row["label"]), row["speaker"]) for row in csv.DictReader(table)]


def sides(clips: Sequence[Clip], rotation: int) -> tuple[list[str], list[str]]:
    """Four speakers to learn from, two to test."""
    every = sorted({clip.speaker for clip in clips})
    test = [every[(2 * rotation + place) % len(every)] for place in range(2)]
    return [one for one in every if one not in test], test


def write_strings(folder: Path, clips: Sequence[Clip], rotation: int, count: int) -> Path:
    """A folder with a metadata.csv, as the task reads it."""
    draws = np.random.default_rng([rotation, count])
    train, test = sides(clips, rotation)
    lines = ["file_name,transcription,split,speaker"]
    for side, who, many in (("train", train, count), ("test", test, TESTED)):
        for number in range(many):
            speaker = who[number % len(who)]
            own = [clip for clip in clips if clip.speaker == speaker]
            said = [own[place] for place in draws.integers(0, len(own), draws.integers(3, 7))]
            gaps = [np.zeros(int(8000 * draws.uniform(0.05, 0.3)), "<i2") for _ in said]
            parts = [part for clip, gap in zip(said, gaps, strict=True) for part in (samples(clip.file), gap)]
            name = f"{side}_{number}.wav"
            with wave.open(str(folder / name), "wb") as file:
                file.setnchannels(1)
                file.setsampwidth(2)
                file.setframerate(8000)
                file.writeframes(np.concatenate(parts[:-1]).tobytes())
            lines.append(f"{name},{' '.join(NAMES[clip.digit] for clip in said)},{side},{speaker}")
    (folder / "metadata.csv").write_text("\n".join(lines), "utf-8")
    return folder


def samples(file: Path) -> np.ndarray:
    """(n,) of 16 bits."""
    with wave.open(str(file)) as opened:
        return np.frombuffer(opened.readframes(opened.getnframes()), "<i2")


def string_row(
    name: str, clips: Sequence[Clip], rotation: int, count: int, asked: argparse.Namespace
) -> tuple[float, float, float]:
    """Word errors, letter errors and seconds of one core."""
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "data"
        folder.mkdir()
        task = registry.get("tasks", "speech_recognition")
        splits = load(write_strings(folder, clips, rotation, count), task)
        pool = np.sort(np.concatenate([splits.train, splits.validation]))
        base_name, strategy, epochs = CONTESTANTS.get(name, (asked.speech, "", 0))
        base_name = asked.speech if base_name.endswith("speech-s") else base_name
        started = time.process_time()
        base = task.suited(load_base(base_name), splits.examples, pool.tolist())
        runtime = Runtime(threads=1, clock=CoreClock())
        bench = Bench(task, splits.examples, pool, base, FrozenPass(Cache(Path(home) / "cache"), runtime))
        right = splits.examples.answers[splits.test]
        if name not in CONTESTANTS:
            said = get(name).fit(bench, pool).outputs(splits.test)
            seconds = time.process_time() - started
        else:
            job = job_of(strategy, epochs, asked.views, bench, rotation)
            fitted = fit(job, bench, Path(home), asked.seconds)
            seconds = time.process_time() - started
            said = outputs(fitted, bench, splits.test)
    return float(of_words(said, right).mean()), float(of_letters(said, right).mean()), seconds


def job_of(strategy: str, epochs: int, views: int, bench: Bench, seed: int) -> Job:
    """One training on everything that may be learned from; nobody looks."""
    plan = strategy_named(strategy)
    heads = epochs if strategy == "frozen" else 0
    rate = plan.rates[len(plan.rates) // 2] if plan.rates else 0.0
    recipe = Recipe(
        epochs=epochs - heads,
        batch=8,
        rate=rate,
        size=bench.base.preprocess.size,
        head_epochs=heads,
        views=views if heads else 0,
        keep="trained",
    )
    return Job("bench", plan, seed, recipe, bench.pool, np.zeros(0, dtype=np.int64))


def clip_row(name: str, clips: Sequence[Clip], rotation: int, count: int) -> float:
    """Accuracy on all clips of two speakers, of so many clips a digit of the other four."""
    train, test = sides(clips, rotation)
    draws = np.random.default_rng([rotation, count])
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "data"
        for digit in range(len(NAMES)):
            own = [clip for clip in clips if clip.digit == digit]
            pool = [clip for clip in own if clip.speaker in train]
            chosen = [pool[place] for place in draws.permutation(len(pool))[:count]]
            for side, some in (("train", chosen), ("test", [c for c in own if c.speaker in test])):
                where = folder / side / NAMES[digit]
                where.mkdir(parents=True)
                for clip in some:
                    (where / clip.file.name).write_bytes(clip.file.read_bytes())
        task = registry.get("tasks", "audio_classification")
        splits = load(folder, task)
        pool = np.sort(np.concatenate([splits.train, splits.validation]))
        return _nearest(splits, pool) if name == "nearest" else _solved(name, splits, pool, Path(home))


def _solved(name: str, splits: Splits, pool: IntArray, home: Path) -> float:
    task = registry.get("tasks", "audio_classification")
    base = task.suited(load_base(name), splits.examples, pool.tolist())
    bench = Bench(task, splits.examples, pool, base, FrozenPass(Cache(home / "cache"), Runtime(threads=1)))
    features, right = np.asarray(bench.features(), dtype=np.float64), splits.examples.answers
    head = linear.solve(features[pool], right[pool], len(NAMES))
    return float((head.outputs(features[splits.test]).argmax(1) == right[splits.test]).mean())


def _nearest(splits: Splits, pool: IntArray) -> float:
    inputs = MelStore(splits.examples.sources, SoundPreprocess(300, 300))
    known = [slices(inputs, row) for row in pool.tolist()]
    right = splits.examples.answers
    found = [int(np.argmin(distances(slices(inputs, row), known))) for row in splits.test.tolist()]
    return float((right[pool][found] == right[splits.test]).mean())


if __name__ == "__main__":
    main()
