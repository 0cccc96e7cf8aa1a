"""Texts with sets of labels: what is read, trained on, measured and said; then a whole run."""

import csv
import json
import shutil

import numpy as np
import pandas as pd
import pytest
import torch
from torch import nn

import languages
from headstart import data, registry, tasks
from headstart.adaptation import strategy_named
from headstart.adaptation._fit import fit
from headstart.adaptation.base import Job, Recipe
from headstart.bases import load_base
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.data.answers.label_sets import as_said, set_of
from headstart.preprocessing.text import TextPreprocess
from headstart.runtime import Runtime
from headstart.shipping.bundles.exported import Exported
from headstart.shipping.bundles.predict import Predictor
from headstart.tasks.answers.base import Judged
from headstart.tasks.multilabel_text_classification import plugin
from headstart.tasks.scores.label_sets import matched
from stories import PLENTY, Finished, refused, said, shorten
from texts import examples as some_texts

PREPROCESS = TextPreprocess(languages.word_pieces().to_str(), 40, 40)
SAID = np.array([as_said(["a"], {"a": 0.9, "b": 0.1}), as_said([], {"a": 0.2, "b": 0.5})], dtype=object)
RIGHT = np.array(["a|b", ""], dtype=object)


def test_what_it_fits(tmp_path, image_folder):
    folder = languages.write_label_sets(tmp_path / "sets")
    assert plugin.reader.claims(folder)
    assert tasks.infer(folder) == tasks.infer(folder / "train.jsonl") == "multilabel_text_classification"
    assert tasks.infer(pd.DataFrame({"text": ["a"], "labels": ["b"]})) == "multilabel_text_classification"
    assert tasks.infer(pd.DataFrame({"text": ["a"], "label": ["b"]})) == "text_classification"
    assert not plugin.reader.claims(image_folder())


def test_every_text_keeps_its_own_labels(tmp_path):
    examples = data.load(languages.write_label_sets(tmp_path / "sets", 30), plugin).examples
    sets = {text: tuple(labels) for text, labels in languages.label_sets(30)}
    assert [sets[source.decode()] for source in examples.sources] == [
        set_of(answer).labels for answer in examples.answers
    ]
    assert not examples.targets.classes
    assert examples.categories == tuple(sorted(languages.TOPICS))


def test_inputs_are_those_of_texts():
    inputs = plugin.unanswered([b"rain", b"the sea"], PREPROCESS)
    assert plugin.preprocess(PREPROCESS, some_texts(("rain",)), [0]).size == 8
    assert len(np.unique(plugin.modality.impressions(inputs, np.arange(2)), axis=0)) == 2


def test_a_model_says_what_its_head_finds_likely():
    head = plugin.answer.head(2, ("a", "b"))
    with torch.no_grad():
        head.weight.copy_(torch.tensor([[1.0, -1.0], [-1.0, 1.0]]))
    found = plugin.answer.answers(
        nn.Sequential(nn.Identity(), head), torch.tensor([[3.0, 1.0], [1.0, 3.0]]), PREPROCESS
    )
    assert [set_of(one).labels for one in found] == [("a",), ("b",)]
    assert set_of(found[0]).probabilities["a"] == pytest.approx(1 / (1 + np.exp(-2)), abs=1e-4)


def test_scores_are_parts_of_micro_f1():
    metrics = plugin.metrics(SAID, RIGHT)
    assert next(iter(metrics)) == plugin.score.name == "micro_f1"
    assert metrics["micro_f1"] == pytest.approx(2 / 3)
    assert plugin.score.of(SAID, RIGHT).mean() == pytest.approx(2 / 3)
    assert metrics["exact_match"] == 0.5


def test_what_it_says_and_shows():
    assert plugin.answer.decode(SAID, ()) == [
        {"labels": ["a"], "probabilities": {"a": 0.9, "b": 0.1}},
        {"labels": [], "probabilities": {"a": 0.2, "b": 0.5}},
    ]
    assert plugin.answer.compared(plugin.modality, Judged(b"two\n words", "a|b", SAID[0]), 96) == {
        "text": "two words", "label": "a, b", "predicted": "a (90%)",
    }  # fmt: skip
    assert plugin.answer.compared(plugin.modality, Judged(b"x", "", SAID[1]), 96) == {
        "text": "x", "label": "(no label)", "predicted": "(no label)",
    }  # fmt: skip
    assert set(plugin.strategies) <= set(registry.names("adaptation"))


def test_a_report_shows_telling_words_of_each_label(tmp_path):
    splits = data.load(languages.write_label_sets(tmp_path / "sets", 80), plugin)
    found = plugin.modality.evidence(splits.examples, splits.train, np.arange(40), PREPROCESS)
    assert [row["label"] for row in found["words"]] == sorted(languages.TOPICS)
    for row in found["words"]:
        words = {word["word"] for word in row["words"]}
        assert len(words & set(languages.TOPICS[row["label"]])) > 2
        assert not words & {
            word for topic in languages.TOPICS if topic != row["label"] for word in languages.TOPICS[topic]
        }
    assert found["lengths"]["texts"] == 40


def finished(home, sets, base):
    """A whole run, planned short."""
    with pytest.MonkeyPatch.context() as patch:
        shorten(patch)
        done = said("run", sets, "--base", base, "--minutes", PLENTY, "--json", "--out", home / "run")
    assert done.code == 0, done.err
    return Finished(sets, base, home / "run", done)


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """A run on texts with sets of labels."""
    home = tmp_path_factory.mktemp("run")
    sets = languages.write_label_sets(home / "sets", 80)
    return finished(home, sets, languages.write(home / "base", "minilm")[0])


def test_a_run_compares_the_arms(run):
    result = run.said.json
    assert run.read("result.json") == result
    assert [arm["name"] for arm in result["arms"]] == [
        "majority_labels",
        "tfidf_labels",
        "frozen",
        "finetune",
        "scratch",
    ]
    assert result["task"] == "multilabel_text_classification"
    assert result["metric"]["name"] == "micro_f1"
    assert {"micro_f1", "macro_f1", "exact_match", "hamming_loss", "f1 cooking"} <= result["metrics"].keys()
    assert result["data"]["labels"] == sorted(languages.TOPICS)
    assert result["verdict"]["baseline"] == "scratch"
    assert "no_label" in [one["kind"] for one in result["data"]["findings"]]
    assert (run.folder / "report.html").is_file()
    assert "cooking" in (run.bundle / "README.md").read_text("utf-8")


def test_a_head_on_a_frozen_base_learns_its_texts(tmp_path):
    splits = data.load(languages.write_label_sets(tmp_path / "sets", 60), plugin)
    base = load_base(str(languages.write(tmp_path / "base", "minilm")[0]), "text")
    base = plugin.suited(base, splits.examples, range(len(splits.examples)))
    pool = np.concatenate([splits.train, splits.validation])
    passes = FrozenPass(Cache(tmp_path / "cache"), Runtime())
    recipe = Recipe(size=base.preprocess.size, head_epochs=20)
    job = Job("frozen", strategy_named("frozen"), 0, recipe, splits.train, splits.validation)
    fitted = fit(job, Bench(plugin, splits.examples, pool, base, passes), tmp_path)
    assert fitted.history.train[-1] < 0.6 < fitted.history.train[0]
    assert fitted.kept.keys() == {"head.weight", "head.bias"}


def test_a_fresh_predictor_says_what_the_run_measured(run):
    rows = run.read("evidence.json")["predictions"]
    examples = data.load(run.data, plugin).examples
    known = dict(zip(examples.names, examples.sources, strict=True))
    found = list(Predictor(run.bundle).predict([known[row["file"]] for row in rows]))
    measured = [set_of(row["predicted"]) for row in rows]
    assert [tuple(one["labels"]) for one in found] == [one.labels for one in measured]
    for one, other in zip(found, measured, strict=True):
        assert one["probabilities"] == pytest.approx(other.probabilities, abs=1e-4)
    again = matched([row["predicted"] for row in rows], [row["label"] for row in rows])
    assert again.metrics()["micro_f1"] == pytest.approx(run.said.json["metric"]["value"])


def test_predictions_are_lines_tables_and_json(run, tmp_path):
    one = said("predict", run.bundle, "soup and bread", "--json")
    plain = json.loads(one.out)
    assert plain.keys() == {"input", "labels", "probabilities"}
    assert plain["probabilities"].keys() == languages.TOPICS.keys()
    assert (
        said("predict", run.bundle, "soup and bread").out
        == f"soup and bread\t{'|'.join(plain['labels']) or 'nothing found'}\n"
    )
    said("predict", run.bundle, run.data / "train.jsonl", "--out", tmp_path / "all.csv")
    with (tmp_path / "all.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 80
    for row in rows:
        likely = [name for name in sorted(languages.TOPICS) if float(row[f"probability of {name}"]) > 0.5]
        assert row["labels"] == "|".join(likely)


def test_a_bundle_is_measured_on_other_texts(run, tmp_path):
    more = languages.write_label_sets(tmp_path / "more", 40, seed=1)
    (more / "train.jsonl").rename(more / "test.jsonl")
    measured = said("evaluate", run.bundle, more, "--json").json
    rows = languages.label_sets(40, seed=1)
    found = list(Predictor(run.bundle).predict([text.encode() for text, _ in rows]))
    expected = matched(["|".join(one["labels"]) for one in found], ["|".join(labels) for _, labels in rows])
    assert measured["metric"]["value"] == pytest.approx(expected.metrics()["micro_f1"])
    assert measured["split"] == "test"


def test_an_exported_bundle_says_the_same(run, tmp_path):
    bundle = shutil.copytree(run.bundle, tmp_path / "bundle")
    record = said("export", bundle, "--data", run.data, "--json").json
    assert record["metric"]["difference"] == 0
    exported, plain = Predictor(bundle), Predictor(run.bundle)
    assert isinstance(exported.network, Exported)
    sources = [text.encode() for text, _ in languages.label_sets(10, seed=2)]
    for one, other in zip(exported.predict(sources), plain.predict(sources), strict=True):
        assert one["labels"] == other["labels"]
        assert one["probabilities"] == pytest.approx(other["probabilities"], abs=1e-4)


def test_other_test_labels_change_no_weight_and_the_same_seed_repeats(run, tmp_path):
    """Without splits of its own the test split is drawn from contents alone: the same texts are held out."""
    rows = [json.loads(line) for line in (run.data / "train.jsonl").read_text("utf-8").splitlines()]
    held = {row["file"] for row in run.read("evidence.json")["predictions"]}
    for number, row in enumerate(rows, start=1):
        if f"train.jsonl line {number}" in held:
            row["labels"] = [name for name in languages.TOPICS if name not in row["labels"]]
    (tmp_path / "sets").mkdir()
    (tmp_path / "sets" / "train.jsonl").write_text("\n".join(map(json.dumps, rows)) + "\n", "utf-8")
    other = finished(tmp_path, tmp_path / "sets", run.base)
    assert other.weights == run.weights
    assert other.read("result.json")["metrics"] != run.read("result.json")["metrics"]


def test_strategies_that_need_classes_are_refused(run):
    refused(said("run", run.data, "--base", run.base, "--strategy", "contrastive", "--minutes", "1"))


def test_texts_have_one_view_and_many_fit_a_step(run):
    """Unlike scenes, whose head is trained by steps as well."""
    recipes = run.read("settings.json")["plan"]["recipes"]
    assert {recipe["views"] for recipe in recipes.values()} == {0}
    assert {recipe["batch"] for recipe in recipes.values()} == {16}
