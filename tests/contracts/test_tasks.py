"""Every task is asked the same questions, on a tiny data set of its modality."""

import copy
import json

import numpy as np
import pandas as pd
import pytest
import torch
from safetensors.torch import save_file

import languages
import pictures
import scenery
import serial
import sounds
import tastes
from headstart import data, registry, tasks
from headstart.bases import build, load_base
from headstart.bases.networks.maps import maps_of
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.data.answers import boxes
from headstart.data.images import decode as images
from headstart.data.ratings.histories import decoded as history_of
from headstart.data.series.histories import decoded
from headstart.data.sound.decode import read as read_sound
from headstart.data.strings import text_of
from headstart.errors import DataError, HeadstartError
from headstart.preprocessing.image import ImagePreprocess
from headstart.preprocessing.ratings import RatingsPreprocess
from headstart.preprocessing.series import SeriesPreprocess
from headstart.preprocessing.sound import SoundPreprocess
from headstart.preprocessing.text import TextPreprocess
from headstart.preprocessing.translation import PairPreprocess
from headstart.runtime import Runtime
from headstart.tasks.answers.base import Judged
from headstart.tasks.base import Task
from headstart.tasks.baselines import base as baselines
from headstart.types import NO_MAPS, Architecture, Maps
from pictures import write_folder

TASKS = registry.names("tasks")


def those(which):
    """Asked of some tasks, by their answer."""
    return pytest.mark.parametrize("name", [one for one in TASKS if which(registry.get("tasks", one).answer)])


of_classes = those(lambda answer: answer.classes)
of_solved_heads = those(lambda answer: answer.headed == "solved")
of_trained_heads = those(lambda answer: answer.headed == "trained")
of_learned_heads = those(lambda answer: answer.headed != "none")
of_places = those(lambda answer: answer.moves)
SCENES = {"train": 6, "valid": 2, "test": 4}
FOLDERS = {
    "object_detection": lambda folder: scenery.write_boxes(folder, SCENES),
    "segmentation": lambda folder: scenery.write_masks(folder, SCENES),
    "image_regression": lambda folder: pictures.write_values(folder, 12),
    "multilabel_image_classification": lambda folder: pictures.write_label_sets(folder, 12),
    "multilabel_text_classification": lambda folder: languages.write_label_sets(folder, 12),
    "speech_recognition": lambda folder: sounds.write_words(folder, 12),
    "image": lambda folder: write_folder(folder, per_class=4),
    "text": lambda folder: languages.write_texts(folder, per_class=4),
    "sound": lambda folder: sounds.write_folder(folder, per_class=4),
    "translation": lambda folder: languages.write_toy_pairs(folder, 12),
    "series": lambda folder: serial.write_table(folder, 3, 34),
    "ratings": lambda folder: tastes.write(folder, users=5)[0],
}
"""A data set by task, or else by its modality: a task of a new one brings its own here."""
MAPS = Maps(((4, 8, 8), (6, 4, 4)), 32)
"""Of a head that reads feature maps."""
PREPROCESS = {
    "image": ImagePreprocess(16, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    "text": TextPreprocess(languages.word_pieces().to_str(), 40, 40),
    "sound": SoundPreprocess(100, 100),
    "series": SeriesPreprocess(),
    "ratings": RatingsPreprocess(),
    "translation": PairPreprocess(languages.unigrams().to_str(), 40, 40),
}
DTYPES = {
    "image": torch.float32,
    "text": torch.int64,
    "sound": torch.float32,
    "translation": torch.int64,
    "series": torch.float32,
    "ratings": torch.float32,
}
"""Of a network's inputs."""

WIDTHS = [4, 8, 8, 8]


def a_glyphnet(folder):
    folder.mkdir()
    config = {"architecture": "glyphnet", "input_size": [3, 32, 32], "model_args": {"widths": WIDTHS}}
    languages.note(folder / "config.json", config)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = build(Architecture("builtin", "glyphnet", {"widths": WIDTHS}))
    save_file(network.state_dict(), folder / "model.safetensors")
    return str(folder)


BASES = {
    "image": a_glyphnet,
    "text": lambda folder: str(languages.write(folder, "minilm")[0]),
    "sound": sounds.write_base,
    "series": serial.write_base,
    "translation": lambda folder: str(languages.write(folder, "t5")[0]),
}
"""By modality, what writes a tiny base and gives its name."""


@pytest.fixture(params=TASKS)
def name(request):
    return request.param


@pytest.fixture
def task(name, monkeypatch) -> Task:
    found = registry.get("tasks", name)
    if found.answer.moves:  # of whole scenes: they are small here
        scenery.shrink(monkeypatch.setattr)
    return found


@pytest.fixture
def folder(name, task, tmp_path):
    assert {name, task.modality.name} & FOLDERS.keys(), f"write FOLDERS[{name!r}] in {__file__}"
    return FOLDERS.get(name, FOLDERS.get(task.modality.name))(tmp_path / "data")


@pytest.fixture
def splits(task, folder):
    return data.load(folder, task)


@pytest.fixture
def inputs(task, splits, tmp_path):
    every = range(len(splits.examples))
    preprocess = task.preprocess(PREPROCESS[task.modality.name], splits.examples, every)
    return task.inputs(splits.examples, preprocess, Cache(tmp_path / "cache"))


@pytest.fixture
def bench(task, splits, tmp_path):
    """The data set on a tiny base of the modality."""
    modality = task.modality.name
    fitted = task.fitter is not None
    passes = FrozenPass(Cache(tmp_path / "passes"), Runtime())
    base = (
        task.fitter.base(None, splits.examples, passes)
        if fitted
        else load_base(BASES[modality](tmp_path / "base"), modality)
    )
    base = task.suited(base, splits.examples, range(len(splits.examples)))
    pool = np.concatenate([splits.train, splits.validation])
    return Bench(task, splits.examples, pool, base, passes)


def answers(k, n=40, seed=0):
    draws = np.random.default_rng(seed)
    return draws.normal(size=(n, k)), draws.integers(0, k, n)


def answered(task, splits, n=40):
    """(n,) made outputs and what is right, as the task has them."""
    if task.answer.classes:
        return answers(len(splits.examples.categories), n)
    draws = np.random.default_rng(0)
    outputs, right = draws.choice(splits.examples.answers, (2, n))
    return as_given(task, outputs), right


def as_given(task, right):
    """(n,) right answers as a model gives them: boxes have scores, no two of them equal."""
    sure = task.answer.certain(right)
    if sure is right or not task.answer.moves:
        return sure
    every = [boxes.boxes_of(one) for one in right.tolist()]
    scores = iter(np.random.default_rng(1).permutation(np.linspace(0.31, 0.99, sum(map(len, every)))))
    given = [boxes.as_answer((*box[:5], next(scores)) for box in found) for found in every]
    return np.array(given, dtype=object)


def a_head(task, splits):
    """A new head and the width of what it reads."""
    width = 7 if task.answer.finest is None else sum(c * h * w for c, h, w in MAPS.shapes)
    maps = NO_MAPS if task.answer.finest is None else MAPS
    head = task.answer.head(width, splits.examples.categories, maps)
    return head, width * steps(task, splits)


def steps(task, splits):
    """How often the width of a head is in a row of features: once, or for each step that is asked for."""
    return len(splits.examples.categories) if task.modality.name == "series" else 1


def right_and_wrong(task, splits):
    """Outputs that are right, others that are wrong, and what is right."""
    if not task.answer.classes:
        right = splits.examples.answers
        return as_given(task, right), as_given(task, np.roll(right, 1)), right
    k = len(splits.examples.categories)
    _, targets = answers(k)
    return np.eye(k)[targets] * 5, np.eye(k)[(targets + 1) % k] * 5, targets


def other_kinds(tmp_path):
    """Folders of bytes that are nobody's, and of nothing."""
    unknown, empty = tmp_path / "unknown", tmp_path / "empty"
    for label in "ab":
        (unknown / label).mkdir(parents=True)
        (unknown / label / "1.xyz").write_bytes(b"\x00\x01\x02\x03" * 9)
    empty.mkdir()
    return unknown, empty


def test_there_is_a_task():
    assert "image_classification" in TASKS


def test_it_is_told_from_its_data(name, task, folder):
    assert task.reader.claims(folder)
    assert tasks.infer(folder) == name


def test_the_wrong_kind_of_data_is_refused_with_a_hint(task, tmp_path):
    for wrong in (*other_kinds(tmp_path), pd.DataFrame({"nothing": [1]})):
        assert not task.reader.claims(wrong)
        with pytest.raises(DataError) as caught:
            task.reader.read(wrong)
        assert caught.value.message
        assert caught.value.hint


def test_every_usable_row_comes_out_once(task, folder):
    listing = task.reader.read(folder)
    names = [row.name for row in listing.rows]
    assert len(set(names)) == len(names) == 12
    assert all(task.modality.examine(row.source) is None for row in listing.rows)
    assert listing.dropped == ()


def test_what_cannot_be_used_has_a_reason(task, tmp_path):
    (tmp_path / "broken.bin").write_bytes(b"nobody can open this\xff")
    for source in (tmp_path / "broken.bin", tmp_path / "gone", b""):
        reason = task.modality.examine(source)
        assert reason
        assert "\n" not in reason


def test_inputs_repeat_and_views_come_from_the_generator_alone(task, inputs):
    rows = np.array([2, 0, 5])
    assert torch.equal(inputs.batch(rows), inputs.batch(rows))
    (alone,) = inputs.batch(rows[1:2])
    assert torch.equal(inputs.batch(rows)[1][..., : alone.shape[-1]], alone)

    def view(seed):
        return inputs.batch(rows, seed)

    torch.manual_seed(1)
    first = view(3)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert torch.equal(first, view(3))
    assert torch.equal(torch.get_rng_state(), before)
    assert torch.equal(first, view(4)) != inputs.augments
    assert torch.equal(first, inputs.batch(rows)) != inputs.augments
    assert first.shape == inputs.batch(rows).shape
    assert first.dtype == DTYPES[task.modality.name]


def test_the_order_of_computing_is_one_of_all_examples(inputs, splits):
    rows = np.arange(len(splits.examples))[::-1]
    assert sorted(inputs.ordered(rows)) == sorted(rows)
    assert inputs.ordered(rows[:0]).tolist() == []
    assert inputs.ordered(rows).tolist() == inputs.ordered(rows).tolist()


def test_a_preprocessing_is_fitted_once(task, splits):
    every = range(len(splits.examples))
    found = task.preprocess(PREPROCESS[task.modality.name], splits.examples, every)
    assert found.modality == task.modality.name
    assert task.preprocess(found, splits.examples, every) == found


def test_every_dull_baseline_answers_and_repeats(task, bench, splits):
    rows = splits.test
    assert len(set(task.baselines)) == len(task.baselines) > 0
    for name in task.baselines:
        assert name.isidentifier()
        outputs, again = (baselines.get(name).fit(bench, splits.train).outputs(rows) for _ in range(2))
        assert len(outputs) == len(rows)
        np.testing.assert_array_equal(outputs, again)
        scores = task.score.of(outputs, splits.examples.answers[rows])
        assert np.isfinite(scores).all()
        if task.answer.classes:
            assert outputs.shape == (len(rows), len(splits.examples.categories))
            assert np.isfinite(outputs).all()


def test_what_ships_of_a_dull_baseline_answers_as_it_does(task, bench, splits):
    """Its architecture, its preprocessing and its head."""
    rows = splits.test
    for name in task.baselines:
        dull = baselines.get(name).fit(bench, splits.train)
        if not dull.ships or task.fitter is not None:  # whole models: tests/tasks/baselines/test_listed.py
            continue
        made = dull.shippable()
        network = build(made.architecture)
        network.load_state_dict(made.backbone.state_dict())
        inputs = task.inputs(splits.examples, made.preprocess)
        with torch.no_grad():
            features, every = (network(inputs.batch(some)).numpy() for some in (rows, np.arange(4)))
        assert every.shape == (4, made.head.weight.shape[1] * steps(task, splits))
        assert np.isfinite(every).all()
        assert every.std(0).max() > 0
        np.testing.assert_allclose(made.head.outputs(features), dull.outputs(rows), rtol=1e-2, atol=1e-2)


@of_classes
def test_the_frozen_pass_gives_the_networks_own_features(bench):
    base = bench.base
    batch = bench.subject(base.preprocess.size).inputs.batch(bench.everything)
    with torch.no_grad():
        expected = base.network()(batch).numpy()
    np.testing.assert_allclose(bench.features(), expected, atol=1e-4)


def test_what_a_report_shows_is_plain_and_small(task, splits):
    for source in splits.examples.sources[:3]:
        found = task.modality.shown(source, 96)
        assert json.loads(json.dumps(found)) == found
        assert found.keys() in ({"picture"}, {"text"}, {"picture", "sound"})
        assert all(found.values())


def features_of(task, n, width):
    """(n, d) made features; of a head that reads every step (n, L, d)."""
    shape = (n, width) if task.answer.together else (n, 48, width)
    return torch.randn(shape, generator=torch.Generator().manual_seed(0))


def test_a_head_saves_loads_and_repeats(task, splits):
    def head(seed):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            found, width = a_head(task, splits)
            return found.eval(), width

    (first, width), (other, _) = head(0), head(0)
    features = features_of(task, 5, width)
    assert torch.equal(first(features), other(features))
    assert first(features).shape[0] == 5
    assert bool(list(first.parameters())) == (task.answer.headed != "none")
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.add_(1.0)
    other.load_state_dict(copy.deepcopy(first.state_dict()))
    assert torch.equal(first(features), other(features))


@of_learned_heads
def test_the_loss_is_one_number_an_example_and_can_be_learned(task, splits, inputs):
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        head, width = a_head(task, splits)
    features = features_of(task, 9, width)
    rows = np.arange(9)
    targets = (
        inputs.answers(rows, None)
        if task.answer.moves
        else task.answer.wanted(splits.examples.targets, splits.train)[:9]
    )
    loss = task.answer.loss(head.eval()(features), targets)
    assert loss.shape == (9,)
    assert loss.isfinite().all()
    order = torch.randperm(9, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(task.answer.loss(head(features[order]), targets[order]), loss[order])
    optimizer = torch.optim.Adam(head.train().parameters(), lr=0.05 if task.answer.finest is None else 0.01)
    for _ in range(100):
        optimizer.zero_grad()
        task.answer.loss(head(features), targets).mean().backward()
        optimizer.step()
    assert task.answer.loss(head(features), targets).mean() < 0.5 * loss.mean()


@of_places
def test_what_is_right_repeats_and_belongs_to_its_example_and_view(task, inputs):
    rows = np.array([2, 0, 5])
    right = inputs.answers(rows, 3)
    assert len(right) == 3
    assert torch.equal(right, inputs.answers(rows, 3))
    for number, row in enumerate(rows):
        (alone,) = inputs.answers(np.array([row]), 3)
        assert torch.equal(right[number][tuple(map(slice, alone.shape))], alone), (
            "whatever is asked beside it"
        )
    plain, other = inputs.answers(rows, None), inputs.answers(rows, 4)
    assert torch.equal(plain, inputs.answers(rows))
    assert not (plain.shape == right.shape and torch.equal(plain, right)), "places move with the view"
    assert not (other.shape == right.shape and torch.equal(other, right))


@of_trained_heads
def test_a_whole_model_answers_as_its_answers_are_written(task, bench, splits):
    """What it says can be measured, decoded and shown, whatever it says."""
    network = bench.base.network()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        head = task.answer.head(bench.base.card.width, splits.examples.categories, maps_of(network))
        for parameter in head.parameters():
            torch.nn.init.normal_(parameter, std=0.3)  # a new head says too little
    model = torch.nn.Sequential(network, head).eval()
    rows = splits.test
    with torch.no_grad():
        said = task.answer.answers(model, bench.subject(bench.base.preprocess.size).inputs.batch(rows), None)
    assert said.shape == (len(rows),)
    found = task.answer.learned(task.answer.targets(said.tolist()), np.arange(len(said)))
    assert set() < set(found.categories) <= set(splits.examples.categories)
    assert task.score.low <= task.score.value(said, splits.examples.answers[rows]) <= task.score.high
    sources = [splits.examples.sources[row] for row in rows]
    assert len(task.answer.decode(said, splits.examples.categories, sources)) == len(rows)
    judged = Judged(sources[0], splits.examples.answers[rows[0]], said[0])
    shown = task.answer.compared(task.modality, judged, 96)
    assert shown.keys() <= {"picture", "sound", "scene", "text", "label", "predicted"}
    assert all(shown.values())


def test_the_default_metric_comes_first_and_is_the_mean_of_the_scores(task, splits):
    outputs, targets = answered(task, splits)
    metrics = task.metrics(outputs, targets)
    assert next(iter(metrics)) == task.score.name
    assert task.score.of(outputs, targets).shape == (len(targets),)
    assert task.score.of(outputs, targets).mean() == pytest.approx(metrics[task.score.name])
    assert task.score.low <= metrics[task.score.name] <= task.score.high
    assert all(np.isfinite(value) for value in metrics.values())


def test_the_metric_knows_which_way_is_better(task, splits):
    right, wrong, targets = right_and_wrong(task, splits)
    good, bad = (task.score.of(outputs, targets).mean() for outputs in (right, wrong))
    assert (good > bad) == (task.score.sign > 0)


def test_the_order_of_the_examples_changes_no_metric(task, splits):
    outputs, targets = answered(task, splits)
    order = np.random.default_rng(1).permutation(len(targets))
    assert task.metrics(outputs[order], targets[order]) == pytest.approx(task.metrics(outputs, targets))


def test_answers_are_one_json_record_an_example(task, splits):
    labels = splits.examples.categories
    outputs, _ = answered(task, splits, n=3)
    decoded = task.answer.decode(outputs, labels)
    assert len(decoded) == 3
    assert json.loads(json.dumps(decoded)) == decoded
    assert task.answer.decode(outputs[1:2], labels) == decoded[1:2]


def test_thumbnails_tell_examples_apart_or_are_none(task, inputs, splits):
    rows = np.arange(len(splits.examples))
    small = task.modality.impressions(inputs, rows)
    assert small is None or (len(small) == len(rows) and len(np.unique(small, axis=0)) == len(rows))


@of_classes
def test_three_examples_of_a_class_are_enough(task, tmp_path):
    folder = FOLDERS[task.modality.name](tmp_path / "few")
    labels = sorted({path.parent for path in folder.rglob("*") if path.is_file()})
    for home in labels:
        for extra in sorted(home.iterdir())[3:]:
            extra.unlink()
    splits = data.load(folder, task)
    targets = splits.examples.answers
    assert all(len(np.unique(targets[rows])) == len(labels) for rows in (splits.train, splits.test))


def test_a_base_of_another_modality_is_refused_with_a_hint(task, tmp_path):
    for modality, write in BASES.items():
        name = write(tmp_path / modality)
        if modality == task.modality.name:
            assert load_base(name, task.modality.name).card.modality == modality
            continue
        if (modality, task.modality.name) == ("translation", "text"):
            assert load_base(name, "text").card.modality == "text", "its encoder reads texts"
            continue
        modality = load_base(name).card.modality  # an encoder-decoder is a reader first
        with pytest.raises(HeadstartError, match=f"is a base for {modality}") as caught:
            load_base(name, task.modality.name)
        assert task.modality.name in caught.value.hint


def test_what_examine_accepts_can_be_decoded(task, splits):
    readers = {
        "image": images.decode,
        "text": text_of,
        "sound": read_sound,
        "translation": text_of,
        "series": decoded,
        "ratings": history_of,
    }
    decode = readers[task.modality.name]
    assert all(decode(source) for source in splits.examples.sources)
