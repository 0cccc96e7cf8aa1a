"""Audio classification: one label for each recording, such as a word, a speaker or a kind of noise."""

from __future__ import annotations

from ..data.folders.roles import FOLDERS, SPLIT_FOLDERS
from ..data.label_names import MERGE_LABELS, NAMES
from ..data.links import FOLLOW_LINKS
from ..data.reader import Reader
from ..data.sound.layouts import COLUMNS, looks_like_a_heap, looks_like_sounds, read_sound_heap, read_sounds
from .answers.classes import Classes
from .answers.heard import HEARD
from .base import Task
from .modalities.sound import Recordings
from .scores.classes import CLASSES

plugin = Task(
    summary="one label for each recording: a word, a voice, a noise",
    modality=Recordings(),
    reader=Reader(
        columns=COLUMNS,
        options=(FOLDERS, SPLIT_FOLDERS, FOLLOW_LINKS, MERGE_LABELS, NAMES),
        claims=looks_like_sounds,
        read=read_sounds,
        read_heap=read_sound_heap,
        claims_heap=looks_like_a_heap,
    ),
    answer=Classes(HEARD),
    scores=CLASSES,
    baselines=("majority", "band_levels", "knn"),
)
