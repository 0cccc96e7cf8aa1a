"""Texts of items, read by a base."""

from dataclasses import replace

import numpy as np
import pytest

import languages
from headstart.bases.factors import begun
from headstart.bases.passes.frozen import FrozenPass
from headstart.cache import Cache
from headstart.data.ratings.histories import Catalogue
from headstart.errors import BaseError
from headstart.runtime import Clock, Silent, detect
from headstart.tasks.fitters import descriptions
from headstart.tasks.fitters.descriptions import KEPT, read_by, whitening, with_texts

TEXTS = {f"i{n}": f"{sentence} {n % 3}" for n, sentence in enumerate(languages.SENTENCES * 5)}


class Told(Silent):
    """A reporter that remembers."""

    def __init__(self):
        self.notes = []

    def note(self, text):
        self.notes.append(text)


@pytest.fixture
def passes(tmp_path):
    return FrozenPass(Cache(tmp_path / "cache"), detect(Clock(), Told()))


@pytest.fixture(scope="module")
def reader(tmp_path_factory):
    return str(languages.write(tmp_path_factory.mktemp("reader"), "minilm")[0])


def test_a_base_that_is_named_reads_them_once(passes, reader, monkeypatch):
    known = Catalogue(dict.fromkeys(TEXTS, ()), TEXTS, reader, ("title",))
    first = with_texts(begun(), known, passes)
    texts = first.preprocess.texts
    assert (texts.reader.base, texts.reader.columns, texts.items) == (reader, ("title",), tuple(TEXTS))
    assert np.allclose(np.linalg.norm(texts.rows, axis=1), 1, atol=1e-5)
    assert first.card.sha256 != begun().card.sha256, "other texts, other base"
    monkeypatch.setattr(FrozenPass, "_run", None)
    again = with_texts(begun(), known, passes)
    assert np.array_equal(again.preprocess.texts.rows, texts.rows)


def test_what_came_later_is_read_as_what_was_there(passes, reader):
    texts = with_texts(begun(), Catalogue({}, TEXTS, reader), passes).preprocess.texts
    again = read_by(texts.reader, list(TEXTS.values())[:4], passes)
    assert np.allclose(again, texts.rows[:4], atol=1e-5)
    other = replace(texts.reader, identity="another")
    with pytest.raises(BaseError, match="another base than the one that read"):
        read_by(other, ["a"], passes)


def test_what_is_at_hand_reads_them_where_there_is_something(passes, reader, monkeypatch):
    monkeypatch.setattr(descriptions, "best", lambda modality: reader)
    known = Catalogue({}, TEXTS, "auto")
    assert with_texts(begun(), known, passes).preprocess.texts.reader.base == reader
    assert "describe=none" in passes.runtime.reporter.notes[-1]
    monkeypatch.setattr(descriptions, "MOST", len(TEXTS) - 1)
    assert with_texts(begun(), known, passes).preprocess.texts is None
    assert "describe=BASE" in passes.runtime.reporter.notes[-1]


def test_nothing_reads_them_where_nothing_is_at_hand(passes, monkeypatch):
    def nothing(modality):
        raise BaseError(f"no base for {modality} is at hand", "pip install some")

    monkeypatch.setattr(descriptions, "best", nothing)
    assert with_texts(begun(), Catalogue({}, TEXTS, "auto"), passes).preprocess.texts is None
    assert "not read: no base for text is at hand; pip install some" in passes.runtime.reporter.notes[-1]
    with pytest.raises(BaseError):
        with_texts(begun(), Catalogue({}, TEXTS, "builtin/vision-s"), passes)
    assert with_texts(begun(), Catalogue({"a": ("x",)}), passes).preprocess.texts is None


def test_directions_count_alike_and_not_all_are_kept():
    draws = np.random.default_rng(0)
    features = draws.normal(size=(900, 100)) * np.logspace(0, -3, 100) + 7
    rows = whitening(features)(features)
    assert rows.shape == (900, KEPT)
    assert np.linalg.norm(rows.mean(0)) < 0.05
    assert rows.std(0).max() < 1.2 * rows.std(0).min()
    assert whitening(features[:30])(features[:30]).shape == (30, 3)
    assert not whitening(np.ones((5, 4)))(np.ones((5, 4))).any()
