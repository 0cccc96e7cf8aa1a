"""ChrF and BLEU are sacrebleu's, as fractions; without sacrebleu it is said how to get it."""

import sys

import pytest
import sacrebleu

from headstart.errors import MissingExtra
from headstart.tasks.scores import translations

FOUND = ["the old ship sails over the sea", "a fox jumps", "", "nothing of this is right at all"]
RIGHT = ["the old ship sails slowly over the grey sea", "a fox jumps", "rain", "good service and warm rooms"]


def test_the_score_of_a_sentence_is_sacrebleus_chrf():
    found = translations.sentence_chrf(FOUND, RIGHT)
    expected = [
        sacrebleu.sentence_chrf(one, [other]).score / 100 for one, other in zip(FOUND, RIGHT, strict=True)
    ]
    assert found.tolist() == pytest.approx(expected)
    assert (found[1], found[2]) == (pytest.approx(1), 0)


def test_scores_of_the_whole_are_sacrebleus():
    found = translations.of_corpus(FOUND, RIGHT)
    assert list(found) == ["corpus_chrf", "bleu"]
    assert found["corpus_chrf"] == pytest.approx(sacrebleu.corpus_chrf(FOUND, [RIGHT]).score / 100)
    assert found["bleu"] == pytest.approx(sacrebleu.corpus_bleu(FOUND, [RIGHT]).score / 100)
    assert 0 < found["bleu"] < 1
    perfect = translations.of_corpus(RIGHT, RIGHT)
    assert perfect == pytest.approx({"corpus_chrf": 1, "bleu": 1})


def test_signatures_say_how_they_were_computed():
    found = translations.signatures()
    version = f"version:{sacrebleu.__version__}"
    assert all(version in one for one in found.values())
    assert "nrefs:1" in found["bleu"]
    assert "tok:13a" in found["bleu"]
    assert "nc:6" in found["chrf"]


@pytest.mark.parametrize(
    "use", [translations.sentence_chrf, translations.of_corpus, lambda *_: translations.signatures()]
)
def test_without_sacrebleu_the_error_says_how_to_get_it(use, monkeypatch):
    monkeypatch.setitem(sys.modules, "sacrebleu", None)
    with pytest.raises(MissingExtra, match="sacrebleu") as caught:
        use(FOUND, RIGHT)
    assert "pip install" in caught.value.hint
    assert "[text]" in caught.value.hint
