"""The real Whisper is read whole, and is listed though no task takes it."""

from __future__ import annotations

import pytest
import torch
from transformers import WhisperConfig, WhisperModel

import packages
from headstart.bases import builtin, packaged
from headstart.bases.formats.ctranslate import WHISPER, read, whisper
from headstart.errors import BaseError

NAME = "builtin/whisper-tiny-en"


def test_it_is_listed_but_is_no_base_that_can_be_taken_yet():
    (listed,) = [one for one in packaged.offered() if one.name == NAME]
    assert (listed.modality, listed.licence) == ("sound", "MIT")
    assert NAME not in builtin.plugin.names()


@packages.needs(NAME)
def test_to_load_it_says_that_no_task_takes_sound():
    with pytest.raises(BaseError, match="no task takes sound yet"):
        packaged.locate(NAME)


@packages.needs(NAME)
def test_its_weights_fill_a_whisper_of_transformers():
    name, variables = read(packages.REAL[NAME].place() / "model" / "model.bin")
    settings, state = whisper(variables)
    assert name == WHISPER
    assert (settings["d_model"], settings["encoder_layers"], settings["vocab_size"]) == (384, 4, 51864)
    model = WhisperModel(WhisperConfig(**settings)).eval()
    model.load_state_dict(state, strict=True)
    with torch.no_grad():
        quiet = model.encoder(torch.zeros(1, 80, 3000)).last_hidden_state
    assert quiet.shape == (1, 1500, 384)
    assert quiet.isfinite().all()
