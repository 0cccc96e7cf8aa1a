"""Text classification, sentiment included: one label for each text."""

from __future__ import annotations

from ..data.folders.roles import FOLDERS, SPLIT_FOLDERS
from ..data.label_names import MERGE_LABELS, NAMES
from ..data.links import FOLLOW_LINKS
from ..data.reader import Reader
from ..data.texts.layouts import looks_like_a_heap, looks_like_texts, read_text_heap, read_texts
from .answers.classes import Classes
from .base import Task
from .modalities.texts import Texts
from .scores.classes import CLASSES

plugin = Task(
    summary="one label for each text: a topic, a mood",
    modality=Texts(),
    reader=Reader(
        columns=("text", "label"),
        options=(FOLDERS, SPLIT_FOLDERS, FOLLOW_LINKS, MERGE_LABELS, NAMES),
        claims=looks_like_texts,
        read=read_texts,
        read_heap=read_text_heap,
        claims_heap=looks_like_a_heap,
    ),
    answer=Classes(),
    scores=CLASSES,
    baselines=("majority", "tfidf", "knn"),
    strategies=("contrastive", "frozen", "finetune"),
)
