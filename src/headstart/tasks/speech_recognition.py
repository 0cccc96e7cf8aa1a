"""Speech recognition: the words that are said in a recording."""

from __future__ import annotations

from ..data.links import FOLLOW_LINKS
from ..data.reader import Reader
from ..data.sound.spoken import WORDS as AS_SAID
from ..data.sound.transcripts import COLUMNS, looks_like_transcripts, read_speech_heap, read_transcripts
from .answers.words import Words
from .base import Task
from .modalities.sound import Recordings
from .scores.words import WORDS

plugin = Task(
    summary="the words that are said in a recording",
    modality=Recordings(),
    reader=Reader(
        columns=COLUMNS,
        options=(FOLLOW_LINKS, AS_SAID),
        claims=looks_like_transcripts,
        read=read_transcripts,
        read_heap=read_speech_heap,
    ),
    answer=Words(),
    scores=WORDS,
    baselines=("majority_words", "nearest_words"),
    references=("scratch",),
    strategies=("zero_shot", "frozen", "finetune"),
)
