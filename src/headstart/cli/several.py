"""Runs of more than one data set: several targets on one backbone, or a source and its target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from typer import BadParameter

from . import output

if TYPE_CHECKING:
    from ..settings import Settings


def is_across(data: list[Path] | None, target: Path | None, asked: Settings) -> bool:
    """Is there a target domain: named, or beside its source in one data set?"""
    from ..data.domains import holds_both

    if target and data and len(data) > 1:
        raise BadParameter("a target has one source: name one data set")
    return bool(target) or bool(data and len(data) == 1 and holds_both(data[0], asked.reading))


def run_across(
    target: Path | None, labelled: Path | None, asked: Settings, require_gain: bool, json: bool
) -> int:
    """From a labelled source to a target; the gain that is required takes labels of the target."""
    from .. import adapted
    from .tables import show_across

    result = adapted.run_across(target, labelled, asked, output.Terminal())
    output.document(result.record) if json else show_across(result.outcome, result.folder)
    return 3 if require_gain and result.outcome.verdict.call != "helps" else 0


def run_several(data: list[Path], asked: Settings, require_gain: bool, json: bool) -> int:
    """Several targets on one backbone; the gain that is required is that of each."""
    from .. import api
    from ..shipping.report.several import sentence

    result = api.run_several(data, asked, output.Terminal())
    targets = result.shared.targets
    if json:
        output.document(result.record)
    else:
        for row in targets:
            print(sentence(row))
        print(f"\nreport   {result.folder / 'report.html'}")
        for row in targets:
            print(f"bundle   {result.folder / row.bundle}")
    gained = all(row.verdict.call == "helps" for row in targets)
    return 3 if require_gain and not gained else 0
