"""Texts and pairs from the command line to a base: defaults, refusals, and a translator from nothing."""

from __future__ import annotations

import warnings

import pytest
import torch
import torch.nn.functional as F
from transformers import AutoModelForSeq2SeqLM, GenerationConfig

import headstart as hs
import languages
from headstart.bases import load_base, translator
from headstart.bases.recurrent import NAME
from headstart.errors import HeadstartError
from makings import contents
from stories import refused, said

SMALLER = {"vocab_size": 300, "d_model": 16, "encoder_layers": 1, "decoder_layers": 1}


@pytest.fixture(scope="module")
def topics(tmp_path_factory):
    """Three classes of eight texts."""
    return languages.write_texts(tmp_path_factory.mktemp("data") / "topics", 8)


@pytest.fixture(scope="module")
def heap(tmp_path_factory):
    file = tmp_path_factory.mktemp("heap") / "corpus.csv"
    lines = [line for topic in languages.TOPICS for line in languages.sentences(topic, 8)]
    file.write_text("text\n" + "\n".join([*lines, lines[0].upper()]) + "\n")
    return file


@pytest.fixture(scope="module")
def pairs(tmp_path_factory):
    """Sentences and the same backwards."""
    return languages.write_pairs(tmp_path_factory.mktemp("pairs") / "pairs")


@pytest.fixture
def small(monkeypatch):
    """A translator of one narrow layer."""
    monkeypatch.setattr(translator, "VOCABULARY", 300)
    monkeypatch.setattr(translator, "SMALL", {**translator.SMALL, **SMALLER})


def test_a_heap_is_learned_by_the_method_that_suits_the_base(heap, tmp_path):
    for kind, method in (("bert", "masked"), ("gpt2", "causal")):
        base = languages.write(tmp_path / kind, kind)[0]
        made = hs.pretrain(heap, tmp_path / f"{kind} made", base=base, epochs=1)
        assert (made.record["method"], made.record["task"]) == (method, "text_classification")
        assert made.record["sources"][0]["train"] == 24, "each text once, whatever its case"
        assert made.record["unit"] == "tokens"
        assert load_base(str(made.folder), "text").card.source_data == f"corpus.csv ({method})"


def test_labelled_texts_are_learned_with_their_labels(topics, tmp_path):
    base = languages.write(tmp_path / "bert", "bert")[0]
    made = hs.pretrain(topics, tmp_path / "made", base=base, epochs=1, probe=topics)
    assert made.record["method"] == "supervised"
    assert 0 <= made.record["knn"] <= 1
    assert made.record["sources"][0]["value"] is not None


def test_a_recurrent_network_from_nothing_knows_the_words_and_goes_on(heap, tmp_path):
    made = hs.pretrain(heap, tmp_path / "made", architecture=NAME, epochs=1)
    base = load_base(str(made.folder), "text")
    assert made.record["method"] == "masked"
    assert '"onion"' in base.preprocess.tokenizer
    further = hs.pretrain(heap, tmp_path / "further", base=made.folder, epochs=1, seed=1)
    assert load_base(str(further.folder), "text").preprocess == base.preprocess


def test_a_translator_from_nothing_is_loaded_by_transformers(pairs, small, tmp_path):
    command = ("pretrain", pairs, "--columns", "source=en,target=de", "--epochs", 2, "--json")
    done = said(*command, "--architecture", "translator/small", "--out", tmp_path / "parent")
    assert done.code == 0, done.err
    assert (done.json["method"], done.json["task"]) == ("supervised", "translation")
    assert len(done.json["losses"]["validation"]) == 2
    assert done.json["dimensions"] is None
    assert 0 <= done.json["sources"][0]["value"] <= 1
    with warnings.catch_warnings(), languages.quiet():
        warnings.simplefilter("error")
        model, report = AutoModelForSeq2SeqLM.from_pretrained(tmp_path / "parent", output_loading_info=True)
    assert not any(report.values()), report
    assert GenerationConfig.from_pretrained(tmp_path / "parent").num_beams == 4
    base = load_base(str(tmp_path / "parent"), "translation")
    numbers = torch.tensor([[[9, 8, 7, 1, -1], [9, 5, 1, -1, -1]]])
    with torch.no_grad():
        before = torch.tensor([[0, 9, 5]])
        logits = model(input_ids=numbers[:, 0, :4], decoder_input_ids=before).logits
        expected = F.cross_entropy(logits[0], numbers[0, 1, :3], reduction="sum")
        assert float(base.network()(numbers)[0, 0]) == pytest.approx(float(expected), rel=1e-4)
    again = said(*command, "--architecture", "translator/small", "--out", tmp_path / "again")
    assert again.json["sha256"] == done.json["sha256"], "the vocabulary repeats too"
    further = said(*command, "--base", tmp_path / "parent", "--out", tmp_path / "further")
    assert further.code == 0, further.err
    assert contents(tmp_path / "further")["tokenizer.json"] == contents(tmp_path / "parent")["tokenizer.json"]


def test_what_does_not_go_together_is_refused_with_a_hint(photos, heap, pairs, tmp_path):
    out = ("--out", tmp_path / "base", "--epochs", 1)
    languages_ = ("--columns", "source=en,target=de", "--architecture", "translator/small")
    for command, message in (
        ((heap, "--method", "vicreg", "--architecture", NAME), "is for image, the data are text"),
        ((photos, "--method", "masked", "--base", "builtin/glyphs"), "is for text, the data are image"),
        ((heap, "--size", 64, "--architecture", NAME), "--size is for pictures"),
        ((pairs, "--method", "masked", *languages_), "is for text, the data are translation"),
        ((pairs, "--probe", pairs, *languages_), "--probe needs labels"),
        ((heap, "--method", "masked", "--architecture", "translator/small"), "a network for translation"),
    ):
        failed = said("pretrain", *command, *out)
        refused(failed)
        assert message in failed.err
        assert not (tmp_path / "base").exists()


def test_pictures_are_not_texts(photos, tmp_path):
    with pytest.raises(HeadstartError):
        hs.pretrain(photos, tmp_path / "base", task="text_classification", architecture=NAME)
