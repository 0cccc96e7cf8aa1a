"""Classes of recordings are read off several layers, with silence around each recording."""

import numpy as np

import sounds
from headstart import registry
from headstart.bases import load_base
from headstart.data import load
from headstart.tasks.answers.heard import MARGIN


def test_a_base_is_read_in_silence_by_several_layers(tmp_path):
    task = registry.get("tasks", "audio_classification")
    splits = load(sounds.write_folder(tmp_path / "clips"), task)
    plain = load_base(sounds.write_base(tmp_path / "base"), "sound")
    base = task.suited(plain, splits.examples, range(4))
    assert base.architecture.name == "pooled"
    assert base.preprocess.margin == MARGIN
    inputs = task.inputs(splits.examples, base.preprocess)
    first = inputs.encoded(np.array([0]))[0].astype(float)
    assert np.ptp(first[:, : MARGIN - 2], axis=1).max() == 0
    assert np.ptp(first[:, MARGIN:-MARGIN], axis=1).min() > 0


def test_words_are_counted_from_the_beginning_of_a_recording(tmp_path):
    task = registry.get("tasks", "speech_recognition")
    splits = load(sounds.write_words(tmp_path / "words"), task)
    plain = load_base(sounds.write_base(tmp_path / "base"), "sound")
    heard = plain.prepared(plain.preprocess.within(MARGIN))
    assert task.suited(heard, splits.examples, range(4)).preprocess.margin == 0
