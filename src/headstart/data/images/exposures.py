"""The exposure of a set of pictures: found on training pictures, and what a person should know about it.

Of pictures of more than 8 bits a window is measured, the same for all: robust to a few broken pixels, but
not narrower than it has to be. Pictures of 8 bits stay as they are; where they are nearly black, or have
bands or pages that are not used, that is told.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from ...errors import DataError
from ...exposure import Exposure
from ...options import Given, Option
from ...parallel import each
from ...types import Finding, IntArray, Source
from . import values as raw
from .decode import About, about, decode, values_of

SAMPLE, LOOKED_AT = 256, 64
"""Pictures that a window is measured on, and 8-bit ones that are looked at."""
_PIXELS = 20_000
"""Of each at most; its least and most are always among them."""
_ENDS = (0.1, 99.9)
"""Percentiles."""
_SLACK = 0.5
"""Ends that lie no farther outside the percentiles than this part of their distance are kept whole."""
_PADDED, _FAR = 0.01, 2.0
"""One value below zero is padding where more than this part of all numbers has it, and it lies farther below
the rest than so many times their range."""
_DARK = 32
"""8-bit pictures that stay below this are nearly black."""
_DIGITS = 6

AUTO, FULL, STATED = "auto", "full", "file"
_Window = str | tuple[float, float]


def _typed_window(text: str) -> _Window:
    if text.lower() in (AUTO, FULL, STATED):
        return text.lower()
    low, mark, high = text.partition(":")
    try:
        window = float(low), float(high)
    except ValueError:
        window = (0.0, 0.0)
    if not mark or not np.isfinite(window).all() or not window[0] < window[1]:
        raise ValueError("expected auto, full, file, or LOW:HIGH with LOW below HIGH")
    return window


def _typed_bands(text: str) -> tuple[int, ...]:
    if text.lower() == AUTO:
        return ()
    parts = [part.strip() for part in text.split(",")]
    if len(parts) not in (1, 3) or not all(part.isdecimal() and int(part) for part in parts):
        raise ValueError("expected three numbers of bands, or one, counted from 1")
    return tuple(int(part) for part in parts)


WINDOW: Option[_Window] = Option(
    "window",
    "values shown as black and white in pictures of more than 8 bits: auto (their own range), full, "
    "file (what a DICOM file states), or LOW:HIGH",
    AUTO,
    _typed_window,
)
BANDS: Option[tuple[int, ...]] = Option(
    "bands", "bands shown as red, green, blue, counted from 1: 4,3,2; or one that is grey", (), _typed_bands
)


def exposed(
    names: Sequence[str], sources: Sequence[Source], train: IntArray, options: Given
) -> tuple[Exposure, list[Finding]]:
    """How all pictures of a set are shown, and what of that a person should know.

    Args:
        names: what each picture is called.
        sources: files, or bytes of files; they can be decoded.
        train: those that a window may be measured on.
        options: what was set.

    Raises:
        DataError: a picture lacks a band that was asked for.
    """
    looks: list[About] = each(_about, sources)
    bands = Exposure(bands=BANDS.of(options))
    findings = [*_banded(names, looks, bands), *_paged(names, looks)]
    deep = np.array([one.deep for one in looks], dtype=bool)
    asked = WINDOW.of(options)
    if not deep.any():
        exposure = bands if isinstance(asked, str) else replace(bands, window=asked, every=True)
        return exposure, findings + _dull(names, sources, train, exposure)
    measurable = train[deep[train]] if deep[train].any() else np.flatnonzero(deep)
    some = _some(measurable, SAMPLE)
    exposure, padding = _windowed(asked, [sources[row] for row in some], [looks[row] for row in some], bands)
    findings.insert(0, _told(exposure, asked, deep, names))
    if padding is not None:
        message = (
            f"the value {_number(padding)} lies far below all others, like padding: it is shown as black, and"
            " the window leaves it out"
        )
        findings.insert(1, Finding("padding", message))
    if not deep.all():
        findings.insert(1, _mixed(names, deep))
    return exposure, findings + _dull(names, sources, train, exposure)


def unseen(source: Source, exposure: Exposure) -> str | None:
    """Why a usable picture would be shown all black or white to a model that learned from others; else None.

    Of pictures of more than 8 bits, which may hold numbers of another range than those of training.
    """
    if not _about(source).deep:
        return None
    low, high = _ends(source, exposure)
    if exposure.window is None and high <= _DARK // 2:
        return (
            "it has more than 8 bits, of which it uses the lowest only: it would be black to this model, "
            "which has learned from pictures of 8 bits; convert it to 8 bits"
        )
    numbers = raw.measured(values_of(source), exposure) if low == high else np.zeros(0)
    if not len(numbers) or exposure.window is None:
        return None
    least, most = float(numbers.min()), float(numbers.max())
    if exposure.window[0] < most and least < exposure.window[1]:
        return None
    ends = " to ".join(map(_number, exposure.window))
    return f"its values are {_number(least)} to {_number(most)}, but this model has learned from {ends}"


def _about(source: Source) -> About:
    try:
        return about(source)
    except (DataError, OSError):  # it went away since it was examined: whoever decodes it says so
        return About()


def _some(rows: IntArray, most: int) -> list[int]:
    """At most so many of the rows, in order, the same ones each time."""
    if len(rows) <= most:
        return list(rows.tolist())
    return list(np.sort(np.random.default_rng(0).choice(rows, most, replace=False)).tolist())


def _windowed(
    asked: _Window, sources: Sequence[Source], looks: Sequence[About], bands: Exposure
) -> tuple[Exposure, float | None]:
    """The exposure, and a value that stands for no measurement where the window leaves one out."""
    if not isinstance(asked, str):
        return replace(bands, window=asked), None
    stated = {one.stated for one in looks}
    if asked == AUTO and len(stated) == 1 and (window := stated.pop()) is not None:
        return replace(bands, window=window), None  # what all files say that they should be looked at with
    found = each(lambda source: _measured(source, bands), sources)
    numbers = np.concatenate([part for part, _ in found]) if found else np.zeros(0)
    scales = [scale for _, scale in found]
    if asked == FULL:
        return replace(bands, window=(min(low for low, _ in scales), max(high for _, high in scales))), None
    padding = _padding(numbers)
    window = _robust(numbers if padding is None else numbers[numbers > padding])
    return replace(bands, window=window, stated=asked == STATED), padding


def _measured(source: Source, bands: Exposure) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Some numbers of a picture, its least and most among them, and its full scale."""
    values = values_of(source)
    numbers = raw.measured(values, bands)
    if len(numbers) > _PIXELS:
        draws = np.random.default_rng(0).integers(0, len(numbers), _PIXELS)
        numbers = np.concatenate([numbers[draws], [numbers.min(), numbers.max()]])
    return numbers, values.full


def _padding(numbers: NDArray[np.float64]) -> float | None:
    """The least of the numbers if it stands for pixels that were not measured, as -32768 does around a scan.

    Zero is the background of many pictures, and never one.
    """
    least = float(numbers.min()) if len(numbers) else 0.0
    rest = numbers[numbers > least]
    if least >= 0 or not len(rest) or len(numbers) - len(rest) <= _PADDED * len(numbers):
        return None
    low, high = _robust(rest)
    return least if low < high and float(rest.min()) - least > _FAR * (high - low) else None


def _robust(numbers: NDArray[np.float64]) -> tuple[float, float]:
    """The range of numbers without the few that lie far outside."""
    if not len(numbers):
        return 0.0, 1.0
    least, most = float(numbers.min()), float(numbers.max())
    low, high = (float(end) for end in np.percentile(numbers, _ENDS))
    if low == high:  # nearly all are equal: what differs is what there is to see
        return (least, most) if least < most else (least, least + 1)
    slack = _SLACK * (high - low)
    return (least if low - least <= slack else low), (most if most - high <= slack else high)


def _told(exposure: Exposure, asked: _Window, deep: NDArray[np.bool_], names: Sequence[str]) -> Finding:
    assert exposure.window is not None
    low, high = (_number(end) for end in exposure.window)
    count = int(deep.sum())
    what = f"{count} {'picture has' if count == 1 else 'pictures have'} more than 8 bits"
    if exposure.stated:
        message = f"{what}: each is shown with the window that its file states, or {low} to {high}"
    else:
        message = f"{what}: values {low} to {high} are shown as black to white"
    if asked == AUTO:
        message += "; others with --set window=LOW:HIGH, or window=full"
    return Finding("window", message)


def _mixed(names: Sequence[str], deep: NDArray[np.bool_]) -> Finding:
    shallow = [name for name, is_deep in zip(names, deep.tolist(), strict=True) if not is_deep]
    message = (
        f"{len(shallow)} pictures have 8 bits and {int(deep.sum())} have more: the two are scaled "
        "differently, and may look different for no other reason"
    )
    return Finding("mixed_depths", message, tuple(shallow))


def _banded(names: Sequence[str], looks: Sequence[About], exposure: Exposure) -> list[Finding]:
    """Raises DataError: a picture lacks a band that was asked for."""
    unused = dict[tuple[int, tuple[int, ...]], list[str]]()
    for name, one in zip(names, looks, strict=True):
        try:
            places = raw.chosen(one.bands, one.alpha, exposure)
        except DataError as error:
            raise DataError(f"{name}: {error.message}", error.hint) from error
        if one.named and len(places) < one.bands - (one.alpha is not None):
            unused.setdefault((one.bands, places), []).append(name)
    findings = []
    for (bands, places), items in sorted(unused.items()):
        used = " and ".join([", ".join(str(place + 1) for place in places[:-1]), str(places[-1] + 1)])
        how = (
            f"number {used} as red, green and blue" if len(places) == 3 else f"number {places[0] + 1} as grey"
        )
        message = f"{len(items)} pictures have {bands} bands: {how} are used; others with --set bands=3,2,1"
        findings.append(Finding("bands", message.replace("grey are", "grey is"), tuple(items)))
    return findings


def _paged(names: Sequence[str], looks: Sequence[About]) -> list[Finding]:
    items = tuple(f"{name}: {one.pages}" for name, one in zip(names, looks, strict=True) if one.pages > 1)
    if not items:
        return []
    what = "1 file holds" if len(items) == 1 else f"{len(items)} files hold"
    message = (
        f"{what} several pictures (pages or frames): the first of each is used, save the others as files"
    )
    return [Finding("pages", message, items)]


def _dull(
    names: Sequence[str], sources: Sequence[Source], train: IntArray, exposure: Exposure
) -> list[Finding]:
    """Pictures of one colour, and sets that are nearly black, among a few training pictures."""
    some = _some(train, LOOKED_AT)
    ends = each(lambda row: _ends(sources[row], exposure), some)
    flat = tuple(names[row] for row, (low, high) in zip(some, ends, strict=True) if low == high)
    findings = []
    if flat:
        every = "all of them" if len(flat) == len(some) else f"{len(flat)} of them"
        message = f"of {len(some)} training pictures that were looked at, {every} are of one colour only"
        findings.append(Finding("one_colour", message, flat))
    brightest = max((high for _, high in ends), default=255)
    if exposure.window is None and 0 < brightest < _DARK:
        message = (
            f"the pictures are nearly black: of the 8-bit values 0 to 255 they use 0 to {brightest}; "
            f"--set window=0:{brightest} shows these as black to white"
        )
        findings.append(Finding("dark", message))
    return findings


def _ends(source: Source, exposure: Exposure) -> tuple[int, int]:
    """The least and most of the red, green and blue; equal where all is one colour."""
    try:
        image: Any = decode(source, at_least=64, exposure=exposure)
    except DataError:
        return 0, 255
    ends = image.getextrema()
    if all(low == high for low, high in ends):
        return (ends[0][0], ends[0][0]) if len(set(ends)) == 1 else (255, 255)
    return min(low for low, _ in ends), max(high for _, high in ends)


def _number(value: float) -> str:
    return f"{value:.{_DIGITS}g}"
