"""Forecast the next values of each series in a table, and say whether pre-training helped.

python examples/forecast.py TABLE OUT [STEPS]
"""

import sys

import headstart as hs


def main(table: str, out: str, steps: str = "12") -> None:
    """A run, then forecasts from the ends of the same series."""
    result = hs.run(table, task="forecasting", out=out, minutes=1, horizon=steps)
    verdict = result.outcome.verdict
    print(f"{verdict.transfer} {verdict.call} over {verdict.baseline}: MASE {verdict.delta:+.3f}")
    for one in result.model.predict(table):
        low, middle, high = (one[part][-1] for part in ("low", "forecast", "high"))
        print(f"{one['input']} {one['stamps'][-1]}: {middle:.1f} ({low:.1f} to {high:.1f})")


if __name__ == "__main__":
    main(*sys.argv[1:])
