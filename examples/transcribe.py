"""Write what is said in recordings of any length as subtitles (SRT), with the bundle of a finished run.

python examples/transcribe.py BUNDLE talk.wav > talk.srt
"""

import sys
from collections.abc import Iterator

import headstart as hs

PAUSE, LONGEST = 0.8, 5.0
"""Seconds of silence that end a line, and seconds after which one ends anyway."""


def lines(words: list[dict]) -> Iterator[list[dict]]:
    """The words, line by line."""
    line: list[dict] = []
    for word in words:
        if line and (word["start"] - line[-1]["end"] > PAUSE or word["end"] - line[0]["start"] > LONGEST):
            yield line
            line = []
        line.append(word)
    if line:
        yield line


def clock(seconds: float) -> str:
    """Seconds as SRT has them."""
    whole = round(1000 * seconds)
    return f"{whole // 3_600_000:02}:{whole // 60_000 % 60:02}:{whole // 1000 % 60:02},{whole % 1000:03}"


if __name__ == "__main__":
    model = hs.load(sys.argv[1])
    for recording in sys.argv[2:]:
        answer = model.predict(recording)
        for number, line in enumerate(lines(answer["words"]), 1):
            print(number, f"{clock(line[0]['start'])} --> {clock(line[-1]['end'])}", sep="\n")
            print(" ".join(word["word"] for word in line), end="\n\n")
