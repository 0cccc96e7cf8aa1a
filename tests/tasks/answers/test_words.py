"""Words as answers: their letters, what is odd about them, what is said and shown of them."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import sounds
from headstart import registry
from headstart.errors import DataError
from headstart.preprocessing.sound import SoundPreprocess
from headstart.targets import of_one_kind
from headstart.tasks.answers import words
from headstart.tasks.answers.base import Judged
from headstart.tasks.answers.letters import Heard, Listener, Word, read_off
from headstart.tasks.answers.words import Words
from headstart.tasks.modalities.sound import Recordings
from texts import examples

ANSWER = Words()
SIDES = {"train": np.array([0, 1]), "validation": np.array([2]), "test": np.array([3, 4])}
TARGETS = of_one_kind(["ab", "a b", "ba", "ab", "xa"])


def test_letters_are_those_that_may_be_learned_from():
    learned = ANSWER.learned(TARGETS, np.array([0, 1, 2]))
    assert learned.categories == (" ", "a", "b")
    assert ANSWER.wanted(learned, SIDES["train"])[4].tolist() == [2, -1, -1]
    with pytest.raises(DataError, match="no transcript has a letter"):
        ANSWER.learned(of_one_kind([""]), np.array([0]))


def test_letters_and_transcripts_that_say_how_hard_the_test_is():
    found = {one.kind: one for one in ANSWER.unlearned(TARGETS, SIDES)}
    assert found.keys() == {"unlearned", "same_words"}
    assert found["unlearned"].items == ("x",)
    assert found["same_words"].items == ("ab",)
    assert found["same_words"].message.startswith("50%")


def test_where_words_come_again_and_again_no_other_can_be_heard():
    said = of_one_kind(["one two", "two one", "one one", "two", "three"])
    sides = {"train": np.array([0, 1, 2, 3]), "validation": np.array([], int), "test": np.array([4])}
    (found,) = [one for one in ANSWER.unlearned(said, sides) if one.kind == "lexicon"]
    assert found.items == ("one", "two")
    assert "these 2 can be heard" in found.message


def test_a_head_reads_words_of_its_lexicon_and_keeps_it_with_its_weights():
    labels = (" ", "a", "b", "c")
    head = ANSWER.head(6, labels)
    ANSWER.begun(head, np.array(["ab ab", "ab"], dtype=object))
    again = ANSWER.head(6, labels)
    again.load_state_dict(head.state_dict())
    assert again.words == ("ab",)
    inputs = torch.randn(2, 20, 6, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        heard = ANSWER.answers(torch.nn.Sequential(again.eval()), inputs, SoundPreprocess(80, 300))
    assert {word for one in heard for word in str(one).split()} == {"ab"}
    ANSWER.begun(again, np.array(["ab", "ba"], dtype=object))
    assert again.words == (), "new ones are to be expected"


def test_what_is_predicted_has_words_with_times():
    heard = np.array([Heard([Word("yes", 0.5, 0.8, 0.9)]), "plain"], dtype=object)
    assert ANSWER.decode(heard, ()) == [
        {
            "transcription": "yes",
            "words": [{"word": "yes", "start": 0.5, "end": 0.8, "confidence": 0.9}],
        },
        {
            "transcription": "plain",
            "words": [{"word": "plain", "start": None, "end": None, "confidence": None}],
        },
    ]


def test_features_of_whole_recordings_should_know_how_often_a_letter_is_said():
    features = np.arange(24, dtype=np.float32).reshape(4, 3, 2)
    whole, counts = ANSWER.probed(features, np.array([0, 2]), np.array(["ab a", "b"], dtype=object))
    assert whole.tolist() == [[6, 9], [42, 45]]
    assert counts.tolist() == [[1, 2, 1], [0, 0, 1]]  # of the space, of a, of b


def test_errors_are_marked():
    source = sounds.wav(sounds.tone())
    shown = ANSWER.compared(Recordings(), Judged(source, "one two three", "one too three four"), 32)
    assert shown["label"] == "one two three"
    assert shown["predicted"] == "one [too, not two] three [four is too much]"
    silent = ANSWER.compared(Recordings(), Judged(source, "one", ""), 32)
    assert silent["predicted"] == "[one is missing]"
    assert shown.keys() == {"picture", "sound", "label", "predicted"}


def test_words_that_were_misheard_are_counted():
    right = np.array(["one two", "two", "one", "six"], dtype=object)
    given = np.array(["one too", "too", "", "six much"], dtype=object)
    assert ANSWER.evidence(right, given)["misheard"] == [
        {"said": "two", "heard": "too", "times": 2},
        {"said": "", "heard": "much", "times": 1},
        {"said": "one", "heard": "", "times": 1},
    ]


def test_views_lose_no_word():
    source = sounds.wav(sounds.tone(seconds=1.0))
    some = replace(examples(("x",)), sources=(source,), digests=("d",))
    inputs = ANSWER.store(Recordings(), some, SoundPreprocess(100, 100), None)
    plain = inputs.encoded(np.array([0]))[0]
    same = [(inputs.encoded(np.array([0]), view)[0] == plain).all(0) for view in range(40)]
    # a stripe may hide an edge now and then; a shift would take it nearly always
    assert np.mean([one[:2].any() and one[-2:].any() for one in same]) > 0.5 or np.mean(same) > 0.5


def test_transcripts_that_do_not_fit_are_found():
    kinds = [one.kind for one in ANSWER.doubts([sounds.wav(sounds.tone(seconds=0.3))], ["one two three"])]
    assert kinds == ["crowded"]


def test_it_is_the_answer_of_the_task():
    assert isinstance(registry.get("tasks", "speech_recognition").answer, Words)


class Told(Listener):
    """Says at each step of a loud tone what it is: made to know when it speaks, whatever is around."""

    def begun(self, texts):
        """Nothing."""

    def heard(self, outputs):
        found = np.empty(len(outputs), dtype=object)
        found[:] = [read_off(one, (" ", "h", "l")) for one in outputs]
        return found

    def forward(self, levels):
        steps = levels[:, :, ::4].float()
        high, low = steps[:, 40:].mean(1), steps[:, :12].mean(1)
        loud = steps.amax(1) > 0.3
        number = torch.where(loud, torch.where(high > low - 0.45, 2, 3), 1)
        # a space is said where it is quiet
        odds = torch.nn.functional.one_hot(number, 4).float().mul(0.97).add(0.01)
        return torch.where((steps != 0).any(1).unsqueeze(-1), odds.log(), 0)


def test_a_long_recording_is_heard_in_pieces_and_no_word_twice(monkeypatch):
    monkeypatch.setattr(words, "PIECE", 200)
    gap, tone = np.zeros(sounds.RATE // 2), sounds.tone(300, 0.4)
    sound = np.concatenate([part for _ in range(12) for part in (gap, tone)]) + 1e-4
    source, how = sounds.wav(sound), SoundPreprocess(100, 3000)
    inputs = Recordings().store([source], how).batch(np.array([0]))
    (found,) = ANSWER.whole(Told(), inputs, how, [source])
    starts = [word.start for word in found.words]
    assert len(starts) == 12
    assert np.diff(starts) == pytest.approx(0.9, abs=0.09)
    monkeypatch.setattr(words, "PIECE", 3000)
    assert ANSWER.whole(Told(), inputs, how, [source])[0] == found


class Counted(Told):
    """Says how many seconds it was given."""

    whole_window = True

    def forward(self, levels):
        return (levels != 0).any(1).sum(1, keepdim=True) / 100

    def heard(self, outputs):
        found = np.empty(len(outputs), dtype=object)
        found[:] = [Heard([Word(f"{one[0]:.1f}", 0.0, float(one[0]), 1.0)]) for one in outputs]
        return found


def test_what_reads_whole_windows_is_given_pieces_that_end_in_pauses():
    loud, pause = sounds.tone(300, 8.0), 0.001 * sounds.tone(300, 1.0)
    source = sounds.wav(np.concatenate([loud, loud, loud, pause, loud, loud]))
    how = SoundPreprocess(100, 3000)
    inputs = Recordings().store([source], how).batch(np.array([0]))
    (found,) = ANSWER.whole(Counted(), inputs, how, [source])
    first, second = map(float, found.split())
    assert 24 < first < 25, "it is cut in the pause, not at half a minute"
    assert first + second == pytest.approx(41, abs=0.05)
