"""Kaldi's folders: `text` with what is said, `wav.scp` with where it is, perhaps `segments` and `utt2spk`.

text      ann-1 hello there         by utterance
wav.scp   ann-1 wavs/ann-1.wav      by utterance, or by recording where there are segments
segments  ann-1 talk 0.0 1.5        an utterance, its recording, start and end in seconds
utt2spk   ann-1 ann                 who speaks: the unit
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from ...types import Dropped, Row
from ..listing import Listing, entries, joined, shown, split_of, unusable
from .text_files import lines
from .timed import Said, cut_up

_SAID, _FILES, _PARTS, _SPEAKERS = "text", "wav.scp", "segments", "utt2spk"
_DEPTH = 2
"""Folders under the top in which the tables may lie, as in `data/train`."""


def folders(root: Path) -> list[Path]:
    """Those with both tables."""
    return [one for one in _down(root, _DEPTH) if (one / _SAID).is_file() and (one / _FILES).is_file()]


def _down(folder: Path, depth: int) -> Iterator[Path]:
    yield folder
    if depth:
        for one in entries(folder):
            if one.is_dir():
                yield from _down(one, depth - 1)


def read(root: Path) -> Listing:
    """Rows of all of them; a folder that is called like a split is one."""
    return joined(_of(folder, root) for folder in folders(root))


def _of(folder: Path, root: Path) -> Listing:
    said, files = _table(folder / _SAID, root), _table(folder / _FILES, root)
    speakers = _table(folder / _SPEAKERS, root) if (folder / _SPEAKERS).is_file() else {}
    split = None if folder == root else split_of(folder.name)
    if (folder / _PARTS).is_file():
        return _of_parts(folder, root, (said, files, speakers), split)
    rows, dropped = list[Row](), list[Dropped]()
    for name, text in said.items():
        path, reason = _placed(files.get(name, ""), folder, root)
        if reason is None:
            rows.append(Row(shown(path, root), path, text, split, speakers.get(name)))
        else:
            dropped.append(Dropped(name, reason))
    return Listing(tuple(rows), tuple(dropped))


def _of_parts(folder: Path, root: Path, tables: tuple[Mapping[str, str], ...], split: str | None) -> Listing:
    said, files, speakers = tables
    by_file, dropped = dict[str, list[Said]](), list[Dropped]()
    for name, part in _table(folder / _PARTS, root).items():
        if name not in said:
            continue
        try:
            file, start, end = part.split()
            span = float(start), float(end)
        except ValueError:
            dropped.append(Dropped(name, f"{_PARTS} has no recording, start and end for it: {part[:40]!r}"))
            continue
        by_file.setdefault(file, []).append(Said(*span, said[name], speakers.get(name)))
    found = [Listing((), tuple(dropped))]
    for file, parts in by_file.items():
        path, reason = _placed(files.get(file, ""), folder, root)
        found.append(
            cut_up(path, root, parts, split) if reason is None else Listing((), (Dropped(file, reason),))
        )
    return joined(found)


def _table(path: Path, root: Path) -> dict[str, str]:
    """Lines of a name and what belongs to it."""
    parts = [line.strip().split(maxsplit=1) for line in lines(path, root) if line.strip()]
    return {name: rest[0].strip() if rest else "" for name, *rest in parts}


def _placed(cell: str, folder: Path, root: Path) -> tuple[Path, str | None]:
    """Where a recording is: beside its table or under the top; and why it cannot be used."""
    if not cell:
        return folder, f"it has no line in {_FILES}"
    if cell.endswith("|"):
        return folder, f"{_FILES} has a command in the place of a file, and nothing is run"
    inside = [one / cell for one in (folder, root) if (one / cell).is_file()]
    path = inside[0] if inside else folder / cell
    return path, unusable(path, root)
