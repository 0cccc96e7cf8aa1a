"""What a finished run gives: its `result.json` as typed records, which show themselves in a notebook.

Each field is a property of `shipping/report/result.schema.json`. Keys of a newer Headstart are passed over,
and what an older one did not write is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import quote

if TYPE_CHECKING:
    from .models import Model

Record = TypeVar("Record")
Interval = tuple[float, float]
"""95 %: the low and the high end."""


@dataclass(frozen=True)
class Verdict:
    """Did the pre-trained weights help? The paired difference to the reference, on the test split."""

    call: str
    """`helps`, `hurts` or `undecided`."""
    delta: float
    interval: Interval
    seeds: int
    transfer: str
    """The transfer arm."""
    baseline: str
    """The reference arm."""
    p: float
    """Two-sided, of a sign-flip test over the seeds."""
    margin: float
    """A difference below this is none in practice."""
    equivalent: bool
    """The whole interval lies within the margin."""
    preliminary: bool
    """Fewer than six seeds, which can decide nothing."""
    sentence: str | None
    """All of it in words."""


@dataclass(frozen=True)
class Metric:
    """The bundle on the test split."""

    name: str
    value: float
    """A fraction, never a percentage; a loss as it is computed."""
    interval: Interval
    higher_is_better: bool
    n: int
    """Test examples."""
    range: tuple[float | None, float | None] | None = None
    """The least and the most that it can be; None: no end."""
    folds: int | None = None
    """In so many the examples were tested, where they were."""


@dataclass(frozen=True)
class Weights:
    """Which weights of the arm ship, and why."""

    what: str
    """`refit` or `seed`."""
    why: str
    seed: int | None
    """Counted from 1; None where it was fitted again."""
    of: int
    """Seeds of the arm."""


@dataclass(frozen=True)
class Chosen:
    """What ships."""

    base: str
    strategy: str | None
    """None where the arm uses no pre-trained weights."""
    arm: str
    weights: Weights | None = None
    head: str | None = None
    """What stands on the base, where the task has a choice."""


@dataclass(frozen=True)
class Arm:
    """One thing that was compared, on the test split."""

    name: str
    value: float
    """Mean over seeds."""
    interval: Interval
    validation: float | None
    seconds: float
    seeds: tuple[float, ...]
    """The value of each."""
    given: Mapping[str, Any]
    """Size, epochs, steps and the like."""
    still_improving: bool
    note: str | None
    metrics: Mapping[str, Any] | None = None
    """Mean over seeds; where metrics are of all answers together."""


@dataclass(frozen=True)
class Result:
    """A finished run: its folder, and what its `result.json` holds as records."""

    folder: Path
    record: dict[str, Any] = field(repr=False)
    """`result.json` as it is."""

    @property
    def bundle(self) -> Path:
        """The folder to predict with."""
        return self.folder / "bundle"

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.folder / "report.html"

    @property
    def verdict(self) -> Verdict:
        """Whether the pre-trained weights helped."""
        return _read(Verdict, self.record["verdict"])

    @property
    def metric(self) -> Metric:
        """The bundle on the test split."""
        return _read(Metric, self.record["metric"])

    @property
    def chosen(self) -> Chosen:
        """What ships."""
        chosen = self.record["chosen"]
        weights = chosen.get("weights")
        return _read(Chosen, {**chosen, "weights": weights and _read(Weights, weights)})

    @property
    def arms(self) -> list[Arm]:
        """Everything that was compared."""
        return [_read(Arm, arm) for arm in self.record["arms"]]

    @cached_property
    def model(self) -> Model:
        """The bundle, loaded once.

        Raises:
            BundleError: it is not there any more, or damaged.
        """
        from .models import Model

        return Model(self.bundle)

    def __repr__(self) -> str:
        metric, arm = self.metric, self.chosen.arm
        told = f"verdict={self.verdict.call!r}, ships={arm!r}, {metric.name}={metric.value:.3f}"
        return f"Result({str(self.folder)!r}, {told})"

    def _repr_html_(self) -> str:
        """For notebooks: the verdict's sentence, the arms, and a link to the report."""
        from .shipping.report.words import sentence

        ships, report = self.chosen.arm, self.report
        # a notebook opens links from its own folder, which a relative path begins at too
        link = report.as_uri() if report.is_absolute() else quote(report.as_posix())
        heads = ("arm", self.metric.name, "95 % interval", "seconds")
        rows = [
            (
                f"{arm.name} (ships)" if arm.name == ships else arm.name,
                f"{arm.value:.3f}",
                "{:.3f} to {:.3f}".format(*arm.interval),
                f"{arm.seconds:.1f}",
            )
            for arm in self.arms
        ]
        table = "".join([_row("th", heads), *(_row("td", row) for row in rows)])
        told = f"<p><b>{escape(sentence(self.record))}</b></p>"
        return f'<div>{told}<table>{table}</table><p><a href="{escape(link)}">report</a></p></div>'


def _row(kind: str, cells: tuple[str, ...]) -> str:
    return f"<tr>{''.join(f'<{kind}>{escape(cell)}</{kind}>' for cell in cells)}</tr>"


def _read(kind: type[Record], plain: Mapping[str, Any]) -> Record:
    """A record of what it knows in plain JSON, None where that lacks a field; lists are tuples."""
    found = {one.name: plain.get(one.name) for one in fields(kind)}  # type: ignore[arg-type]
    return kind(**{name: tuple(value) if isinstance(value, list) else value for name, value in found.items()})
