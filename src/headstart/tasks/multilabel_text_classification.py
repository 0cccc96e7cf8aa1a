"""Multi-label classification of texts: a text may have several labels, or none."""

from __future__ import annotations

from ..data.label_names import MERGE_LABELS, NAMES
from ..data.links import FOLLOW_LINKS
from ..data.reader import Reader
from ..data.tables.label_vectors import LABEL_SEPARATOR
from ..data.texts.label_set_layouts import COLUMNS, looks_like_label_sets, read_label_sets
from ..data.texts.layouts import read_text_heap
from .answers.label_sets import LabelSets
from .base import Task
from .modalities.texts import Texts
from .scores.label_sets import LABEL_SETS

plugin = Task(
    summary="several labels for each text, or none",
    modality=Texts(),
    reader=Reader(
        columns=COLUMNS,
        options=(FOLLOW_LINKS, LABEL_SEPARATOR, MERGE_LABELS, NAMES),
        claims=looks_like_label_sets,
        read=read_label_sets,
        read_heap=read_text_heap,
    ),
    answer=LabelSets(),
    scores=LABEL_SETS,
    baselines=("majority_labels", "tfidf_labels"),
    references=("scratch",),
)
