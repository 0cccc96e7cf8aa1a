"""Pairs of sentences: what is read, trained on, measured and said; then a whole run on a toy language."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
import sacrebleu
import torch

import languages
from headstart import data, registry, tasks
from headstart.bases import load_base
from headstart.errors import DataError
from headstart.preprocessing.translation import PairPreprocess
from headstart.shipping.bundles.evaluate import evaluate
from headstart.shipping.bundles.predict import Predictor
from headstart.targets import of_one_kind
from headstart.tasks.translation import plugin
from stories import PLENTY, refused, said, shorten
from texts import examples

PREPROCESS = PairPreprocess(languages.unigrams().to_str(), 40, 40)
FOUND = np.array(["the old ship", "a quick fox", "rain"], dtype=object)
RIGHT = np.array(["the old grey ship", "a quick brown fox", "snow"], dtype=object)


def test_what_it_fits(tmp_path, image_folder):
    assert plugin.reader.claims(pd.DataFrame({"source": ["a"], "target": ["b"]}))
    assert plugin.reader.claims(folder := languages.write_toy_pairs(tmp_path / "pairs", 4))
    assert tasks.infer(folder) == "translation"
    assert not plugin.reader.claims(pd.DataFrame({"text": ["a"], "label": ["b"]}))
    assert not plugin.reader.claims(languages.write_texts(tmp_path / "texts", 1))
    assert not plugin.reader.claims(image_folder())


def test_other_data_are_refused_with_a_hint(image_folder):
    with pytest.raises(DataError) as caught:
        plugin.reader.read(image_folder())
    assert caught.value.hint


def test_every_pair_keeps_its_own_answer(tmp_path):
    splits = data.load(languages.write_toy_pairs(tmp_path / "pairs", 20), plugin)
    found, pairs = splits.examples, dict(languages.toy_pairs(20))
    assert not found.targets.classes
    assert [pairs[source.decode()] for source in found.sources] == found.answers.tolist()
    assert (len(found.targets.kinds), set(found.strata)) == (1, {0})
    assert len(splits.train) + len(splits.validation) + len(splits.test) == 20


def test_inputs_hold_the_answers_where_they_are_known():
    some = replace(examples(("rain", "the grey sea")), targets=of_one_kind(["sea", "rain"]))
    batch = plugin.inputs(some, PREPROCESS).batch(np.arange(2))
    assert (batch[:, 1] >= 0).any(1).all()
    assert (plugin.unanswered(some.sources, PREPROCESS).batch(np.arange(2))[:, 1] < 0).all()


def test_there_is_room_for_a_translation_that_is_longer():
    some = examples(("rain", "sea " * 60))
    assert plugin.preprocess(PREPROCESS.at(40), some, [0]).size == 16
    assert plugin.preprocess(PREPROCESS, some, [0, 1]).size == 40


def test_every_word_counts_alike_in_the_loss():
    outputs = torch.tensor([[6.0, 3.0], [10.0, 1.0]])
    loss = plugin.answer.loss(outputs, torch.tensor([0, 1]))
    assert loss.tolist() == [3.0, 5.0]
    assert float(loss.mean()) == (6 + 10) / (3 + 1)
    assert plugin.answer.loss(torch.zeros(2, 2), torch.tensor([0, 1])).tolist() == [0, 0]


def test_the_scores_are_chrf_and_the_metrics_those_of_sacrebleu():
    scores, metrics = plugin.score.of(FOUND, RIGHT), plugin.metrics(FOUND, RIGHT)
    expected = [
        sacrebleu.sentence_chrf(one, [other]).score / 100 for one, other in zip(FOUND, RIGHT, strict=True)
    ]
    assert scores.tolist() == pytest.approx(expected)
    assert list(metrics)[0] == plugin.score.name == "chrf"
    assert metrics["chrf"] == pytest.approx(np.mean(expected))
    assert metrics["bleu"] == pytest.approx(sacrebleu.corpus_bleu(list(FOUND), [list(RIGHT)]).score / 100)
    assert plugin.score.sign > 0


def test_what_it_says_and_shows():
    assert plugin.answer.decode(FOUND, ()) == [{"translation": text} for text in FOUND]
    assert plugin.modality.shown(b"two\n\n  lines", 96) == {"text": "two lines"}
    assert plugin.modality.impressions(None, np.arange(2)) is None
    assert plugin.modality.folded(b"The sea!") == plugin.modality.folded(b"the  SEA")
    assert isinstance(plugin.answer.head(2, ()), torch.nn.Identity)
    assert set(plugin.strategies) <= set(registry.names("adaptation"))


@pytest.mark.parametrize("kind", ["t5", "bart"])
def test_answers_are_the_translations_as_texts_in_any_batch(kind, tmp_path):
    base = load_base(str(languages.write(tmp_path / kind, kind)[0]), "translation")
    model = torch.nn.Sequential(base.network(), plugin.answer.head(2, ())).eval()
    sources = [text.encode() for text in languages.SENTENCES]
    inputs = plugin.unanswered(sources, base.preprocess)
    together = plugin.answer.answers(model, inputs.batch(np.arange(len(sources))), base.preprocess)
    assert together.shape == (len(sources),)
    assert all(isinstance(text, str) and "<" not in text for text in together)
    alone = [
        plugin.answer.answers(model, inputs.batch(np.array([row])), base.preprocess)[0] for row in range(3)
    ]
    # a text alone may say less: its translation has at most so many words for each of its own
    assert all(one.startswith(other[: len(other) // 2]) for one, other in zip(together, alone, strict=False))


@pytest.fixture(scope="module", params=["t5", "bart"])
def run(request, tmp_path_factory):
    """The folder of a run on pairs of a toy language, and the pairs' folder."""
    home = tmp_path_factory.mktemp("run")
    pairs = languages.write_toy_pairs(home / "pairs", 60)
    base = languages.write(home / "base", request.param)[0]
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        options = ("--strategy", "frozen", "--strategy", "finetune", "--minutes", PLENTY, "--json")
        done = said("run", pairs, "--base", base, *options, "--out", home / "run")
    assert done.code == 0, done.err
    (pairs / "other").mkdir()
    rows = [{"source": source, "target": target} for source, target in languages.toy_pairs(8, seed=1)]
    pd.DataFrame(rows).to_json(pairs / "other" / "pairs.jsonl", orient="records", lines=True)
    return home / "run", pairs, done.json


def test_a_run_compares_the_arms_of_translation(run):
    folder, _, result = run
    assert json.loads((folder / "result.json").read_text("utf-8")) == result
    names = [arm["name"] for arm in result["arms"]]
    assert names == ["copy", "memory", "frozen", "finetune", "scratch"]
    assert result["task"] == "translation"
    assert {"chrf", "bleu"} <= result["metrics"].keys()
    assert result["metric"]["name"] == "chrf"
    verdict = result["verdict"]
    assert verdict["baseline"] == "scratch"
    assert verdict["transfer"] in ("frozen", "finetune")
    assert verdict["call"] in ("helps", "hurts", "undecided")
    assert verdict["seeds"] == 2
    assert result["chosen"]["arm"] in ("frozen", "finetune", "scratch")
    assert result["labels"]["multiplier"] is result["labels"]["interval"] is None
    assert result["data"]["labels"] == []
    assert (folder / "report.html").is_file()
    assert (folder / "bundle" / "README.md").is_file()


def test_a_fresh_predictor_translates_as_the_run_measured(run):
    folder, pairs, result = run
    rows = json.loads((folder / "evidence.json").read_text("utf-8"))["predictions"]
    tested = data.load(pairs, plugin).examples
    known = dict(zip(tested.names, tested.sources, strict=True))
    found = list(Predictor(folder / "bundle").predict([known[row["file"]] for row in rows]))
    assert [one["translation"] for one in found] == [row["predicted"] for row in rows]
    assert all(one.keys() == {"input", "translation"} for one in found)
    assert len(rows) == result["metric"]["n"] == result["data"]["test"]
    right = dict(zip(tested.names, tested.answers, strict=True))
    assert [row["label"] for row in rows] == [right[row["file"]] for row in rows]
    scores = [sacrebleu.sentence_chrf(row["predicted"], [row["label"]]).score / 100 for row in rows]
    assert result["metric"]["value"] == pytest.approx(np.mean(scores))


def test_the_bundle_is_evaluated_on_other_pairs(run):
    folder, pairs, _ = run
    record = evaluate(folder / "bundle", pairs / "other" / "pairs.jsonl")
    assert record.metric.name == "chrf"
    assert record.metric.n == 8
    low, high = record.metric.interval
    assert 0 <= low <= record.metric.value <= high <= 1
    assert record.metrics["chrf"] == pytest.approx(record.metric.value)


@pytest.fixture(scope="module")
def two(tmp_path_factory):
    """Pairs, and two tiny translators."""
    home = tmp_path_factory.mktemp("two")
    bases = [languages.write(home / kind, kind)[0] for kind in ("t5", "bart")]
    return languages.write_toy_pairs(home / "pairs", 24), bases


def test_a_translator_is_adapted_alone(two, tmp_path, short):
    pairs, (base, _) = two
    options = ("--strategy", "finetune", "--minutes", PLENTY, "--out", tmp_path / "arm")
    done = said("adapt", pairs, "--base", base, *options)
    assert done.code == 0, done.err
    (answer,) = Predictor(tmp_path / "arm" / "bundle").predict([b"old grey country"])
    assert isinstance(answer["translation"], str)


@pytest.mark.slow
def test_translators_race_in_a_run_and_are_not_ranked_by_features(two, tmp_path, short):
    pairs, bases = two
    named = [word for base in bases for word in ("--base", base)]
    refused(said("rank", pairs, *named))
    options = ("--strategy", "finetune", "--minutes", PLENTY, "--out", tmp_path / "run", "--json")
    done = said("run", pairs, *named, *options)
    assert done.code == 0, done.err
    rows = {row["base"]: row for row in done.json["ranking"]}
    assert rows.keys() == {str(base) for base in bases}
    assert done.json["chosen"]["base"] in rows
    assert rows[done.json["chosen"]["base"]]["dropped"] is None


def test_a_bundle_says_nothing_of_abstaining(run):
    assert Predictor(run[0] / "bundle").parts.facts["abstain"] == {}
    assert run[2].get("abstain") is None
