"""Translation: a sentence in another language for each sentence."""

from __future__ import annotations

from ..data.links import FOLLOW_LINKS
from ..data.reader import Reader
from ..data.texts.layouts import read_text_heap
from ..data.texts.pairs import looks_like_pairs, read_pairs
from .answers.sentences import Sentences
from .base import Task
from .modalities.texts import Texts
from .scores.translations import TRANSLATIONS

plugin = Task(
    summary="a sentence in another language for each sentence",
    modality=Texts("translation", paired=True),
    reader=Reader(
        columns=("source", "target"),
        options=(FOLLOW_LINKS,),
        claims=looks_like_pairs,
        read=read_pairs,
        read_heap=read_text_heap,
    ),
    answer=Sentences(),
    scores=TRANSLATIONS,
    baselines=("copy", "memory"),
    references=("scratch",),
    strategies=("frozen", "finetune", "warm_init"),
)
