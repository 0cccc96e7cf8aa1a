"""Recommendation: what users take next, as products, films or songs."""

from __future__ import annotations

from ..data.links import FOLLOW_LINKS
from ..data.ratings.layouts import claims, read, read_heap
from ..data.ratings.options import OPTIONS
from ..data.ratings.tables import COLUMNS
from ..data.reader import Reader
from .answers.items import Items
from .base import Task
from .fitters import factors
from .modalities.ratings import Ratings
from .scores.rankings import RANKINGS

DULL = ("popularity", "recent_popularity", "item_knn", "profile")
plugin = Task(
    summary="the items that each user takes next, with what another shop or year knows of them",
    modality=Ratings(),
    reader=Reader(
        columns=COLUMNS, options=(FOLLOW_LINKS, *OPTIONS), claims=claims, read=read, read_heap=read_heap
    ),
    answer=Items(),
    scores=RANKINGS,
    baselines=DULL,
    references=("scratch",),
    rivals=DULL,
    strategies=("warm_init", "frozen", "finetune", "mapping", "blend"),
    by_kind=True,
    fitter=factors,
)
