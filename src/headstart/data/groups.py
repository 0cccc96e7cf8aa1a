"""Names of groups that a person takes for one, and rows without a group.

'P1 '  'P1'      1.0  1            always one group: they would be torn apart
P1  p1           P-1  P 1          a finding that names both, one group on `merge_labels`
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from ..types import Finding
from .label_names import MERGE_LABELS, cleaned, likeness
from .listing import Listing
from .reading import Reading

_WHOLE = re.compile(r"([+-]?\d+)\.0*")
"""A whole number that a program made a float of."""
_SHOWN = 3


def unified_groups(listing: Listing, reading: Reading) -> Listing:
    """The rows with one spelling of each group, and findings about those that look alike or are missing."""
    counts = Counter(row.group for row in listing.rows if row.group is not None)
    if not counts and reading.group is None:
        return listing
    names = {name: _plain(name) for name in counts}
    totals = Counter[str]()
    for name, count in counts.items():
        totals[names[name]] += count
    alike = _alike(name for name in totals if name)
    findings = []
    if alike and MERGE_LABELS.of(reading.options):
        names = {
            name: alike[likeness(said)][0] if likeness(said) in alike else said
            for name, said in names.items()
        }
        findings.append(
            Finding("merged_groups", f"groups were merged: {_some(alike, totals)}", _items(alike))
        )
    elif alike:
        message = (
            f"groups that look like one: {_some(alike, totals)}; --set {MERGE_LABELS.name}=yes makes them one"
        )
        findings.append(Finding("similar_groups", message, _items(alike)))
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


def _alike(names: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for name in sorted(names):
        found[likeness(name)].append(name)
    return {key: group for key, group in found.items() if len(group) > 1}


def _items(alike: Mapping[str, Sequence[str]]) -> tuple[str, ...]:
    return tuple(" and ".join(map(repr, group)) for group in alike.values())


def _some(alike: Mapping[str, Sequence[str]], totals: Counter[str]) -> str:
    shown = [
        " and ".join(f"{name!r} ({totals[name]})" for name in group)
        for group in list(alike.values())[:_SHOWN]
    ]
    more = f" and {len(alike) - _SHOWN} more" if len(alike) > _SHOWN else ""
    return ", ".join(shown) + more
