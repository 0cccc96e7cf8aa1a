"""Segmentation: a class for every pixel of an image."""

from __future__ import annotations

from ..data.links import FOLLOW_LINKS
from ..data.masks.layouts import looks_like_masks, read_masks
from ..data.masks.objects import MASKS as READ_AS
from ..data.masks.places import FOLDER
from ..data.pictures import read_picture_heap
from ..data.reader import Reader
from ..types import Architecture
from .answers.masks import Masks
from .answers.places import Places
from .base import Task
from .modalities.pictures import Pictures
from .scores.overlap import MASKS

plugin = Task(
    summary="a class for every pixel of a picture",
    modality=Pictures(),
    reader=Reader(
        columns=(),
        options=(FOLLOW_LINKS, READ_AS, FOLDER),
        claims=looks_like_masks,
        read=read_masks,
        read_heap=read_picture_heap,
    ),
    answer=Places(Masks(), Architecture("heads", "unet")),
    scores=MASKS,
    baselines=("majority_mask", "nearest"),
    references=("scratch",),
)
