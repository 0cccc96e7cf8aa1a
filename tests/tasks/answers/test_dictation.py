"""A decoder as a head: words as the transcripts have them."""

import numpy as np
import pytest
import torch

import sounds
from headstart.bases import load_base
from headstart.errors import SettingsError
from headstart.tasks.answers.dictation import ENDED, KnownWords
from headstart.tasks.answers.words import Words
from headstart.types import Architecture

NEW = ["a tale", "of new", "words"]


@pytest.fixture(scope="module")
def decoder(tmp_path_factory):
    return load_base(sounds.write_whisper(tmp_path_factory.mktemp("whisper"), writes=True), "sound").decoder


def head_of(decoder, texts):
    head = Words().with_head(decoder.architecture).head(24, ())
    head.load(*decoder.load())
    Words().begun(head, np.array(texts, dtype=object))
    return head.eval()


def states():
    return 3 * torch.randn(4, 60, 24, generator=torch.Generator().manual_seed(0))


def test_of_known_words_no_other_is_written(decoder):
    head = head_of(decoder, ["low high", "high low low", "high"])
    heard = head.heard(head(states()).numpy())
    assert head.words == ("high", "low")
    assert {word for text in heard for word in text.split()} <= {"high", "low"}
    assert any(heard)


def test_numbers_are_words_where_the_transcripts_have_no_digits(decoder):
    texts = {}
    for digits in (True, False):
        head = head_of(decoder, [*NEW, "in 2021"] if digits else NEW)
        tokens = torch.zeros(head.tokens)
        tokens[torch.arange(head.tokens)] = head._allowed()([1]).float()
        texts[digits] = head._reads().decode(tokens.nonzero()[:, 0].tolist())
    assert any(map(str.isdigit, texts[True]))
    assert not any(map(str.isdigit, texts[False]))


def test_case_and_points_stay_where_the_transcripts_have_them(decoder):
    outputs = np.full((1, 12, 4), ENDED, np.float32)
    for texts, said in ((NEW, "two three"), (["Two, Three.", "Four words", "New ones"], "Two, Three.")):
        head = head_of(decoder, texts)
        numbers = head._reads().encode(" Two, Three.", add_special_tokens=False).ids
        facts = [(number, place, place + 2, 0.5) for place, number in enumerate(numbers)]
        row = np.array([[*facts, *outputs[0]]], np.float32)
        assert head.heard(row).tolist() == [said]
        assert head.heard(outputs).tolist() == [""]


def test_what_it_knows_is_kept_with_its_weights(decoder):
    head = head_of(decoder, ["low high", "high low low", "high"])
    again = Words().with_head(decoder.architecture).head(24, ())
    again.load_state_dict(head.state_dict())
    assert torch.equal(again.eval()(states()), head(states()))
    assert (again.words, again.spoken, again.digits) == (head.words, True, False)


def test_words_may_begin_like_others(decoder):
    reader = head_of(decoder, NEW)._reads()
    known = KnownWords(reader, ["six", "sixteen"], end=0, tokens=400)
    six = reader.encode(" six", add_special_tokens=False).ids
    after = known.after(six)
    assert after[0]
    assert after[reader.encode("t", add_special_tokens=False).ids[0]]
    assert after[six[0]], "another word"
    assert not known.after(six[:-1])[0], "no word ends there"
    assert not known.after([])[0]


def test_other_heads_are_refused():
    with pytest.raises(SettingsError):
        Words().with_head(Architecture("heads", "fcos"))


def test_words_know_when_they_were_said_and_how_sure_their_tokens_are(decoder):
    head = head_of(decoder, ["Two, Three.", "Four words", "New ones"])
    numbers = head._reads().encode(" Two, Three.", add_special_tokens=False).ids
    ends = [10 * (place + 1) for place in range(len(numbers))]
    facts = [
        (number, end - 10, end, 0.5 + place / 100)
        for place, (number, end) in enumerate(zip(numbers, ends, strict=True))
    ]
    (heard,) = head.heard(np.array([facts], np.float32))
    two, three = heard.words
    assert (two.text, three.text) == ("Two,", "Three.")
    assert (two.start, three.start, three.end) == (0.0, two.end, pytest.approx(0.02 * ends[-1]))
    assert 0.5 <= two.confidence < three.confidence < 0.6


def test_the_words_that_are_written_follow_one_another(decoder):
    head = head_of(decoder, ["low high", "high low low", "high"])
    for heard in head.heard(head(states()).numpy()):
        times = [time for word in heard.words for time in (word.start, word.end)]
        assert times == sorted(times)
        assert all(0 < word.confidence <= 1 and word.end <= 60 * 0.02 for word in heard.words)
        assert str(heard) == " ".join(word.text for word in heard.words)
