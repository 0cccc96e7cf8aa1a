"""Recordings and what is said in them, as data sets have them; what is wrong is left out with a reason."""

import json

import pandas as pd
import pytest

import sounds
from headstart import tasks
from headstart.data.reading import Reading
from headstart.data.sound.transcripts import looks_like_transcripts, read_speech_heap, read_transcripts
from headstart.errors import DataError
from headstart.types import Dropped

WAV = sounds.wav(sounds.tone(seconds=0.3))


def write(folder, files):
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


def told(data, **asked):
    """By name what is said in each recording, its split and who says it."""
    found = read_transcripts(data, Reading(**asked))
    return {row.name: (row.label, row.split, row.group) for row in found.rows}


def _nemo(*names):
    rows = ({"audio_filepath": name, "duration": 1.0, "text": "one"} for name in names)
    return "".join(json.dumps(row) + "\n" for row in rows)


LAYOUTS = {
    "metadata": (
        {
            "metadata.csv": "file_name,transcription\na.wav,Hello there\nb.wav,Bye\n",
            "a.wav": WAV,
            "b.wav": WAV,
        },
        {"a.wav": ("hello there", None, None), "b.wav": ("bye", None, None)},
    ),
    "json lines": (
        {"metadata.jsonl": json.dumps({"file_name": "a.wav", "text": "yes"}), "a.wav": WAV},
        {"a.wav": ("yes", None, None)},
    ),
    "split folders": (
        {
            "train/metadata.csv": "file_name,sentence\na.wav,one\n",
            "train/a.wav": WAV,
            "test/metadata.csv": "file_name,sentence\nb.wav,two\n",
            "test/b.wav": WAV,
        },
        {"train/a.wav": ("one", "train", None), "test/b.wav": ("two", "test", None)},
    ),
    "NeMo": (
        {
            "train_manifest.json": _nemo("a.wav", "b.wav"),
            "test_manifest.json": _nemo("wav/c.wav", "wav/d.wav"),
            **dict.fromkeys(("a.wav", "b.wav", "wav/c.wav", "wav/d.wav"), WAV),
        },
        {
            **dict.fromkeys(("a.wav", "b.wav"), ("one", "train", None)),
            **dict.fromkeys(("wav/c.wav", "wav/d.wav"), ("one", "test", None)),
        },
    ),
    "NeMo, one manifest": (
        {"all.json": _nemo("a.wav", "b.wav"), "a.wav": WAV, "b.wav": WAV},
        dict.fromkeys(("a.wav", "b.wav"), ("one", None, None)),
    ),
    "Kaldi": (
        {"data/train/text": "u hi there\n", "data/train/wav.scp": "u wavs/a.wav\n", "wavs/a.wav": WAV},
        {"wavs/a.wav": ("hi there", "train", None)},
    ),
    "Common Voice": (
        {
            "train.tsv": "client_id\tpath\tsentence\tage\nx\ta.wav\tOne.\t\n",
            "test.tsv": "client_id\tpath\tsentence\tage\ny\tb\tTwo.\t\n",
            "clips/a.wav": WAV,
            "clips/b.wav": WAV,
        },
        {"clips/a.wav": ("one", "train", None), "clips/b.wav": ("two", "test", None)},
    ),
    "beside": (
        {"x/a.wav": WAV, "x/a.txt": "one\ntwo\n", "b.wav": WAV, "b.txt": "\ufeffthree"},
        {"x/a.wav": ("one two", None, None), "b.wav": ("three", None, None)},
    ),
    "beside, in splits": (
        {"train/a.wav": WAV, "train/a.txt": "one", "dev/b.wav": WAV, "dev/b.txt": "two"},
        {"train/a.wav": ("one", "train", None), "dev/b.wav": ("two", "validation", None)},
    ),
    "LibriSpeech": (
        {
            "train-clean/84/1/84-1.trans.txt": "84-1-0 IT IS\n84-1-1 SO\n",
            "train-clean/84/1/84-1-0.wav": WAV,
            "train-clean/84/1/84-1-1.wav": WAV,
        },
        {
            "train-clean/84/1/84-1-0.wav": ("it is", "train", "84"),
            "train-clean/84/1/84-1-1.wav": ("so", "train", "84"),
        },
    ),
    "LJ Speech": (
        {"metadata.csv": "LJ1|It cost $5.|It cost five dollars.\n", "wavs/LJ1.wav": WAV},
        {"wavs/LJ1.wav": ("it cost five dollars", None, None)},
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS)
def test_it_is_told_from_other_tasks_and_read(layout, tmp_path):
    files, expected = LAYOUTS[layout]
    folder = write(tmp_path / "data", files)
    assert told(folder) == expected
    assert tasks.infer(folder) == "speech_recognition"
    assert len(read_speech_heap(folder).rows) == len(expected)


def test_labels_of_a_long_recording_are_a_recording_each(tmp_path):
    write(tmp_path, {"a.wav": WAV, "a.txt": "0.0\t0.1\tYes\n0.15\t0.25\tno\n"})
    assert tasks.infer(tmp_path) == "speech_recognition"
    said = {name: label for name, (label, _, _) in told(tmp_path).items()}
    assert said == {"a.wav from 0.00 s": "yes", "a.wav from 0.15 s": "no"}


def test_a_frame_and_a_single_table(tmp_path):
    folder = write(tmp_path, {"one.csv": "audio,transcript,who\na.wav,Yes,x\n", "a.wav": WAV})
    path = (folder / "a.wav").as_posix()
    assert told(folder / "one.csv", group="who") == {"a.wav": ("yes", None, "x")}
    assert told(pd.DataFrame({"path": [path], "sentence": ["No"]})) == {path: ("no", None, None)}
    assert tasks.infer(folder / "one.csv") == "speech_recognition"


def test_columns_may_be_named(tmp_path):
    folder = write(tmp_path, {"metadata.csv": "clip,what,note\na.wav,Yes,x\n", "a.wav": WAV})
    assert told(folder, columns={"file_name": "clip", "transcription": "what"}) == {
        "a.wav": ("yes", None, None)
    }


def test_classes_stay_classes(tmp_path):
    labelled = write(
        tmp_path / "l", {"metadata.csv": "file_name,label\na.wav,yes\nb.wav,no\n", "a.wav": WAV, "b.wav": WAV}
    )
    for folder in (labelled, sounds.write_folder(tmp_path / "c", per_class=1)):
        assert not looks_like_transcripts(folder)
        assert tasks.infer(folder) == "audio_classification"
    assert not looks_like_transcripts(labelled, Reading(columns={"label": "label"}))


def test_what_cannot_be_used_is_left_out_with_its_reason(tmp_path):
    table = "file_name,transcription\na.wav,yes\ngone.wav,no\nb.wav,\nb.wav,?!\n../out.wav,no\n"
    write(tmp_path, {"out.wav": WAV})
    folder = write(tmp_path / "data", {"metadata.csv": table, "a.wav": WAV, "b.wav": WAV})
    found = read_transcripts(folder)
    assert [row.name for row in found.rows] == ["a.wav"]
    reasons = {item.file: item.reason for item in found.dropped}
    assert reasons["gone.wav"] == "no such file"
    assert reasons["b.wav"] in ("no transcription", "no words in its transcript '?!'")
    assert any("outside" in reason for reason in reasons.values())
    assert len(found.dropped) == 4


def test_a_recording_without_its_text_is_left_out(tmp_path):
    folder = write(tmp_path, {"a.wav": WAV, "a.txt": "yes", "b.wav": WAV, "b.txt": "no", "c.wav": WAV})
    (dropped,) = read_transcripts(folder).dropped
    assert (dropped.file, dropped.reason) == ("c.wav", "there is no c.txt beside it")


def test_a_recording_that_no_row_names_is_left_out_and_speakers_are_told(tmp_path):
    rows = [f"{number}.wav,one,{'xy'[number % 2]}\n" for number in range(4)]
    files = {f"{number}.wav": WAV for number in range(5)}
    folder = write(
        tmp_path, {**files, "metadata.csv": "file_name,transcription,speaker_id\n" + "".join(rows)}
    )
    found = read_transcripts(folder)
    assert found.dropped == (Dropped("4.wav", "no row of a table names it"),)
    assert "torn_units" in [one.kind for one in found.findings]
    assert "torn_units" not in [
        one.kind for one in read_transcripts(folder, Reading(group="speaker_id")).findings
    ]


def test_a_line_without_its_recording_is_left_out(tmp_path):
    folder = write(tmp_path, {"s.trans.txt": "1-1 YES\n1-2 NO\n", "1-1.wav": WAV})
    (dropped,) = read_transcripts(folder).dropped
    assert (dropped.file, dropped.reason) == ("1-2", "no such file")


@pytest.mark.parametrize(
    "files",
    [
        {"a.wav": WAV},
        {"metadata.csv": "file_name,transcript_of,note\na.wav,1,2\n", "a.wav": WAV},
        {"notes.txt": "nothing to hear"},
    ],
)
def test_other_folders_are_refused_with_a_hint(files, tmp_path):
    with pytest.raises(DataError) as caught:
        read_transcripts(write(tmp_path, files))
    assert caught.value.hint


def test_words_may_be_kept_as_they_are_written(tmp_path):
    folder = write(tmp_path, {"metadata.csv": "file_name,transcription\na.wav,Yes!\n", "a.wav": WAV})
    assert told(folder, options={"words": "written"}) == {"a.wav": ("Yes!", None, None)}
