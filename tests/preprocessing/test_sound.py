"""How a recording becomes an input: what is written is read again."""

import json
from dataclasses import asdict

import pytest

from headstart import registry
from headstart.preprocessing.base import Lengthy
from headstart.preprocessing.sound import HOP, LENGTH, STEP, UNIT_SAMPLES, SoundPreprocess


def test_it_is_found_by_its_modality_and_read_as_it_was_written(tmp_path):
    how = SoundPreprocess(150, 3000, 80)
    assert registry.get("preprocessing", "sound") is SoundPreprocess
    plain, files = how.plain()
    assert SoundPreprocess.read(json.loads(json.dumps(plain)), tmp_path) == how
    assert files == {}
    assert how.identity != how.at(100).identity


def test_it_says_how_much_of_a_recording_is_heard():
    assert SoundPreprocess(150, 2000).framing == "the first 20 seconds"
    assert SoundPreprocess(150).framings() == (SoundPreprocess(150),)
    assert SoundPreprocess().smaller() == ()


def test_an_example_is_a_whole_number_of_steps_and_costs_grow_with_the_length():
    assert SoundPreprocess(bands=40).example() == ((1, 40, STEP * LENGTH), None)
    assert isinstance(SoundPreprocess(), Lengthy)


def test_levels_of_bands_are_told_and_read_as_before_there_was_anything_else(tmp_path):
    how = SoundPreprocess(150, 3000, 80)
    before = {"size": 150, "window": 3000, "bands": 80}
    assert how.identity == how.plain()[0] == before
    assert SoundPreprocess.read(before, tmp_path) == how


def test_samples_are_told_and_read_again(tmp_path):
    how = SoundPreprocess(150, bands=HOP, front=UNIT_SAMPLES)
    assert how.identity | {"margin": 0} == asdict(how)
    assert how.identity != how.in_bands().identity
    assert SoundPreprocess.read(json.loads(json.dumps(how.plain()[0])), tmp_path) == how
    assert how.in_bands() == SoundPreprocess(150)
    assert SoundPreprocess(bands=40).in_bands().bands == 40
    with pytest.raises(ValueError, match="no columns are made of `smell`"):
        SoundPreprocess.read({**how.plain()[0], "front": "smell"}, tmp_path)


def test_silence_around_is_told_and_read_again_and_no_baseline_hears_it(tmp_path):
    how = SoundPreprocess(150).within(30)
    assert SoundPreprocess.read(json.loads(json.dumps(how.plain()[0])), tmp_path) == how
    assert how.in_bands() == how.within(0) == SoundPreprocess(150)
