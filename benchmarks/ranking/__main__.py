"""Does the ranking choose the right base?"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import zoo
from targets import TARGETS, made, unzipped

HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder of image data sets")
    parser.add_argument("--weights", type=Path, required=True, help="folder of timm model folders")
    parser.add_argument("--out", type=Path, required=True, help="folder for bases, targets and results")
    asked = parser.parse_args()
    for name in ("bases", "targets", "truth"):
        (asked.out / name).mkdir(parents=True, exist_ok=True)
    tiny = unzipped(asked.data, asked.out)
    bases = zoo.shrunken(asked.weights, asked.out / "bases")
    bases.append(zoo.useless(asked.out / "bases"))
    targets = [made(target, asked.data, tiny, asked.out / "targets") for target in TARGETS]
    environment = {**os.environ, "OMP_NUM_THREADS": "1", "CUDA_VISIBLE_DEVICES": ""}

    def run(*words: object) -> None:
        subprocess.run([sys.executable, *map(str, words)], check=True, env=environment)

    with ThreadPoolExecutor(2) as two:
        new = [source for source in zoo.SOURCES if not (asked.out / "bases" / source.name).exists()]
        code = "import sys, zoo, pathlib; zoo.pretrained(next(s for s in zoo.SOURCES if s.name == sys.argv[1]), *map(pathlib.Path, sys.argv[2:]))"
        list(
            two.map(
                lambda source: subprocess.run(
                    [sys.executable, "-c", code, source.name, str(tiny), str(asked.out / "bases")],
                    check=True,
                    env=environment,
                    cwd=HERE,
                ),
                new,
            )
        )
        bases += [asked.out / "bases" / source.name for source in zoo.SOURCES]
        import headstart.bases

        bases.append(Path(headstart.bases.__file__).parent / "weights" / "glyphs")
        cells = [(target, base) for target in targets for base in bases]
        list(
            two.map(
                lambda c: run(
                    HERE / "truth.py",
                    *c,
                    asked.out / "cache",
                    asked.out / "truth" / f"{c[0].name}-{c[1].name}.json",
                ),
                cells,
            )
        )


if __name__ == "__main__":
    main()
