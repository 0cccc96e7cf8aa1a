"""Words in strings of spoken digits, and single digits, of speakers that nobody has learned from.

    python benchmarks/speech.py DATA [--strings 50 20] [--clips 5 20] [--rotations 3] [--seconds 60] [--spelt]
        [--only NAME ...]

DATA is the Free Spoken Digit Dataset (Jackson and others, CC BY-SA 4.0) as a folder with `wav/` and a
metadata.csv (file, label, speaker). Strings of 3 to 6 digits of one speaker are joined with gaps of 0.05 to
0.3 s of silence; four speakers are trained on, the other two say 60 strings more, and three rotations of the
speakers are three rows. A contestant has so many seconds of one core, its frozen pass included; nothing is
chosen on the test. Word errors of a contestant are those of its head at the end.

`--clips 5 20` says the accuracy of a solved head on 5 and 20 clips a digit, of the nearest by time warping,
and the paired difference of each base to that, with a 95 % interval over the six speakers, each of whom is
tested once. `--clips` alone leaves that out, and `--strings` alone the strings.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
import wave
from collections.abc import Iterator, Sequence
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
from headstart.data.reading import Reading
from headstart.data.sound.store import MelStore
from headstart.preprocessing.sound import SoundPreprocess
from headstart.runtime import Clock, Runtime
from headstart.stats import interval
from headstart.tasks.answers import words
from headstart.tasks.baselines.base import get
from headstart.tasks.baselines.nearest_words import distances, slices
from headstart.tasks.scores.words import of_letters, of_words
from headstart.tasks.solvers import linear
from headstart.types import BoolArray, FloatArray, IntArray, Splits

NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")
TESTED = 60
RATE = 8000
WHISPER, SPEECH = "builtin/whisper-tiny-en", "builtin/speech-s"


@dataclass(frozen=True)
class Contestant:
    """A strategy on a base."""

    base: str
    strategy: str
    heads: int = 0
    """Epochs at most of the head alone, on frozen features."""
    epochs: int = 0
    """Of what comes after it."""


CONTESTANTS = {
    "whisper zero_shot": Contestant(WHISPER, "zero_shot"),
    "whisper frozen": Contestant(WHISPER, "frozen", 36),
    "whisper finetune": Contestant(WHISPER, "finetune", 18, 12),
    "whisper lora": Contestant(WHISPER, "lora", 18, 6),
    "speech-s frozen": Contestant(SPEECH, "frozen", 60),
    "speech-s finetune": Contestant(SPEECH, "finetune", 30, 18),
    "speech-s lora": Contestant(SPEECH, "lora", 30, 12),
    "speech-s warm_init": Contestant(SPEECH, "warm_init", 0, 24),
    "scratch": Contestant(SPEECH, "scratch", 0, 24),
}


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
        clip_table(clips, count, asked)


def clip_table(clips: Sequence[Clip], count: int, asked: argparse.Namespace) -> None:
    """Accuracies, and how far each base is from the nearest by time warping."""
    print(f"\n| {count} clips a digit | accuracy by rotation | mean | less the nearest, 95 % | CPU s |")
    print("|---|---|---|---|---|", flush=True)
    known = None
    for name in ("nearest", WHISPER, asked.speech):
        rows = [clip_row(name, clips, rotation, count) for rotation in range(asked.rotations)]
        right, speakers = (np.concatenate([row[part] for row in rows]) for part in (0, 1))
        known = right if known is None else known
        each = ", ".join(f"{100 * row[0].mean():.1f}" for row in rows)
        gain = right - known
        low, high = interval(gain[None], speakers)
        ends = f"{100 * gain.mean():+.1f} ({100 * low:+.1f} to {100 * high:+.1f})"
        told = "" if name == "nearest" else ends
        seconds = np.mean([row[2] for row in rows])
        print(f"| {name} | {each} | {100 * right.mean():.1f} | {told} | {seconds:.0f} |", flush=True)


def clips_of(data: Path) -> list[Clip]:
    """All of them."""
    with (data / "metadata.csv").open(encoding="utf-8") as table:
        return [Clip(data / row["file"], int(row["label"]), row["speaker"]) for row in csv.DictReader(table)]


def sides(clips: Sequence[Clip], rotation: int) -> tuple[list[str], list[str]]:
    """Four speakers to learn from, two to test."""
    every = sorted({clip.speaker for clip in clips})
    test = [every[(2 * rotation + place) % len(every)] for place in range(2)]
    return [one for one in every if one not in test], test


@dataclass(frozen=True)
class Spoken:
    """Digits of one speaker, joined."""

    side: str
    speaker: str
    said: tuple[Clip, ...]
    gaps: tuple[int, ...]
    """Samples of silence after each."""


def strings(clips: Sequence[Clip], rotation: int, count: int) -> Iterator[Spoken]:
    """So many to learn from, and those that are tested."""
    draws = np.random.default_rng([rotation, count])
    train, test = sides(clips, rotation)
    for side, who, many in (("train", train, count), ("test", test, TESTED)):
        for number in range(many):
            speaker = who[number % len(who)]
            own = [clip for clip in clips if clip.speaker == speaker]
            said = tuple(own[place] for place in draws.integers(0, len(own), draws.integers(3, 7)))
            yield Spoken(side, speaker, said, tuple(int(RATE * draws.uniform(0.05, 0.3)) for _ in said))


def write_strings(folder: Path, clips: Sequence[Clip], rotation: int, count: int) -> Path:
    """A folder with a metadata.csv, as the task reads it."""
    lines = ["file_name,transcription,split,speaker"]
    for number, one in enumerate(strings(clips, rotation, count)):
        name = f"{one.side}_{number}.wav"
        write_string(folder / name, one)
        said = " ".join(NAMES[clip.digit] for clip in one.said)
        lines.append(f"{name},{said},{one.side},{one.speaker}")
    (folder / "metadata.csv").write_text("\n".join(lines), "utf-8")
    return folder


def write_string(path: Path, one: Spoken) -> None:
    """Its sound."""
    pairs = zip(one.said, one.gaps, strict=True)
    parts = [part for clip, gap in pairs for part in (samples(clip.file), np.zeros(gap, "<i2"))]
    with wave.open(str(path), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(np.concatenate(parts[:-1]).tobytes())


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
        who = CONTESTANTS.get(name)
        base_name = asked.speech if who is None or who.base == SPEECH else who.base
        started = time.process_time()
        base = task.suited(load_base(base_name), splits.examples, pool.tolist())
        runtime = Runtime(threads=1, clock=CoreClock())
        bench = Bench(task, splits.examples, pool, base, FrozenPass(Cache(Path(home) / "cache"), runtime))
        right = splits.examples.answers[splits.test]
        if who is None:
            said = get(name).fit(bench, pool).outputs(splits.test)
            seconds = time.process_time() - started
        else:
            job = job_of(who, asked.views, bench, rotation)
            fitted = fit(job, bench, Path(home), asked.seconds)
            seconds = time.process_time() - started
            said = outputs(fitted, bench, splits.test)
    return float(of_words(said, right).mean()), float(of_letters(said, right).mean()), seconds


def job_of(who: Contestant, views: int, bench: Bench, seed: int) -> Job:
    """One training on everything that may be learned from; nobody looks."""
    plan, stages = strategy_named(who.strategy), bench.base.card.stages
    recipe = Recipe(
        epochs=who.epochs,
        batch=8,
        rate=plan.rates[len(plan.rates) // 2] if plan.rates else 0.0,
        cuts=(stages[-1], stages[len(stages) // 2]) if who.strategy == "finetune" else (),
        size=bench.base.preprocess.size,
        head_epochs=who.heads,
        views=views if who.heads else 0,
        keep="trained",
    )
    return Job("bench", plan, seed, recipe, bench.pool, np.zeros(0, dtype=np.int64))


def clip_row(
    name: str, clips: Sequence[Clip], rotation: int, count: int
) -> tuple[FloatArray, IntArray, float]:
    """Of all clips of two speakers: is each right, and whose; from so many clips a digit of the other four.

    And seconds of one core, decoding included.
    """
    train, test = sides(clips, rotation)
    draws = np.random.default_rng([rotation, count])
    every = sorted({clip.speaker for clip in clips})
    with tempfile.TemporaryDirectory() as home:
        folder = Path(home) / "data"
        folder.mkdir()
        lines = ["file_name,label,split,speaker"]
        for digit in range(len(NAMES)):
            own = [clip for clip in clips if clip.digit == digit]
            pool = [clip for clip in own if clip.speaker in train]
            chosen = [pool[place] for place in draws.permutation(len(pool))[:count]]
            for side, some in (("train", chosen), ("test", [c for c in own if c.speaker in test])):
                for clip in some:
                    (folder / clip.file.name).write_bytes(clip.file.read_bytes())
                    lines.append(f"{clip.file.name},{NAMES[digit]},{side},{clip.speaker}")
        (folder / "metadata.csv").write_text("\n".join(lines), "utf-8")
        task = registry.get("tasks", "audio_classification")
        splits = load(folder, task, reading=Reading(group="speaker"))
        pool, started = np.sort(np.concatenate([splits.train, splits.validation])), time.process_time()
        solved = _nearest(splits, pool) if name == "nearest" else _solved(name, splits, pool, Path(home))
        seconds = time.process_time() - started
    speakers = np.array([every.index((splits.examples.groups or ())[row]) for row in splits.test])
    return solved.astype(float), speakers, seconds


def _solved(name: str, splits: Splits, pool: IntArray, home: Path) -> BoolArray:
    task = registry.get("tasks", "audio_classification")
    base = task.suited(load_base(name), splits.examples, pool.tolist())
    bench = Bench(task, splits.examples, pool, base, FrozenPass(Cache(home / "cache"), Runtime(threads=1)))
    features, right = np.asarray(bench.features(), dtype=np.float64), splits.examples.answers
    head = linear.solve(features[pool], right[pool], len(NAMES))
    return head.outputs(features[splits.test]).argmax(1) == right[splits.test]


def _nearest(splits: Splits, pool: IntArray) -> BoolArray:
    inputs = MelStore(splits.examples.sources, SoundPreprocess(300, 300))
    known = [slices(inputs, row) for row in pool.tolist()]
    right = splits.examples.answers
    found = [int(np.argmin(distances(slices(inputs, row), known))) for row in splits.test.tolist()]
    return right[pool][found] == right[splits.test]


if __name__ == "__main__":
    main()
