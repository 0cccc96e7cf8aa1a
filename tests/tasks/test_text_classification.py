"""Texts with one label each: what a base sees of them, what a report shows, and the whole of it on a base."""

import numpy as np
import pandas as pd
import pytest
import torch

import languages
from headstart import data
from headstart.bases import load_base
from headstart.data.texts.store import TokenStore
from headstart.errors import DataError
from headstart.preprocessing.text import TextPreprocess
from headstart.tasks.text_classification import plugin
from texts import examples

PREPROCESS = TextPreprocess(languages.word_pieces().to_str(), 40, 40)


def test_what_it_fits(tmp_path, image_folder):
    assert plugin.reader.claims(languages.write_texts(tmp_path / "texts", 1))
    assert plugin.reader.claims(pd.DataFrame({"text": ["a"], "label": ["b"]}))
    assert not plugin.reader.claims(pd.DataFrame({"file_name": ["a"], "label": ["b"]}))
    assert not plugin.reader.claims(image_folder())


def test_pictures_are_refused_with_what_was_found(image_folder):
    with pytest.raises(DataError) as caught:
        plugin.reader.read(image_folder())
    assert caught.value.hint


def test_texts_of_a_folder_come_with_their_labels(tmp_path):
    splits = data.load(languages.write_texts(tmp_path / "texts", 5), plugin)
    found = splits.examples
    assert found.categories == tuple(sorted(languages.TOPICS))
    assert len(found) == 15
    assert splits.dropped == ()


def test_a_text_that_cannot_be_used_is_named_with_its_reason(tmp_path):
    folder = languages.write_texts(tmp_path / "texts", 5)
    (folder / "sailing" / "empty.txt").write_text(" \n")
    (folder / "sailing" / "bytes.txt").write_bytes(b"\x00\xff\xfe\x81")
    dropped = {one.file: one.reason for one in data.load(folder, plugin).dropped}
    assert dropped.keys() == {"sailing/empty.txt", "sailing/bytes.txt"}
    assert dropped["sailing/empty.txt"] == "empty"


def test_inputs_are_token_numbers():
    inputs = plugin.unanswered([b"rain", b"the grey sea"], PREPROCESS)
    assert isinstance(inputs, TokenStore)
    assert inputs.batch(np.arange(2)).dtype == torch.int64
    assert plugin.modality.impressions(inputs, np.arange(2)).shape == (2, 256)


def test_the_preprocessing_is_fitted_to_the_texts():
    some = examples(("rain",), ("sea " * 60,))
    assert plugin.preprocess(PREPROCESS, some, [0]).size == 8
    assert plugin.preprocess(PREPROCESS, some, [0, 1]).size == 80


def test_texts_that_say_the_same_are_told():
    assert plugin.modality.folded(b"The sea!") == plugin.modality.folded(b"the  SEA")
    assert plugin.modality.folded(b"The sea!") != plugin.modality.folded(b"the lake")


@pytest.mark.parametrize(
    ("text", "side", "shown"),
    [
        ("short", 96, "short"),
        ("two\n\n lines\tand  spaces", 96, "two lines and spaces"),
        ("word " * 20, 4, "word word …"),
        ("unbroken" * 9, 4, "unbrokenunb…"),
        ("我们 喜欢" + "这部电影" * 9, 4, "我们 喜欢这部电影这部…"),
    ],
)
def test_a_report_shows_the_beginning_of_a_text(text, side, shown):
    assert plugin.modality.shown(text.encode(), side) == {"text": shown}


def test_it_has_the_standard_name_of_its_baseline_and_no_pictures_only_strategy():
    assert plugin.baselines == ("majority", "tfidf", "knn")
    assert "refine" not in plugin.strategies


def test_a_language_model_gives_features_of_the_texts(tmp_path):
    base = load_base(str(languages.write(tmp_path / "bert", "bert")[0]), plugin.modality.name)
    inputs = plugin.unanswered([text.encode() for text in languages.SENTENCES], base.preprocess)
    with torch.no_grad():
        features = base.network()(inputs.batch(np.arange(len(languages.SENTENCES))))
    assert features.shape == (len(languages.SENTENCES), languages.WIDTH)
