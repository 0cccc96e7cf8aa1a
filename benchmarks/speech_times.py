"""How far off are the times of words? Of strings of spoken digits it is known when each digit is said.

    python benchmarks/speech_times.py BUNDLE DATA [--rotations 3]

BUNDLE is a bundle for words, DATA and the strings are those of `speech.py`, of both sides: a bundle that was
trained on some of them has heard when these are said, but nothing tells it. Strings in which it hears
another number of words are left out and counted. A digit lasts from its first sample to its last one, silence
at its edges included, which its recordings hardly have.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
from measuring import machine, table
from speech import RATE, clips_of, samples, strings, write_string

import headstart as hs
from headstart.types import FloatArray

COUNT, NEAR = 20, 0.2
"""Strings of the training side, and seconds that are nearly right."""


def main() -> None:
    """A line for starts and one for ends."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("bundle")
    parser.add_argument("data", type=Path)
    parser.add_argument("--rotations", type=int, default=3)
    asked = parser.parse_args()
    model, clips = hs.load(asked.bundle), clips_of(asked.data)
    errors, left_out = list[FloatArray](), 0
    with tempfile.TemporaryDirectory() as home:
        file = Path(home) / "one.wav"
        for rotation in range(asked.rotations):
            for one in strings(clips, rotation, COUNT):
                write_string(file, one)
                words = model.predict(file)["words"]
                if len(words) != len(one.said):
                    left_out += 1
                    continue
                sizes = np.array([len(samples(clip.file)) for clip in one.said])
                begins = np.concatenate([[0], (sizes + one.gaps)[:-1].cumsum()])
                right = np.stack([begins, begins + sizes], 1) / RATE
                told = np.array([[word["start"], word["end"]] for word in words])
                errors.append(told - right)
    off = np.concatenate(errors)
    rows = [
        (name, f"{abs(one).mean():.2f}", f"{one.mean():+.2f}", f"{100 * (abs(one) <= NEAR).mean():.0f}")
        for name, one in zip(("start", "end"), off.T, strict=True)
    ]
    print(table(["of a word", "s off", "late", f"% within {NEAR} s"], rows))
    print(f"\n{len(errors)} strings, {left_out} with another number of words left out\n{machine()}")


if __name__ == "__main__":
    main()
