"""Object detection: boxes with a class and a score in each image."""

from __future__ import annotations

from ..data.boxes.layouts import looks_like_boxes, read_boxes
from ..data.links import FOLLOW_LINKS
from ..data.pictures import read_picture_heap
from ..data.reader import Reader
from ..types import Architecture
from .answers.boxes import Boxes
from .answers.places import Places
from .base import Task
from .modalities.pictures import Pictures
from .scores.average_precision import BOXES

plugin = Task(
    summary="boxes around the things in a picture",
    modality=Pictures(),
    reader=Reader(
        columns=(),
        options=(FOLLOW_LINKS,),
        claims=looks_like_boxes,
        read=read_boxes,
        read_heap=read_picture_heap,
    ),
    answer=Places(Boxes(), Architecture("heads", "fcos_lite")),
    scores=BOXES,
    baselines=("mean_box", "nearest"),
    references=("scratch",),
)
