"""What a task of recordings does with one of them."""

import pytest

import sounds
from headstart import registry
from headstart.data.reading import PLAIN
from headstart.preprocessing.sound import SoundPreprocess

WAV = sounds.wav(sounds.tone())


@pytest.fixture
def modality():
    return registry.get("tasks", "audio_classification").modality


def test_recordings_are_examined_shown_and_asked_about(modality, tmp_path):
    assert modality.name == "sound"
    assert modality.examine(WAV) is None
    assert modality.examine(b"RIFF") == "not a sound"
    assert modality.shown(WAV, 32)["picture"].startswith("data:image/jpeg")
    (one,) = modality.asked([WAV], PLAIN, ("file_name", "label")).inputs
    assert one.source == WAV


def test_findings_are_those_of_recordings(modality):
    phone = sounds.wav(sounds.tone(rate=8000), 8000)
    assert [one.kind for one in modality.remarks([WAV, phone])] == ["rates"]


def test_a_store_is_of_recordings(modality):
    assert len(modality.store([WAV, WAV], SoundPreprocess(60))) == 2
