"""Image classification: one label for each image."""

from __future__ import annotations

from ..data.folders.roles import FOLDERS, SPLIT_FOLDERS
from ..data.label_names import MERGE_LABELS, NAMES
from ..data.links import FOLLOW_LINKS
from ..data.pictures import COLUMNS, looks_like_pictures, read_picture_heap, read_pictures
from ..data.reader import Reader
from .answers.classes import Classes
from .base import Task
from .modalities.pictures import Pictures
from .scores.classes import CLASSES

plugin = Task(
    summary="one label for each picture",
    modality=Pictures(),
    reader=Reader(
        columns=COLUMNS,
        options=(FOLDERS, SPLIT_FOLDERS, FOLLOW_LINKS, MERGE_LABELS, NAMES),
        claims=looks_like_pictures,
        read=read_pictures,
        read_heap=read_picture_heap,
    ),
    answer=Classes(),
    scores=CLASSES,
    baselines=("majority", "raw_pixels", "knn"),
    strategies=("frozen", "finetune", "refine"),
)
