"""A picture of a series: its last values, a forecast with its interval, and what happened."""

from __future__ import annotations

import base64
from collections.abc import Sequence

import numpy as np

from ...types import FloatArray

LOOK = 3
"""Times as many values of the history as steps, at most."""
EDGE = 8
TEXT = 12
"""A text is as high as this part of the picture."""
INK, FORECAST, BAND = "#737b85", "#0a7cc4", "#0a7cc4"


def picture(
    history: FloatArray,
    happened: FloatArray | None = None,
    forecast: FloatArray | None = None,
    side: int = 240,
) -> str:
    """A data URI of an SVG, twice as wide as it is high, with its highest and its lowest value.

    Args:
        history: (T,) NaN for gaps.
        happened: (H,) what came after.
        forecast: (H, 3) low, middle and high.
        side: its height in pixels.
    """
    steps = len(forecast) if forecast is not None else len(happened) if happened is not None else 0
    past = history[-max(LOOK * steps, 36) :]
    parts = [past, *(part.ravel() for part in (happened, forecast) if part is not None)]
    every = np.concatenate(parts)
    every = every[np.isfinite(every)]
    low, high = (float(every.min()), float(every.max())) if len(every) else (0.0, 1.0)
    across = (2 * side - 2 * EDGE) / max(1, len(past) + steps - 1)
    up = (side - 2 * EDGE) / ((high - low) or 1.0)

    def at(place: int, value: float) -> str:
        return f"{EDGE + place * across:.1f},{side - EDGE - (value - low) * up:.1f}"

    drawn = []
    if forecast is not None:
        lower = [at(len(past) + step, row[0]) for step, row in enumerate(forecast)]
        upper = [at(len(past) + step, row[2]) for step, row in enumerate(forecast)]
        drawn.append(
            f'<polygon points="{" ".join([*lower, *reversed(upper)])}" fill="{BAND}" opacity=".22"/>'
        )
    known = past if happened is None else np.append(past, happened)
    drawn += [_line(run, INK, 1.5) for run in _runs(known, at)]
    drawn += [
        _written(short(value), EDGE, side - EDGE - (value - low) * up, side)
        for value in dict.fromkeys((high, low))
    ]
    if forecast is not None:
        middle = [at(len(past) + step, row[1]) for step, row in enumerate(forecast)]
        drawn.append(_line(middle, FORECAST, 2.2))
        drawn.append(_written("forecast, 80 %", 2 * side - EDGE, side - EDGE, side, FORECAST, "end"))
    text = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * side} {side}" width="{2 * side}" '
        f'height="{side}">{"".join(drawn)}</svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(text.encode()).decode()


def short(value: float) -> str:
    """A number in four digits, but no power of ten where a whole number does: 10500, and not 1.05e+04."""
    return f"{value:.0f}" if 1e4 <= abs(value) < 1e9 else f"{value:.4g}"


def _written(text: str, x: float, y: float, side: int, color: str = INK, anchor: str = "start") -> str:
    """A text that stays within the picture."""
    size = side / TEXT
    return (
        f'<text x="{x}" y="{min(max(y, size), side - EDGE / 2):.1f}" font-family="sans-serif" '
        f'font-size="{size:.0f}" fill="{color}" text-anchor="{anchor}">{text}</text>'
    )


def _runs(values: FloatArray, at: object) -> list[list[str]]:
    """The points between gaps."""
    runs: list[list[str]] = [[]]
    for place, value in enumerate(values):
        if np.isfinite(value):
            runs[-1].append(at(place, value))  # type: ignore[operator]
        elif runs[-1]:
            runs.append([])
    return [run for run in runs if run]


def _line(points: Sequence[str], color: str, width: float) -> str:
    if len(points) == 1:
        x, _, y = points[0].partition(",")
        return f'<circle cx="{x}" cy="{y}" r="{width}" fill="{color}"/>'
    return f'<polyline points="{" ".join(points)}" fill="none" stroke="{color}" stroke-width="{width}"/>'
