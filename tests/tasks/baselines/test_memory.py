"""What translates without a network: a memory of translations."""

import numpy as np
import pytest
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.metrics.pairwise import cosine_similarity

import languages
from headstart.targets import of_one_kind
from headstart.tasks.baselines import memory
from headstart.tasks.baselines.memory import Memory, plugin
from headstart.tasks.translation import plugin as translation
from headstart.types import Examples


class Bench:
    """What these baselines know of one."""

    def __init__(self, pairs):
        sources, targets = zip(*pairs, strict=True)
        names = tuple(f"{row:064x}" for row in range(len(pairs)))
        encoded = tuple(source.encode() for source in sources)
        self.examples = Examples(names, encoded, names, of_one_kind(targets))


PAIRS = languages.toy_pairs(40)
TOY = Bench(PAIRS)
TRAIN, REST = np.arange(30), np.arange(30, 40)


def test_the_memory_gives_the_translation_of_the_most_similar_source():
    found = Memory(TOY, TRAIN).outputs(REST)
    texts = [source for source, _ in PAIRS]
    grams = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 4)).fit([texts[row] for row in TRAIN])
    known, asked = (grams.transform([texts[row] for row in rows]) for rows in (TRAIN, REST))
    similar = cosine_similarity(asked, known)
    for answer, row in zip(found, similar, strict=True):
        nearest = {PAIRS[TRAIN[one]][1] for one in np.flatnonzero(row > row.max() - 1e-6)}
        assert answer in nearest


def test_what_is_in_the_memory_is_found_again():
    assert Memory(TOY, TRAIN).outputs(TRAIN).tolist() == [PAIRS[row][1] for row in TRAIN]


def test_the_memory_knows_training_rows_only():
    changed = [*PAIRS[:30], *[(source, "something else") for source, _ in PAIRS[30:]]]
    first, second = Memory(TOY, TRAIN), Memory(Bench(changed), TRAIN)
    assert first.outputs(REST).tolist() == second.outputs(REST).tolist()
    assert "something else" not in second.outputs(np.arange(40))


def test_how_many_are_compared_at_a_time_does_not_matter(monkeypatch):
    whole = Memory(TOY, TRAIN).outputs(REST)
    monkeypatch.setattr(memory, "AT_ONCE", 3)
    assert Memory(TOY, TRAIN).outputs(REST).tolist() == whole.tolist()


def test_the_task_has_it_and_it_does_not_ship():
    assert "memory" in translation.baselines
    model = plugin.fit(TOY, TRAIN)
    assert model.outputs(REST).tolist() == Memory(TOY, TRAIN).outputs(REST).tolist()
    assert not model.ships
    with pytest.raises(AssertionError):
        model.shippable()
