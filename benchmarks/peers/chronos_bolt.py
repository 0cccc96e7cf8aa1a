"""Chronos-Bolt as its authors' library runs it: what ours has to tell too.

    python chronos_bolt.py --base FOLDER --histories histories.json --steps 24 --out out.json

HISTORIES is a list of lists of numbers, null for a gap. What is written is a list of (quantiles, steps) for
each, told in one batch. The environment needs chronos-forecasting 2.3.2 and torch. The figures in
`tests/bases/networks/test_chronos_bolt.py` were made so, from the tiny base that `tests/serial.py` writes.
"""

import argparse
import json
from pathlib import Path

import torch
from chronos.chronos_bolt import ChronosBoltPipeline


def main() -> None:
    """Write the forecasts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--base", required=True)
    parser.add_argument("--histories", type=Path, required=True)
    parser.add_argument("--steps", type=int, required=True)
    parser.add_argument("--out", type=Path, required=True)
    asked = parser.parse_args()
    read = json.loads(asked.histories.read_text())
    histories = [torch.tensor([float("nan") if value is None else value for value in one]) for one in read]
    told = ChronosBoltPipeline.from_pretrained(asked.base).predict(histories, prediction_length=asked.steps)
    asked.out.write_text(json.dumps(told.tolist()))


if __name__ == "__main__":
    main()
