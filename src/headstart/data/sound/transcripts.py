"""Recordings with what is said in them, in any usual layout.

metadata.csv|jsonl  wav/1.wav               columns file_name, transcription (or text, sentence, …)
train.tsv  dev.tsv  test.tsv  clips/        the same by split, as Common Voice has it
train.json                                  lines of JSON with audio_filepath and text, as NeMo has it
1.wav  1.txt                                a text beside each recording, in split folders or not; or
                                            Audacity's labels, lines of start, end and what is said
wav.scp  text  segments  utt2spk            Kaldi's tables, in folders like splits or not
84/121123/84-121123.trans.txt               LibriSpeech: lines of a name and what is said; speakers are units
metadata.csv  wavs/LJ001-0001.wav           LJ Speech: lines of name|text|text, without a header
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from ...errors import DataError
from ...types import Dropped, Named, Row
from .. import layouts
from ..listing import Listing, entries, joined, shown, split_of, unusable, with_unnamed
from ..reading import PLAIN, Reading
from ..tables.metadata import metadata_of
from ..tables.named_files import NamedFiles
from ..tables.records import stem_of, suffix_of
from ..tables.rows import is_table, names_files, placing, read_rows
from ..tables.splits import split_tables
from . import audacity, kaldi
from .formats import looks_like_sound
from .layouts import is_recording, read_sound_heap
from .spoken import WORDS, with_words
from .text_files import lines
from .timed import cut_up

COLUMNS = ("file_name", "transcription")
SAID = 3
"""How sure a layout with transcripts is: a table of files and texts could be one of classes, too."""
_WANTED = "give a metadata.csv (file_name,transcription) beside the recordings, or a .txt beside each"
_TRANS, _TEXT = ".trans.txt", ".txt"
_LOOKED_AT = 400


def looks_like_transcripts(data: Named, reading: Reading = PLAIN) -> int:
    """`SAID` where recordings have a transcript each, else 0. Reads headers, and names of some files."""
    if "label" in reading.columns:
        return 0
    if is_table(data):
        return SAID * names_files(data, reading, is_recording, COLUMNS)
    path = layouts.existing(data)
    if path.is_file():
        return SAID * (suffix_of(path) is not None and _tells(path, reading))
    return SAID * any(
        how(path, reading) for how in (_has_tables, _has_trans, _has_bars, _has_kaldi, _has_texts)
    )


def read_transcripts(data: Named, reading: Reading = PLAIN) -> Listing:
    """Rows of any of these layouts; `Row.label` is the transcript as it is compared.

    Raises:
        DataError: it is none of them, a file cannot be read, or a column is missing.
    """
    return with_words(_read(data, reading), WORDS.of(reading.options))


def read_speech_heap(data: Named, reading: Reading = PLAIN) -> Listing:
    """Every recording of a folder, whatever is said in it."""
    return read_sound_heap(data, reading)


def _read(data: Named, reading: Reading) -> Listing:
    if is_table(data):
        return read_rows(data, COLUMNS, placing(data), reading)
    path = layouts.existing(data)
    if path.is_file():
        return _of_table(path, path.parent, reading, None)
    root = layouts.existing_folder(path)
    readers: tuple[tuple[Callable[[Path, Reading], bool], Callable[[Path, Reading], Listing]], ...] = (
        (_has_trans, lambda root, _: _of_trans(root)),
        (_has_bars, lambda root, _: _of_bars(root)),
        (_has_tables, _of_tables),
        (_has_kaldi, lambda root, _: _of_kaldi(root)),
        (_has_texts, lambda root, _: _of_texts(root)),
    )
    for there, read in readers:
        if there(root, reading):
            return read(root, reading)
    if (metadata := metadata_of(root)) is not None:
        return _of_table(metadata, root, reading, None)  # which says what is missing
    raise DataError(f"expected recordings with transcripts, but `{root}` has none", _WANTED)


def _has_tables(root: Path, reading: Reading) -> bool:
    return any(_tells(table, reading) for table, _ in _tables(root))


def _tells(table: Path, reading: Reading) -> bool:
    return names_files(table, reading, is_recording, COLUMNS)


def _tables(root: Path) -> list[tuple[Path, str | None]]:
    """Metadata at the top or in split folders; else tables named like splits, the only one, or JSON."""
    if (metadata := metadata_of(root)) is not None:
        return [(metadata, None)]
    splits = [path for path in entries(root) if path.is_dir() and split_of(path.name)]
    found = [(metadata, split_of(path.name)) for path in splits if (metadata := metadata_of(path))]
    if found := found or split_tables(root):
        return [*found]
    return [(path, None) for path in entries(root) if suffix_of(path) == ".json"]


def _of_tables(root: Path, reading: Reading) -> Listing:
    found = [(table, split) for table, split in _tables(root) if _tells(table, reading)]
    listing = joined(_of_table(table, root, reading, split) for table, split in found)
    return with_unnamed(listing, root, looks_like_sound)


def _of_table(table: Path, root: Path, reading: Reading, split: str | None) -> Listing:
    named = NamedFiles(table.parent, root, stem_of(table))
    listing = read_rows(table, COLUMNS, named.place, reading, split)
    layout = f"recordings and transcripts named in {table.name}"
    return replace(listing, findings=(*listing.findings, *named.findings()), layout=layout)


def _some(root: Path) -> Iterator[Path]:
    return islice(layouts.inside(root), _LOOKED_AT)


def _has_trans(root: Path, _reading: Reading) -> bool:
    return any(path.name.endswith(_TRANS) for path in _some(root))


def _of_trans(root: Path) -> Listing:
    """LibriSpeech: who speaks is the first part of a name."""
    parts = []
    for path in layouts.inside(root):
        if path.name.endswith(_TRANS):
            parted = [line.partition(" ") for line in lines(path, root) if line.strip()]
            split = split_of(path.relative_to(root).parts[0].split("-")[0])
            parts.append(
                _rows(
                    ((path.parent / name, text, name.split("-")[0]) for name, _, text in parted), root, split
                )
            )
    return replace(joined(parts), layout="recordings and .trans.txt files, as LibriSpeech has them")


def _has_bars(root: Path, _reading: Reading) -> bool:
    table = root / "metadata.csv"
    if not table.is_file() or not (root / "wavs").is_dir():
        return False
    first = lines(table, root)[:1]
    return bool(first) and "|" in first[0] and "," not in first[0].partition("|")[0]


def _of_bars(root: Path) -> Listing:
    """LJ Speech: the last text of a line has numbers written out."""
    parted = [line.split("|") for line in lines(root / "metadata.csv", root) if line.strip()]
    found = _rows(
        ((root / "wavs" / line[0], line[-1] if line[1:] else "", None) for line in parted), root, None
    )
    return replace(found, layout="lines of name|text in metadata.csv, as LJ Speech has them")


def _has_texts(root: Path, _reading: Reading) -> bool:
    some = list(_some(root))
    sounds = {path.with_suffix("") for path in some if suffix_of(path) is None and looks_like_sound(path)}
    texts = {path.with_suffix("") for path in some if path.suffix.lower() == _TEXT}
    return bool(sounds) and 2 * len(sounds & texts) > len(sounds)


def _of_texts(root: Path) -> Listing:
    sounds = [
        path for path in layouts.inside(root) if path.suffix.lower() != _TEXT and looks_like_sound(path)
    ]
    found = joined(_with_text(path, root) for path in sounds)
    return replace(found, layout="a .txt file beside each recording")


def _with_text(path: Path, root: Path) -> Listing:
    """One recording, or its parts where the text has labels of them."""
    name, text = shown(path, root), path.with_suffix(_TEXT)
    if not text.is_file() or unusable(text, root):
        return Listing((), (Dropped(name, f"there is no {text.name} beside it"),))
    split = split_of(path.relative_to(root).parts[0]) if path.parent != root else None
    if parts := audacity.labels(text, root):
        return cut_up(path, root, parts, split)
    return Listing((Row(name, path, " ".join(lines(text, root)), split),), ())


def _has_kaldi(root: Path, _reading: Reading) -> bool:
    return bool(kaldi.folders(root))


def _of_kaldi(root: Path) -> Listing:
    return replace(kaldi.read(root), layout="text and wav.scp, as Kaldi has them")


def _rows(found: Iterator[tuple[Path, str, str | None]], root: Path, split: str | None) -> Listing:
    """Rows of files whose endings are not written."""
    rows, dropped = list[Row](), list[Dropped]()
    for stem, text, group in found:
        there = [path for path in stem.parent.glob(f"{stem.name}.*") if looks_like_sound(path)]
        path = there[0] if there else stem
        reason = unusable(path, root)
        if reason is None:
            rows.append(Row(shown(path, root), path, text, split, group))
        else:
            dropped.append(Dropped(stem.name, reason))
    return Listing(tuple(rows), tuple(dropped))
