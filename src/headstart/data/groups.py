"""Names of groups that a person takes for one, and rows without a group.

'P1 '  'P1'      1.0  1            always one group: they would be torn apart
P1  p1           P-1  P 1          a finding that names both, one group on `merge_labels`
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from ..types import Finding
from .label_names import MERGE_LABELS, alike_names, best_of, cleaned, counted, some
from .listing import Listing
from .reading import Reading

_WHOLE = re.compile(r"([+-]?\d+)\.0*")
"""A whole number that a program made a float of."""


def unified_groups(listing: Listing, reading: Reading) -> Listing:
    """The rows with one spelling of each group, and findings about those that look alike or are missing."""
    counts = Counter(row.group for row in listing.rows if row.group is not None)
    if not counts and reading.group is None:
        return listing
    names = {name: _plain(name) for name in counts}
    totals = Counter[str]()
    for name, count in counts.items():
        totals[names[name]] += count
    alike = alike_names(name for name in totals if name)
    groups = tuple(counted(group, totals) for group in alike)
    findings = []
    if alike and MERGE_LABELS.of(reading.options):
        best = {name: best_of(group, totals) for group in alike for name in group}
        names = {name: best.get(said, said) for name, said in names.items()}
        findings.append(Finding("merged_groups", f"groups were merged: {some(groups)}", groups))
    elif alike:
        message = f"groups that look like one: {some(groups)}; --set {MERGE_LABELS.name}=yes makes them one"
        findings.append(Finding("similar_groups", message, groups))
    rows = tuple(
        row if row.group is None else replace(row, group=names[row.group] or None) for row in listing.rows
    )
    bare = tuple(row.name for row in rows if row.group is None)
    if bare and reading.group is not None:
        what = "1 row has" if len(bare) == 1 else f"{len(bare)} rows have"
        message = (
            f"{what} nothing in the column `{reading.group}`: each is taken as independent of all others"
        )
        findings.append(Finding("no_group", message, bare))
    return replace(listing, rows=rows, findings=(*listing.findings, *findings))


def _plain(name: str) -> str:
    said = cleaned(name)
    whole = _WHOLE.fullmatch(said)
    return whole[1] if whole else said
