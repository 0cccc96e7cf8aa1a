"""The report's figures as inline SVG, drawn without pyplot and without touching matplotlib's settings.

A figure is drawn in stand-in colours that become CSS variables of the page, so that it follows the
page's light and dark look. Names that users chose stay out of the figures: the page shows them as text.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from hashlib import sha256
from itertools import count, zip_longest
from statistics import median

from markupsafe import Markup, escape
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.ticker import FuncFormatter, MaxNLocator, NullFormatter

from ...records import Arm, Point
from . import words

# Stand-ins: colours that no figure uses otherwise, one for each CSS variable of the page.
INK, MUTED, LINE, PANEL, ACCENT, SECOND = (f"#0a0b{i:02x}" for i in range(1, 7))
_VARIABLES = {
    INK: "ink",
    MUTED: "muted",
    LINE: "line",
    PANEL: "panel",
    ACCENT: "accent",
    SECOND: "second",
}
_SAYS = "says:"
_SMALL = 10.0
"""Font size in points. The figures are at most 340 points wide, so that they can be read on a phone."""

Dashes = tuple[int, tuple[int, int]]
"""Of a line: an offset, and how much is drawn and how much is not."""
CURVES: dict[str, tuple[str, str | Dashes, str]] = {
    "frozen": (ACCENT, "-", "o"),
    "scratch": (SECOND, (0, (4, 2)), "s"),
}
"""Colour, line and mark of each learning curve."""
TAKEN: dict[str, tuple[str, str | Dashes]] = {
    "before": (MUTED, (0, (1, 2))),
    "next": (SECOND, (0, (4, 2))),
    "recommended": (ACCENT, "-"),
}
"""Colour and line of each curve of popularity."""


@dataclass(frozen=True)
class Losses:
    """Of one seed by epoch; nan where one is no number."""

    train: Sequence[float]
    validation: Sequence[float]
    kept: int | None
    """Index of the epoch whose weights were kept."""


def difference(delta: float, low: float, high: float, alt: str, share: bool = True) -> Markup:
    """The verdict's difference with its interval beside the line of no difference; of fractions in points."""
    figure, axes = _canvas(340, 80)
    axes.axvline(0, color=INK, linewidth=1.2, linestyle=(0, (4, 3)))
    delta, low, high = (_scale(share) * end for end in (delta, low, high))
    axes.plot([low, high], [0, 0], color=ACCENT, linewidth=5, solid_capstyle="round")
    axes.plot([delta], [0], "o", color=PANEL, markeredgecolor=ACCENT, markeredgewidth=3, markersize=12)
    reach = max(abs(low), abs(high), abs(delta), 0.01 * _scale(share)) * 1.15
    axes.set_xlim(min(-0.12 * reach, 1.15 * low), max(0.12 * reach, 1.15 * high))
    axes.set_yticks([])
    points = "points of " if share else ""
    axes.set_xlabel(f"{points}difference (dashed line: no difference)", fontsize=_SMALL, color=MUTED)
    axes.xaxis.set_major_formatter(
        FuncFormatter(lambda x, _: f"{x:+.3g}".replace("-", "\u2212") if x else "0")
    )
    return _svg(figure, alt)


def arms(
    rows: Sequence[Arm], shipped: str | None, alt: str, share: bool = True, bundle: float | None = None
) -> Markup:
    """One line for each arm, top first: mean (big dot), interval (bar) and seeds (small dots).

    Args:
        rows: the arms.
        shipped: name of the arm that is shipped, drawn filled.
        alt: what the figure shows, for those who do not see it.
        share: values are fractions, and drawn as percentages.
        bundle: the metric of what ships: a diamond on the line of its arm.
    """
    figure, axes = _canvas(340, 40 + 25 * len(rows))
    form = words.percent if share else words.plain
    for height, row in enumerate(rows):
        color = ACCENT if row.name == shipped else MUTED
        _interval(axes, row, height, color, _scale(share))
        face = color if row.name == shipped else PANEL
        axes.plot(
            *_dots([row.value], height, _scale(share)),
            "o",
            color=face,
            markeredgecolor=color,
            markersize=8,
            mew=2,
            gid=_said(f"mean {form(row.value)}, interval {words.span(row.interval, form)}"),
        )
        if bundle is not None and row.name == shipped:
            place = _dots([bundle], height, _scale(share))
            said = _said(f"what ships {form(bundle)}")
            axes.plot(
                *place, "D", color=PANEL, markeredgecolor=SECOND, markersize=6, mew=2, zorder=4, gid=said
            )
    axes.set_ylim(len(rows) - 0.4, -0.6)
    names = [_ascii(row.name) for row in rows]
    axes.set_yticks(range(len(rows)), names, fontsize=_SMALL + 1, color=INK, parse_math=False)
    axes.grid(axis="x", color=LINE, linewidth=0.8)
    axes.xaxis.set_major_formatter(_unit(share))
    return _svg(figure, alt)


def curves(runs: Sequence[Losses], alt: str) -> Markup:
    """Loss by epoch of one arm: the median of its seeds, all of them as a band, kept epochs as dots.

    Training is solid, validation dashed.
    """
    figure, axes = _canvas(300, 190)
    _band(axes, [run.train for run in runs], ACCENT, "-")
    _band(axes, [run.validation for run in runs], SECOND, (0, (4, 2)))
    for run in runs:
        if run.kept is not None:
            kept = ([run.kept + 1], [run.validation[run.kept]])
            axes.plot(*kept, "o", color=PANEL, markeredgecolor=SECOND, markersize=5, mew=1.6, zorder=3)
    axes.set_xlabel("epoch", fontsize=_SMALL, color=MUTED)
    axes.set_ylabel("loss", fontsize=_SMALL, color=MUTED)
    axes.set_ylim(bottom=0)
    if max(len(part) for run in runs for part in (run.train, run.validation)) > 1:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True))
    else:
        axes.set_xticks([1])
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    return _svg(figure, alt)


def learning(curve: Mapping[str, Sequence[Point]], alt: str, share: bool = True) -> Markup:
    """The metric by the number of training labels (log scale): transfer solid, scratch dashed, with bands.

    Args:
        curve: `frozen` and `scratch`, from few labels to all.
        alt: what the figure shows, for those who do not see it.
        share: values are fractions, and drawn as percentages.
    """
    figure, axes = _canvas(340, 210)
    form = words.percent if share else words.plain
    for arm, (color, style, mark) in CURVES.items():
        points = curve.get(arm) or []
        if not points:
            continue
        at = [math.log2(point.labels) for point in points]
        ends = [(point.value, *point.interval) for point in points]
        middle, low, high = ([_scale(share) * end[part] for end in ends] for part in range(3))
        if len(points) > 1:
            axes.fill_between(at, low, high, color=color, alpha=0.18, linewidth=0)
        else:
            axes.plot([at[0]] * 2, [low[0], high[0]], color=color, linewidth=3.5, alpha=0.4)
        axes.plot(at, middle, color=color, linestyle=style, linewidth=1.8)
        for x, y, point in zip(at, middle, points, strict=True):
            said = (
                f"{words.plain(point.labels)} labels: {form(point.value)}, {words.span(point.interval, form)}"
            )
            axes.plot([x], [y], mark, color=color, markersize=5, gid=_said(said))
    ticks = [point.labels for point in curve.get("frozen") or curve.get("scratch") or []]
    axes.set_xticks([math.log2(x) for x in ticks], [str(x) for x in ticks])
    axes.set_xlabel("training labels", fontsize=_SMALL, color=MUTED)
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.yaxis.set_major_formatter(_unit(share))
    return _svg(figure, alt)


def heatmap(shares: Sequence[Sequence[float]], alt: str) -> Markup:
    """A (k, k) confusion matrix as colours; each row are the shares of one true class."""
    figure, axes = _canvas(340, 320)
    shades = LinearSegmentedColormap.from_list("shares", ["#ffffff", "#56b4e9", "#00304f"])
    picture = axes.imshow(shares, cmap=shades, vmin=0, vmax=1, interpolation="nearest")
    bar = figure.colorbar(picture, ax=axes, shrink=0.8)
    bar.ax.tick_params(labelsize=_SMALL, colors=MUTED)
    bar.ax.set_ylabel("share of the true class", fontsize=_SMALL, color=MUTED)
    bar.outline.set_edgecolor(LINE)
    axes.set_xlabel("predicted class (number)", fontsize=_SMALL, color=MUTED)
    axes.set_ylabel("true class (number)", fontsize=_SMALL, color=MUTED)
    return _svg(figure, alt)


def reliability(bins: Sequence[tuple[float, float, float]], alt: str) -> Markup:
    """How often predictions of each confidence are right: (confidence, accuracy, count) of each bin."""
    figure, axes = _canvas(300, 270)
    axes.plot([0, 100], [0, 100], color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    most = max(size for *_, size in bins)
    spots = [(100 * confidence, 100 * accuracy) for confidence, accuracy, _ in bins]
    axes.plot(*zip(*spots, strict=True), color=ACCENT, linewidth=1.2)
    for (x, y), (*_, size) in zip(spots, bins, strict=True):
        said = _said(f"{words.plain(size)} with {x:.0f} %: {y:.0f} % right")
        axes.plot([x], [y], "o", color=ACCENT, markersize=4 + 9 * math.sqrt(size / most), gid=said)
    axes.set(xlim=(-4, 104), ylim=(-4, 104))
    axes.set_xlabel("probability that the model gives, %", fontsize=_SMALL, color=MUTED)
    axes.set_ylabel("how often it is right, %", fontsize=_SMALL, color=MUTED)
    axes.grid(color=LINE, linewidth=0.8)
    return _svg(figure, alt)


def scatter(pairs: Sequence[tuple[float, float]], alt: str) -> Markup:
    """Predicted values over right ones, each (right, predicted); on the dashed line they are the same."""
    figure, axes = _canvas(340, 300)
    ends = [min(map(min, pairs)), max(map(max, pairs))]
    axes.plot(ends, ends, color=MUTED, linewidth=1.2, linestyle=(0, (4, 3)))
    axes.plot(*zip(*pairs, strict=True), "o", color=ACCENT, markersize=4, alpha=0.6, mew=0)
    axes.set_xlabel("right value", fontsize=_SMALL, color=MUTED)
    axes.set_ylabel("predicted value", fontsize=_SMALL, color=MUTED)
    axes.grid(color=LINE, linewidth=0.8)
    return _svg(figure, alt)


def popularity(items: Sequence[int], shares: Mapping[str, Sequence[float]], alt: str) -> Markup:
    """How much of what was taken, and of what is recommended, the most popular items are.

    Args:
        items: so many of them, ascending.
        shares: of `before`, `next` and `recommended`, as fractions, for each number of items.
        alt: what the figure shows, for those who do not see it.
    """
    figure, axes = _canvas(340, 210)
    for name, own in shares.items():
        color, style = TAKEN[name]
        axes.plot(items, [100 * share for share in own], color=color, linestyle=style, linewidth=1.8)
    axes.set_xscale("log")
    axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: words.plain(int(x))))
    axes.xaxis.set_minor_formatter(NullFormatter())
    axes.tick_params(which="minor", length=0)
    axes.set_ylim(0, 104)
    axes.set_xlabel("items that were taken most", fontsize=_SMALL, color=MUTED)
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    axes.yaxis.set_major_formatter(_unit(True))
    return _svg(figure, alt)


def two_domains(
    source: Sequence[tuple[float, float]], target: Sequence[tuple[float, float]], alt: str
) -> Markup:
    """Examples of two domains on one map; its directions have no unit."""
    figure, axes = _canvas(340, 260)
    for places, colour, mark in ((source, ACCENT, "o"), (target, SECOND, "^")):
        axes.plot(*zip(*places, strict=True), mark, color=colour, markersize=3.5, alpha=0.55, mew=0)
    axes.set_xticks([])
    axes.set_yticks([])
    return _svg(figure, alt)


def lengths(edges: Sequence[float], counts: Sequence[float], takes: float | None, alt: str) -> Markup:
    """A histogram of lengths in tokens; a dashed line where the base stops looking, if that is in sight."""
    figure, axes = _canvas(340, 190)
    widths = [high - low for low, high in zip(edges, edges[1:], strict=False)]
    axes.bar(edges[:-1], counts, widths, align="edge", color=ACCENT, edgecolor=PANEL, linewidth=0.8)
    if edges[0] > 0 and edges[-1] / edges[0] > 8 and max(widths) > 2 * min(widths):
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:g}"))
        axes.xaxis.set_minor_formatter(NullFormatter())
        axes.tick_params(which="minor", length=0)
    if takes is not None and takes <= edges[-1]:
        axes.axvline(takes + 0.5, color=SECOND, linewidth=1.8, linestyle=(0, (4, 2)))
    axes.set_xlabel("tokens", fontsize=_SMALL, color=MUTED)
    axes.set_ylabel("examples", fontsize=_SMALL, color=MUTED)
    axes.yaxis.set_major_locator(MaxNLocator(4, integer=True))
    axes.grid(axis="y", color=LINE, linewidth=0.8)
    return _svg(figure, alt)


def _canvas(width: float, height: float) -> tuple[Figure, Axes]:
    """An empty figure of this size in points, in the page's colours."""
    figure = Figure(figsize=(width / 72, height / 72), layout="constrained", facecolor="none")
    axes = figure.add_subplot()
    axes.set_facecolor("none")
    axes.set_axisbelow(True)
    axes.spines[["top", "right", "left"]].set_visible(False)
    axes.spines["bottom"].set_color(LINE)
    axes.tick_params(colors=MUTED, labelsize=_SMALL, length=0)
    return figure, axes


def _said(text: str) -> str:
    """The id of a mark that says its value where the pointer rests; `_svg` makes a title of it."""
    return f"{_SAYS}{text}"


def _scale(share: bool) -> float:
    """Fractions are drawn as percentages."""
    return 100.0 if share else 1.0


def _unit(share: bool) -> FuncFormatter:
    return FuncFormatter(lambda x, _: f"{x:.4g} %" if share else f"{x:.4g}")


def _interval(axes: Axes, row: Arm, height: float, color: str, scale: float) -> None:
    ends = _dots(row.interval, height, scale)
    axes.plot(*ends, color=color, linewidth=3.5, alpha=0.55, solid_capstyle="round")
    seeds = _dots(row.seeds, height + 0.28, scale)
    axes.plot(*seeds, "o", color=color, markersize=2.6, mew=0)


def _dots(values: Sequence[float], height: float, scale: float) -> tuple[list[float], list[float]]:
    """X and y of values."""
    return [scale * value for value in values], [height] * len(values)


def _band(axes: Axes, runs: Sequence[Sequence[float]], color: str, style: str | Dashes) -> None:
    """The median by epoch, between the lowest and the highest run, as far as half of the runs got."""
    by_epoch = [
        sorted(loss for loss in losses if math.isfinite(loss))
        for losses in zip_longest(*runs, fillvalue=math.nan)
    ]
    told = [
        (epoch, found) for epoch, found in enumerate(by_epoch, 1) if found and 2 * len(found) >= len(runs)
    ]
    if not told:
        return
    epochs = [epoch for epoch, _ in told]
    lows, highs = ([found[end] for _, found in told] for end in (0, -1))
    axes.fill_between(epochs, lows, highs, color=color, alpha=0.2, linewidth=0)
    axes.plot(epochs, [median(found) for _, found in told], color=color, linewidth=1.8, linestyle=style)


def _ascii(name: str) -> str:
    """At most 20 characters that every font has: a missing glyph would be a warning and an empty box."""
    return name.encode("ascii", "replace").decode().replace("\n", " ")[:20]


def _svg(figure: Figure, alt: str) -> Markup:
    """The figure as an inline `<svg>` that scales, is named for screen readers and refers to itself only."""
    text = io.StringIO()
    blank = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    FigureCanvasSVG(figure).print_svg(text, metadata=blank)  # type: ignore[no-untyped-call]
    body = re.search(r"<svg[^>]*?viewBox=\"([^\"]+)\"[^>]*>(.*)</svg>", text.getvalue(), re.DOTALL)
    assert body is not None, "matplotlib always writes an <svg> with a viewBox"
    inner = re.sub(r"<!--.*?-->|<metadata>.*?</metadata>", "", body[2], flags=re.DOTALL)
    inner = re.sub(rf'<g id="{_SAYS}([^"]*)">', r"<g><title>\1</title>", inner)
    for color, variable in _VARIABLES.items():
        inner = inner.replace(color, f"var(--{variable})")
    width = 4 / 3 * float(body[1].split()[2])
    named = f'role="img" aria-label="{escape(alt)}"'
    start = f'<svg class="plot" {named} viewBox="{body[1]}" style="max-width:{width:.0f}px">'
    return Markup(start + _numbered(inner) + "</svg>")


def _numbered(svg: str) -> str:
    """The SVG with ids that are its own on the page and that repeat; matplotlib draws some at random."""
    text = _renamed(svg, "")
    return _renamed(text, f"f{sha256(text.encode()).hexdigest()[:8]}-")


def _renamed(svg: str, prefix: str) -> str:
    fresh = count()
    known: dict[str, str] = {}

    def rename(match: re.Match[str]) -> str:
        return match[1] + known.setdefault(match[2], f"{prefix}{next(fresh)}")

    return re.sub(r'((?:\bid="|href="#|url\(#))([\w-]+)', rename, svg)
