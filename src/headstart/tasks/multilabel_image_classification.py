"""Multi-label classification of images: an image may have several labels, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..data.label_names import MERGE_LABELS, NAMES
from ..data.links import FOLLOW_LINKS
from ..data.listing import Listing
from ..data.picture_tables import FILES, PictureTables
from ..data.pictures import read_picture_heap
from ..data.reader import Reader
from ..data.reading import PLAIN, Reading
from ..data.tables.label_tables import LABELS, has_sets, said, told
from ..data.tables.label_vectors import LABEL_SEPARATOR
from ..data.tabular import Said
from ..types import Named
from .answers.label_sets import LabelSets
from .base import Task
from .modalities.pictures import Pictures
from .scores.label_sets import LABEL_SETS

if TYPE_CHECKING:
    from ..data.tables.records import Table

WANTED = "a table with the columns file_name and labels, where labels are separated by |: cat|dog"


def says(table: Table, reading: Reading) -> Said | None:
    """Sets of labels, where the table has a column of them, or one for each label."""
    if not has_sets(table, FILES, reading):
        return None
    reading, cells = said(table, FILES, reading)
    return Said(reading, cells, lambda: cells.findings)


tables = PictureTables(LABELS, says, WANTED)


def read(data: Named, reading: Reading = PLAIN) -> Listing:
    """Pictures with their labels, and findings about those."""
    return told(tables.read(data, reading), "picture", f"give {WANTED}")


plugin = Task(
    summary="several labels for each picture, or none",
    modality=Pictures(),
    reader=Reader(
        columns=(FILES, LABELS),
        options=(FOLLOW_LINKS, LABEL_SEPARATOR, MERGE_LABELS, NAMES),
        claims=tables.claims,
        read=read,
        read_heap=read_picture_heap,
    ),
    answer=LabelSets(),
    scores=LABEL_SETS,
    baselines=("majority_labels", "nearest"),
    references=("scratch",),
)
