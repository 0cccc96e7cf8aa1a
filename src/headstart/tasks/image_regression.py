"""Image regression: a number for each image, as an age, a count or a price."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..data.links import FOLLOW_LINKS
from ..data.picture_tables import FILES, PictureTables
from ..data.pictures import read_picture_heap
from ..data.reader import Reader
from ..data.reading import Reading
from ..data.tables.numbers import numbers
from ..data.tables.rows import has_columns
from ..data.tabular import Said
from .answers.values import Values
from .base import Task
from .modalities.pictures import Pictures
from .scores.values import VALUES

if TYPE_CHECKING:
    from ..data.tables.records import Table

COLUMNS = (FILES, "value")


def says(table: Table, reading: Reading) -> Said | None:
    """Numbers, where the table has a column of values."""
    return Said(reading, numbers) if has_columns(table, COLUMNS, reading) else None


tables = PictureTables("value", says, "a table with the columns file_name and value, beside the pictures")
plugin = Task(
    summary="a number for each picture",
    modality=Pictures(),
    reader=Reader(
        columns=COLUMNS,
        options=(FOLLOW_LINKS,),
        claims=tables.claims,
        read=tables.read,
        read_heap=read_picture_heap,
    ),
    answer=Values(),
    scores=VALUES,
    baselines=("mean", "raw_pixels", "nearest"),
)
