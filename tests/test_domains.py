"""Whole runs from one domain to another, as people start them."""

from __future__ import annotations

import json
import shutil

import numpy as np
import pytest
import torch
from PIL import Image, ImageOps
from safetensors.numpy import load_file

import headstart as hs
import languages
import sounds
from headstart import across, domains
from headstart.bases.passes import engines
from headstart.errors import HeadstartError
from headstart.records import Counts, Data, LeftOut
from headstart.types import Interval
from headstart.verification.guard import SHARED
from pictures import write_folder, write_label_sets
from stories import refused, said, said_apart


def outcome(**changes):
    """A record as a run without labels tells it."""
    arm = across.Arm("align", 1.0, {"a": 0.5, "b": 0.5}, None)
    facts = {
        "schema": across.SCHEMA,
        "headstart": "0",
        "task": "image_classification",
        "base": "a/base",
        "data": Data(
            9, 3, 3, ("a", "b"), {"a": Counts(5, 2, 2), "b": Counts(4, 1, 1)}, LeftOut(()), (), "sha256:0"
        ),
        "target": 40,
        "source_accuracy": across.Rate(0.9, Interval(0.7, 1.0)),
        "source_shares": {"a": 0.5, "b": 0.5},
        "chosen": "align",
        "beside": "source_only",
        "why": "the guard has nothing against it",
        "arms": (arm, across.Arm("source_only", 0.8, {"a": 0.7, "b": 0.3}, None)),
        "guard": across.Guard("same", 40, 0.9, 0.5, 0.4, 0.9, 0.2, 0.1, 0.9, ()),
        "verdict": across.Verdict("undecided", "align", 0.2, 0, 0, None, None, "undecided: no labels"),
        "to_label": ("x.png", "y.png"),
        "needed": 120,
        "notes": ("a note",),
        "seconds": {"total": 1.0},
    }
    return across.Across(**facts | changes)


def negative(folder, to):
    """The same pictures in other looks, in no folders: nothing tells their classes."""
    to.mkdir()
    for number, path in enumerate(sorted(folder.rglob("*.png"))):
        ImageOps.invert(Image.open(path).convert("RGB")).save(to / f"{number:03d}.png")
    return to


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """A source, a target in other looks, and some of that with labels."""
    folder = tmp_path_factory.mktemp("across")
    write_folder(folder / "source", per_class=14)
    labelled = write_folder(folder / "labelled", per_class=14, seed=3)
    for path in labelled.rglob("*.png"):
        ImageOps.invert(Image.open(path).convert("RGB")).save(path)
    negative(write_folder(folder / "plain", per_class=14, seed=3), folder / "target")
    return folder


@pytest.fixture(scope="module")
def run(home, tiny_base):
    torch.set_num_threads(1)  # as in tests: other numbers of threads give other last digits
    with pytest.MonkeyPatch.context() as patch:
        one_engine(patch)
        return finished(home, tiny_base)


@pytest.fixture(autouse=True)
def plain_engine(monkeypatch):
    one_engine(monkeypatch)


def one_engine(patch):
    """Which engine is quickest hangs on what else the machine does, and engines differ in the last digits."""
    patch.setattr(engines, "rate", lambda *_: 1.0)


def finished(home, tiny_base):
    return hs.run_domains(
        home / "source", home / "target", base=str(tiny_base), out=home / "run", proportions="same"
    )


def weights(folder):
    return load_file(folder / "model.safetensors")


def test_without_labels_it_is_undecided_and_two_models_ship(run):
    told = run.outcome
    assert (told.verdict.call, told.verdict.delta, told.verdict.labels) == ("undecided", None, 0)
    assert all(arm.target is None for arm in told.arms)
    assert told.reinit is None
    assert {told.chosen, told.beside} == {"align_self", "source_only"}
    assert told.target == 42
    assert len(told.to_label) == 30
    other = told.guard.halves < SHARED * told.guard.source_halves
    assert any("other things" in note for note in told.notes) == other
    facts = [
        json.loads((model.folder / "bundle.json").read_text())["facts"]["arm"]
        for model in (run.model, run.beside)
    ]
    assert facts == [told.chosen, told.beside]
    assert set(run.model.predict(next((run.folder.parent / "target").iterdir()))) >= {"label", "probability"}


def test_what_is_printed_and_written_is_no_accuracy_on_the_target(run):
    page = (run.folder / "report.html").read_text("utf-8")
    assert page.count("not known") == len(run.outcome.arms)
    assert "undecided" in page
    assert "nobody can tell" in (run.folder / "bundle" / "README.md").read_text("utf-8")


def test_the_report_is_written_anew(run):
    page = run.folder / "report.html"
    before = page.read_bytes()
    page.unlink()
    assert said("report", run.folder).code == 0
    assert page.read_bytes() == before


def test_the_bundle_says_what_the_head_of_its_arm_says(run, home):
    """What ships is what was judged: the shares of classes are those of the bundle's own answers."""
    rows = run.model.predict(sorted((home / "target").iterdir()))
    labels = [row["label"] for row in rows]
    arm = next(one for one in run.outcome.arms if one.name == run.outcome.chosen)
    assert {name: labels.count(name) / len(labels) for name in arm.shares} == pytest.approx(
        arm.shares, abs=0.03
    )


def test_the_source_alone_is_what_a_run_without_a_target_ships(run, home, tiny_base):
    model = hs.adapt(home / "source", base=str(tiny_base), strategy="frozen", out=home / "alone")
    alone = run.model if run.outcome.chosen == "source_only" else run.beside
    rows = sorted((home / "target").iterdir())
    told, plain = ([row["label"] for row in one.predict(rows)] for one in (alone, model))
    assert np.mean([a == b for a, b in zip(told, plain, strict=True)]) > 0.9


def test_labels_of_the_target_change_nothing(run, home, tiny_base, tmp_path):
    """In folders by class, and in folders of the wrong classes: the same bundles, byte for byte."""
    files = sorted((home / "target").iterdir())
    for turn in (0, 1):
        target = tmp_path / f"target-{turn}"
        for number, path in enumerate(files):
            label = ("circle", "square", "triangle")[(number // 14 + turn) % 3]
            (target / label).mkdir(parents=True, exist_ok=True)
            shutil.copy(path, target / label / path.name)
        out = tmp_path / f"run-{turn}"
        other = hs.run_domains(home / "source", target, base=str(tiny_base), out=out, proportions="same")
        assert (other.outcome.chosen, other.outcome.why) == (run.outcome.chosen, run.outcome.why)
        for ours, theirs in ((run.model, other.model), (run.beside, other.beside)):
            first, second = weights(ours.folder), weights(theirs.folder)
            assert first.keys() == second.keys()
            assert all((first[name] == second[name]).all() for name in first)


def test_labels_make_it_a_verdict(home, tiny_base, tmp_path):
    done = said(
        *("run", home / "source", "--unlabelled", home / "target", "--labelled-target", home / "labelled"),
        *("--base", tiny_base, "--out", tmp_path / "run", "--json"),
    )
    assert done.code == 0, done.err
    told = done.json
    assert told["verdict"]["labels"] == 42
    assert told["verdict"]["adapted"] == "few"
    low, high = told["verdict"]["interval"]
    assert low <= told["verdict"]["delta"] <= high
    assert {arm["name"] for arm in told["arms"]} >= {"few", "target_only"}
    assert all(0 <= arm["target"]["value"] <= 1 for arm in told["arms"])
    low, high = told["reinit"]["interval"]
    assert 0 <= low <= told["reinit"]["value"] <= high <= 1
    assert "the base's doing" in (tmp_path / "run" / "report.html").read_text("utf-8").replace("&#39;", "'")


def test_reinit_is_the_sources_model_on_another_network(home, tiny_base, tmp_path, monkeypatch):
    """With the base's own weights in the place of random ones it is right as often as the source's model."""
    monkeypatch.setattr(
        domains, "reinitialised", lambda bench, _: (bench.base.network(), bench.base.identity)
    )
    told = hs.run_domains(
        home / "source",
        home / "target",
        labelled_target=home / "labelled",
        base=str(tiny_base),
        out=tmp_path / "run",
    ).outcome
    assert told.reinit == next(arm.target for arm in told.arms if arm.name == "source_only")


def test_one_folder_of_both(home, tiny_base, tmp_path):
    shutil.copytree(home / "source", tmp_path / "both" / "source")
    shutil.copytree(home / "target", tmp_path / "both" / "target")
    done = said("run", tmp_path / "both", "--base", tiny_base, "--out", tmp_path / "run")
    assert done.code == 0, done.err
    assert "undecided: without labels of the target" in done.out
    assert "label these first" in done.out
    assert (tmp_path / "run" / "bundle" / "model.safetensors").is_file()


def test_a_gain_that_is_required_takes_labels(home, tiny_base, tmp_path):
    arguments = ("--base", tiny_base, "--out", tmp_path / "run", "--require-gain")
    assert said("run", home / "source", "--unlabelled", home / "target", *arguments).code == 3


def test_texts(tmp_path):
    languages.write(tmp_path / "base", "bert")
    base = tmp_path / "base"
    rows = {name: [] for name in ("source", "target")}
    for topic in languages.TOPICS:
        for name, seed in (("source", 0), ("target", 5)):
            rows[name] += [(text, topic) for text in languages.sentences(topic, 16, seed)]
    lines = "\n".join(f'"{text}",{topic}' for text, topic in rows["source"])
    (tmp_path / "source.csv").write_text(f"text,label\n{lines}\n", "utf-8")
    (tmp_path / "target.txt").write_text("\n".join(text.upper() for text, _ in rows["target"]), "utf-8")
    done = hs.run_domains(
        tmp_path / "source.csv", tmp_path / "target.txt", base=str(base), out=tmp_path / "run"
    )
    assert done.outcome.task == "text_classification"
    assert done.model.predict("a text")["label"] in languages.TOPICS


def test_sets_of_labels(tiny_base, tmp_path):
    """A label is a question of its own; the bundle says of the target what was judged."""
    source, labelled, heap = (
        write_label_sets(tmp_path / name, 60, seed)
        for name, seed in (("source", 0), ("labelled", 1), ("target", 2))
    )
    for path in (*labelled.glob("*.png"), *heap.glob("*.png")):
        ImageOps.invert(Image.open(path)).save(path)
    (heap / "metadata.csv").unlink()
    done = hs.run_domains(
        source, heap, labelled_target=labelled, base=str(tiny_base), out=tmp_path / "run", proportions="same"
    )
    told = done.outcome
    assert told.task == "multilabel_image_classification"
    assert (told.verdict.adapted, told.verdict.labels) == ("few", 60)
    assert {arm.name for arm in told.arms} >= {"few", "target_only", "align"}
    assert any("whole set" in note for note in told.notes)
    arm = next(one for one in told.arms if one.name == told.chosen)
    rows = done.model.predict(sorted(heap.glob("*.png")))
    said = {name: np.mean([name in row["labels"] for row in rows]) for name in arm.shares}
    assert said == pytest.approx(arm.shares, abs=0.03)
    assert set(arm.shares) == {"left", "right"}
    page = (done.folder / "report.html").read_text("utf-8")
    assert "left, right" in page
    assert "(no label)" in page


def test_sounds(tmp_path):
    sounds.write_folder(tmp_path / "source", per_class=8)
    sounds.write_folder(tmp_path / "target", per_class=12, seed=4)
    base = sounds.write_base(tmp_path / "base")
    done = hs.run_domains(tmp_path / "source", tmp_path / "target", base=str(base), out=tmp_path / "run")
    assert done.outcome.task == "audio_classification"


def test_a_run_that_was_killed_goes_on_to_the_same_bundle(home, tiny_base, tmp_path, commands):
    before = "from headstart import domains\ndomains._pack = lambda *_: __import__('os')._exit(9)"

    def started(name, before=""):
        arguments = ("--unlabelled", home / "target", "--base", tiny_base, "--out", tmp_path / name)
        cache = {"HEADSTART_CACHE": str(tmp_path / f"cache-{name}")}
        return said_apart(commands, "run", home / "source", *arguments, cwd=tmp_path, before=before, **cache)

    assert started("whole").code == 0
    assert started("killed", before).code != 0
    assert not (tmp_path / "killed" / "result.json").exists()
    assert started("killed").code == 0
    for place in ("bundle", "align/bundle"):
        first, second = (weights(tmp_path / name / place) for name in ("whole", "killed"))
        assert all((first[name] == second[name]).all() for name in first)
    refused(started("killed"))  # it is finished


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("source",), "no target"),
        (("source", "--unlabelled", "nowhere"), "nowhere"),
        (("source", "--unlabelled", "source"), "the target is the source"),
        (("nowhere", "--unlabelled", "target"), "nowhere"),
        (("target", "--unlabelled", "source"), ""),
        (("source", "--unlabelled", "words.txt"), ""),
        (("source", "--unlabelled", "target", "--labelled-target", "target"), "labelled target"),
        (("source", "--unlabelled", "target", "--labelled-target", "nowhere"), "nowhere` does not exist"),
        (("source", "--unlabelled", "target", "--labelled-target", "source"), "source too"),
        (("source", "--unlabelled", "target", "--set", "proportions=equal"), "proportions"),
        (("source", "--unlabelled", "target", "--set", "folds=5"), ""),
        (("source", "--unlabelled", "target", "--strategy", "finetune"), "--strategy"),
        (("source", "--unlabelled", "target", "--head", "fcos"), "head"),
        (("source", "--unlabelled", "target", "--task", "text_classification"), ""),
        (("measured", "--unlabelled", "target"), "needs classes or sets of labels"),
        (("source", "--unlabelled", "target", "--columns", "text=body"), ""),
        (("source", "--labelled-target", "labelled"), "no target"),
    ],
)
def test_what_cannot_be_is_refused_with_a_hint(home, tiny_base, tmp_path, arguments, words):
    (tmp_path / "words.txt").write_text("a text\nanother\n")
    shutil.copytree(write_label_sets(tmp_path / "some", 20), tmp_path / "measured")
    values = "".join(f"{number:03}.png,{number / 7}\n" for number in range(20))
    (tmp_path / "measured" / "metadata.csv").write_text(f"file_name,value\n{values}", "utf-8")
    for name in ("source", "target", "labelled"):
        (tmp_path / name).symlink_to(home / name)
    places = [tmp_path / one if (tmp_path / one).exists() or one == "nowhere" else one for one in arguments]
    given = [*places, "--base", tiny_base, "--out", tmp_path / "run"]
    if len(arguments) == 1:
        given[1:1] = ["--labelled-target", tmp_path / "labelled"]
    done = said("run", *given)
    refused(done)
    assert words in done.err
    assert not (tmp_path / "run").exists()


def test_one_source_has_one_target(home, tiny_base, tmp_path):
    shutil.copytree(home / "source", tmp_path / "both" / "source")
    shutil.copytree(home / "target", tmp_path / "both" / "target")
    done = said("run", tmp_path / "both", "--unlabelled", home / "target", "--base", tiny_base)
    refused(done)
    assert "another target" in done.err
    done = said("run", home / "source", home / "labelled", "--unlabelled", home / "target")
    refused(done, 2)


def test_declared_shares_are_for_a_run_with_a_target(home, tiny_base, tmp_path):
    refused(
        said(
            "run", home / "source", "--set", "proportions=same", "--base", tiny_base, "--out", tmp_path / "r"
        )
    )


def test_its_settings_are_not_those_of_a_plain_run(run, tmp_path):
    done = said("run", "--from", run.folder / "settings.json", "--out", tmp_path / "again")
    refused(done)
    assert "across domains" in done.err


def test_a_folder_of_another_run_is_left_alone(run, home, tiny_base):
    with pytest.raises(HeadstartError, match="finished run"):
        hs.run_domains(home / "source", home / "target", base=str(tiny_base), out=run.folder)
