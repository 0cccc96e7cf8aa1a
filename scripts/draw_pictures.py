"""Draw four labelled sets of pictures from formulas; no photograph is used.

    python scripts/draw_pictures.py OUT --classes 200 --per-class 100 --side 96 --seed 0

Writes OUT/{fractals,textures,contours,objects}/{train,val,test}/<class>/<n>.jpg: of each class one picture
to test and four to choose on. The same seed gives the same bytes, in any
number of processes. `drawing/sources.py` says what a class is in each source.
"""

from __future__ import annotations

import argparse
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from drawing.scenery import Scenery, rng_of
from drawing.sources import SOURCES


def draw_class(job: tuple[int, int], scenery: Scenery, args: argparse.Namespace) -> None:
    """Draw every instance of one class of one source."""
    source, label = job
    name, formula_of = list(SOURCES.items())[source]
    for split in set(map(split_of, range(args.per_class))):
        (args.out / name / split / f"{label:04d}").mkdir(parents=True, exist_ok=True)
    formula = formula_of(scenery, rng_of(args.seed, source, label))
    for number in range(args.per_class):
        data = formula.jpeg(rng_of(args.seed, source, label, number), args.side)
        (args.out / name / split_of(number) / f"{label:04d}" / f"{number:04d}.jpg").write_bytes(data)


def split_of(number: int) -> str:
    """Where a class's picture goes."""
    return "test" if number == 0 else "val" if number < 5 else "train"


def main() -> None:
    """Read the command line and draw."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("out", type=Path)
    parser.add_argument("--classes", type=int, default=200, help="classes in each source")
    parser.add_argument("--per-class", type=int, default=100)
    parser.add_argument("--sources", nargs="+", choices=list(SOURCES), default=list(SOURCES))
    parser.add_argument("--side", type=int, default=96)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    args = parser.parse_args()
    scenery = Scenery(args.seed)
    jobs = [
        (source, label)
        for source, name in enumerate(SOURCES)
        if name in args.sources
        for label in range(args.classes)
    ]
    draw = partial(draw_class, scenery=scenery, args=args)
    if args.processes == 1:
        for job in jobs:
            draw(job)
    else:
        with get_context("spawn").Pool(args.processes) as pool:
            pool.map(draw, jobs, chunksize=4)


if __name__ == "__main__":
    main()
