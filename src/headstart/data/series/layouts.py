"""Series in tables and folders of tables, cut by time into windows: the rows of a task of forecasts.

Notation: T values of a series, H steps ahead.
"""

from __future__ import annotations

import json
import time
import zlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

import numpy as np

from ...errors import DataError
from ...options import Option, choice
from ...types import Dropped, Finding, FloatArray, Named, Row
from .. import layouts
from ..cutting import by_series
from ..cutting.by_time import LEAST, SERIES, origins
from ..label_names import in_several_cases
from ..listing import Listing, entries, unusable
from ..reading import PLAIN, Reading
from ..tables.records import is_table, stem_of, suffix_of
from . import calendar
from .beside import KNOWN, constant, require_untold
from .calendar import Frequency
from .gridded import Series, Told, gridded
from .histories import LONGEST, History
from .roles import claimed
from .tables import Cells, cells, remarks

if TYPE_CHECKING:
    from ..tables.records import Table

MOST_STEPS = 1_000
FEW_TESTS = 10
"""Windows that are tested; fewer are a finding."""
_WANTED = "give a table with the columns unique_id, ds and y, or one of stamps and a column for each series"


def _count(text: str) -> int:
    if not text.isdecimal() or not 1 <= int(text) <= MOST_STEPS:
        raise ValueError(f"expected a whole number from 1 to {MOST_STEPS}")
    return int(text)


HORIZON = Option(
    "horizon", "steps ahead that are asked for; by the frequency where nothing is said", 0, _count
)
SEASON = Option("season", "values in a season; by the frequency where nothing is said", 0, _count)
FREQ = Option[Frequency | None](
    "freq", "how far apart the values are, where that shows wrongly: monthly, daily, …", None, calendar.named
)


TIME, WHOLE = "time", "series"
CUTTING = choice(
    "cutting",
    "what is tested: the last steps of each series (time), or whole series (series)",
    TIME,
    (TIME, WHOLE),
)


def claims(data: Named, reading: Reading = PLAIN) -> int:
    """Surely ours: stamps and values by name, or a table that is nothing but stamps and numbers."""
    tables = _tables(data)
    return 2 if tables and all(claimed(table, reading) for table, _ in tables) else 0


def read(data: Named, reading: Reading = PLAIN) -> Listing:
    """The windows of all series, each in training, validation or test.

    Raises:
        DataError: there is no table of series, or no series is long enough.
    """
    found, told = series_of(data, reading)
    horizon, known = HORIZON.of(reading.options) or _usual(found), KNOWN.of(reading.options)
    require_untold([(one.values, one.beside[:, : len(one.values)]) for one in found], known)
    rows, short = list[Row](), list[Dropped]()
    cut = _drawn(found, horizon)
    for one in cut:
        windows, why = _windows(one, horizon, len(cut))
        rows += windows
        short += [Dropped(one.name, why)] if why else []
    whole = _whole(reading)
    rows = _held_out(rows, cut) if whole else _in_units(rows)
    if not rows:
        raise _nothing([*told.dropped, *short], horizon)
    findings = (
        _seasons(found, horizon),
        *_sampled(found, cut),
        *told.findings(),
        *constant([one.beside for one in found], known),
        *(remark for table, _ in _tables(data) for remark in remarks(table, reading)),
        *in_several_cases((one.name for one in found), "series"),
        *_dated_ahead(found),
        *(_held(rows) if whole else _unlearned(rows)),
        *_few(rows, "" if whole else ", and nothing of other series"),
    )
    return Listing(tuple(rows), (*told.dropped, *short), findings, layout=f"{len(found)} series")


def _nothing(left_out: Sequence[Dropped], horizon: int) -> DataError:
    """That no series can be used, with the first reason and what it asks for."""
    reason = left_out[0].reason if left_out else ""
    first = f"; the first: {left_out[0].file}, {reason}" if left_out else ""
    hint = "give longer series, of values that change"
    if "too short" in reason:
        hint = "ask for fewer steps with --set horizon=…"
    elif "missing" in reason or "irregular" in reason:
        hint = (
            "write stamps as dates (spreadsheets may hold days since 1900: format the column as dates), "
            "or say how far apart they are with --set freq=…"
        )
    ahead = f"{horizon} step{'s' * (horizon != 1)} ahead"
    return DataError(f"no series can be used for {ahead}{first}", hint)


def read_heap(data: Named, reading: Reading = PLAIN) -> Listing:
    """Each series whole, without what comes next."""
    found, told = series_of(data, reading)
    rows = [Row(one.name, history(one, len(one.values)).encoded(), "") for one in found]
    return Listing(tuple(rows), tuple(told.dropped), told.findings())


def series_of(data: Named, reading: Reading = PLAIN) -> tuple[list[Series], Told]:
    """The series of a table, a file or a folder of files.

    Raises:
        DataError: there is none.
    """
    tables = _tables(data)
    if not tables:
        raise DataError("expected tables of series, found none", _WANTED)
    several = len(tables) > 1
    found: list[Cells] = []
    for table, name in tables:
        found += cells(table, reading, name if several else "")
    options = reading.options
    return gridded(_apart(found), FREQ.of(options), SEASON.of(options) or None, KNOWN.of(options))


def _apart(found: Sequence[Cells]) -> list[Cells]:
    """Each with a name of its own."""
    seen, apart = Counter[str](), list[Cells]()
    for one in found:
        seen[one.name] += 1
        apart.append(one if seen[one.name] == 1 else replace(one, name=f"{one.name} ({seen[one.name]})"))
    return apart


def history(series: Series, origin: int, steps: int = 0) -> History:
    """The first values of a series, and of columns beside them those of so many steps more."""
    start = max(0, origin - LONGEST)
    about = series.season, series.frequency.name, series.stamp(origin - 1)
    if not steps or not series.known:
        return History(series.name, series.values[start:origin], *about)
    beside = series.beside[:, start : origin + steps]
    short = origin + steps - start - beside.shape[1]
    beside = np.pad(beside, ((0, 0), (0, short)), constant_values=np.nan)
    return History(series.name, series.values[start:origin], *about, series.known, beside)


def answered(window: History, following: FloatArray, horizon: int, origin: int) -> str:
    """What is right for a window, as a label: (H,) values in units of the history, NaN where nobody knows."""
    frame = window.scaled(horizon)
    values = np.full(horizon, np.nan)
    values[: len(following)] = (following[:horizon] - frame.reference[: len(following)]) / frame.scale
    about = {
        "values": [None if np.isnan(one) else one for one in values.tolist()],
        "reference": frame.reference.tolist(),
        "scale": frame.scale,
        "squares": frame.squares,
        "floor": None if np.isinf(frame.floor) else frame.floor,
        "origin": origin,
        "series": zlib.crc32(window.series.encode()),
    }
    return json.dumps(about)


def _drawn(series: Sequence[Series], horizon: int) -> Sequence[Series]:
    """All, or of very many `SERIES`, and those that are too short and will be named.

    Which ones depends on what they hold before the test, neither on their names nor on their order.
    """
    if len(series) <= SERIES:
        return series
    enough = [place for place, one in enumerate(series) if len(one.values) >= horizon + LEAST]
    known = {place: sha256(series[place].values[:-horizon].tobytes()).digest() for place in enough}
    out = {*sorted(enough, key=known.__getitem__)[SERIES:]}
    return [one for place, one in enumerate(series) if place not in out]


def _sampled(series: Sequence[Series], cut: Sequence[Series]) -> list[Finding]:
    """That some of very many series are neither learned from nor tested."""
    rest = len(series) - len(cut)
    message = f"of {len(series)} series {SERIES} are learned from and tested, drawn by what they hold; "
    message += f"the other {rest} can be forecast like them"
    return [Finding("sampled", message)] if rest else []


def _windows(series: Series, horizon: int, many: int) -> tuple[list[Row], str | None]:
    """The rows of one series, or why there are none."""
    cut = origins(len(series.values), horizon, many)
    if not cut.test:
        return [], f"too short: {len(series.values)} values, {horizon + LEAST} are needed for {horizon} steps"
    until = {"train": cut.until, "validation": cut.test[0], "test": len(series.values)}
    rows = []
    for split, places in (("train", cut.train), ("validation", cut.validation), ("test", cut.test)):
        for origin in places:
            row = _row(series, origin, horizon, until[split], split)
            rows += [row] if row else []
    if not any(row.split == "test" for row in rows):
        return [], "it is constant before the test, or nothing is known in it: MASE is undefined"
    return rows, None


def _row(series: Series, origin: int, horizon: int, until: int, split: str) -> Row | None:
    """One window; None where nothing can be measured in it."""
    window, following = history(series, origin, horizon), series.values[origin : min(origin + horizon, until)]
    if series.known:
        told = np.isfinite(series.beside[:, origin : origin + len(following)]).all(0)
        following = np.where(told, following, np.nan)
    known = window.values[np.isfinite(window.values)]
    if len(known) < LEAST or np.ptp(known) == 0 or not np.isfinite(following).any():
        return None
    label = answered(window, following, horizon, origin)
    return Row(f"{series.name} from {window.stamp(1)}", window.encoded(), label, split)


def _whole(reading: Reading) -> bool:
    """Are whole series held out?

    Raises:
        DataError: a column of groups was named, which is not how series are.
    """
    if reading.group is not None:
        raise DataError(
            f"series have no groups (--group {reading.group})",
            "--set cutting=series holds whole series out; leave out --group",
        )
    return CUTTING.of(reading.options) == WHOLE


def _held_out(rows: Sequence[Row], series: Sequence[Series]) -> list[Row]:
    """Of each series the windows of its own side; a series is the unit."""
    tested = {row.name.rpartition(" from ")[0] for row in rows}
    some = [one for one in series if one.name in tested]
    contents = [sha256(one.values.tobytes()).hexdigest() for one in some]
    side = dict(zip((one.name for one in some), by_series.sides(contents), strict=True))
    named = [(row.name.rpartition(" from ")[0], row) for row in rows]
    return [replace(row, group=name) for name, row in named if row.split == side[name]]


def _in_units(rows: list[Row]) -> list[Row]:
    """What is one piece of evidence, where series have several windows that are tested.

    All windows of one time where there are more times than series, which may go up and down together; else
    all of one series.
    """
    parts = [row.name.rpartition(" from ")[::2] for row in rows]
    tested = [both for both, row in zip(parts, rows, strict=True) if row.split == "test"]
    series, times = ({both[place] for both in tested} for place in (0, 1))
    if len(tested) == len(series):
        return rows
    which = int(len(times) > len(series))
    return [
        row if row.split == "train" else replace(row, group=f"{row.split} {both[which]}")
        for both, row in zip(parts, rows, strict=True)
    ]


def _held(rows: Sequence[Row]) -> list[Finding]:
    """Which series nothing is learned from."""
    held = {
        side: tuple(dict.fromkeys(row.group or "" for row in rows if row.split == side))
        for side in ("test", "validation")
    }
    counts = f"{len(held['test'])} series are tested and {len(held['validation'])} chosen on"
    message = f"{counts}: nothing is learned from them"
    return [Finding("held_out", message, (*held["test"], *held["validation"]))]


def _usual(series: Sequence[Series]) -> int:
    """The steps that are usual for the commonest frequency."""
    if not series:
        return 1
    frequency = Counter(one.frequency for one in series).most_common(1)[0][0]
    return frequency.horizon


def _seasons(series: Sequence[Series], horizon: int) -> Finding:
    kinds = Counter((one.frequency.name, one.season) for one in series)
    items = tuple(f"{name}, season {season}: {count}" for (name, season), count in kinds.most_common())
    shown = "; ".join(items[:3])
    return Finding(
        "series", f"{horizon} steps ahead (--set horizon=…); {shown} (--set freq=…, season=…)", items
    )


def _dated_ahead(series: Sequence[Series]) -> list[Finding]:
    dated = [one for one in series if one.frequency is not calendar.NUMBERED]
    ahead = tuple(one.name for one in dated if one.stamp(len(one.values) - 1) > time.time())
    return [Finding("future", f"{len(ahead)} series have values that are dated after today", ahead)] * bool(
        ahead
    )


def _unlearned(rows: Sequence[Row]) -> list[Finding]:
    """Series that are too short to be learned from, and are only tested."""
    taught = {row.name.rpartition(" from ")[0] for row in rows if row.split == "train"}
    tested = dict.fromkeys(row.name.rpartition(" from ")[0] for row in rows if row.split == "test")
    rest = tuple(name for name in tested if name not in taught)
    message = f"{len(rest)} series are too short to be learned from: they are only tested"
    return [Finding("short", message, rest)] if rest else []


def _few(rows: Sequence[Row], more: str) -> list[Finding]:
    """That hardly anything is tested."""
    names = tuple(row.name for row in rows if row.split == "test")
    message = f"{len(names)} windows are tested: so few say little{more}"
    return [Finding("few_examples", message, names)] if len(names) < FEW_TESTS else []


def _tables(data: Named) -> list[tuple[Table, str]]:
    """The tables of what was named, and what they are called."""
    if is_table(data):
        return [(data, "")]
    path = layouts.existing(data)
    if path.is_file():
        return [(path, stem_of(path))] if suffix_of(path) else []
    inside = [file for file in entries(path) if suffix_of(file) and not unusable(file, path)]
    return [(file, stem_of(file)) for file in inside]
