"""Every task is asked the same questions, on a tiny data set of its modality."""

import copy
import json

import numpy as np
import pandas as pd
import pytest
import torch

from headstart import data, registry, tasks
from headstart.bases import build
from headstart.cache import Cache
from headstart.data import images
from headstart.errors import DataError, HeadstartError
from headstart.tasks.base import Task
from headstart.types import ImagePreprocess
from pictures import write_folder

TASKS = registry.names("tasks")
FOLDERS = {"image": lambda folder: write_folder(folder, per_class=4)}
"""A data set by modality: a task of a new one brings its own here."""
PREPROCESS = ImagePreprocess(16, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5))


@pytest.fixture(params=TASKS)
def name(request):
    return request.param


@pytest.fixture
def task(name) -> Task:
    return registry.get("tasks", name)


@pytest.fixture
def folder(task, tmp_path):
    assert task.modality in FOLDERS, f"write FOLDERS[{task.modality!r}] in {__file__}"
    return FOLDERS[task.modality](tmp_path / "data")


@pytest.fixture
def splits(task, folder):
    return data.load(folder, task)


@pytest.fixture
def inputs(task, splits, tmp_path):
    return task.inputs(splits.examples.sources, PREPROCESS, Cache(tmp_path / "cache"))


def answers(k, n=40, seed=0):
    draws = np.random.default_rng(seed)
    return draws.normal(size=(n, k)), draws.integers(0, k, n)


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
    assert task.fits(folder)
    assert tasks.infer(folder) == name


def test_the_wrong_kind_of_data_is_refused_with_a_hint(task, tmp_path):
    for wrong in (*other_kinds(tmp_path), pd.DataFrame({"nothing": [1]})):
        assert not task.fits(wrong)
        with pytest.raises(DataError) as caught:
            task.read(wrong)
        assert caught.value.message
        assert caught.value.hint


def test_every_usable_row_comes_out_once(task, folder):
    listing = task.read(folder)
    names = [row.name for row in listing.rows]
    assert len(set(names)) == len(names) == 12
    assert all(task.examine(row.source) is None for row in listing.rows)
    assert listing.dropped == ()


def test_what_cannot_be_used_has_a_reason(task, tmp_path):
    (tmp_path / "broken.bin").write_bytes(b"nobody can open this")
    for source in (tmp_path / "broken.bin", tmp_path / "gone", b""):
        reason = task.examine(source)
        assert reason
        assert "\n" not in reason


def test_inputs_repeat_and_views_come_from_the_generator_alone(inputs):
    rows = np.array([2, 0, 5])
    assert torch.equal(inputs.batch(rows), inputs.batch(rows))
    assert torch.equal(inputs.batch(rows)[1], inputs.batch(rows[1:2])[0])

    def view(seed):
        return inputs.batch(rows, seed)

    torch.manual_seed(1)
    first = view(3)
    torch.manual_seed(2)
    before = torch.get_rng_state()
    assert torch.equal(first, view(3))
    assert torch.equal(torch.get_rng_state(), before)
    assert not torch.equal(first, view(4))
    assert first.shape == inputs.batch(rows).shape
    assert first.dtype == torch.float32


def test_inputs_go_to_the_dull_backbone(task, inputs, splits):
    with torch.no_grad():
        features = build(task.dull)(inputs.batch(np.arange(4)))
    assert features.shape[0] == 4
    assert features.ndim == 2
    assert features.isfinite().all()
    assert features.std(0).max() > 0
    assert task.baseline.isidentifier()


def test_a_head_saves_loads_and_repeats(task, splits, inputs):
    labels = splits.examples.labels
    features = torch.randn(5, 7, generator=torch.Generator().manual_seed(0))

    def head(seed):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            return task.head(7, labels)

    first, other = head(0), head(0)
    assert torch.equal(first(features), other(features))
    assert first(features).shape[0] == 5
    with torch.no_grad():
        for parameter in first.parameters():
            parameter.add_(1.0)
    other.load_state_dict(copy.deepcopy(first.state_dict()))
    assert torch.equal(first(features), other(features))


def test_the_loss_is_one_number_an_example_and_can_be_learned(task, splits):
    labels = splits.examples.labels
    features = torch.randn(9, 7, generator=torch.Generator().manual_seed(0))
    targets = torch.from_numpy(splits.examples.targets[:9])
    head = task.head(7, labels)
    loss = task.loss(head(features), targets)
    assert loss.shape == (9,)
    assert loss.isfinite().all()
    order = torch.randperm(9, generator=torch.Generator().manual_seed(1))
    torch.testing.assert_close(task.loss(head(features[order]), targets[order]), loss[order])
    optimizer = torch.optim.Adam(head.parameters(), lr=0.05)
    for _ in range(100):
        optimizer.zero_grad()
        task.loss(head(features), targets).mean().backward()
        optimizer.step()
    assert task.loss(head(features), targets).mean() < 0.5 * loss.mean()


def test_the_default_metric_comes_first_and_is_the_mean_of_the_scores(task, splits):
    k = len(splits.examples.labels)
    outputs, targets = answers(k)
    metrics = task.metrics(outputs, targets)
    assert next(iter(metrics)) == task.metric
    assert task.scores(outputs, targets).shape == (len(targets),)
    assert task.scores(outputs, targets).mean() == pytest.approx(metrics[task.metric])
    assert 0 <= metrics[task.metric] <= 1
    assert all(np.isfinite(value) for value in metrics.values())


def test_the_metric_knows_which_way_is_better(task, splits):
    k = len(splits.examples.labels)
    _, targets = answers(k)
    right, wrong = np.eye(k)[targets], np.eye(k)[(targets + 1) % k]
    good, bad = (task.scores(outputs * 5, targets).mean() for outputs in (right, wrong))
    assert (good > bad) == task.higher_is_better


def test_the_order_of_the_examples_changes_no_metric(task, splits):
    outputs, targets = answers(len(splits.examples.labels))
    order = np.random.default_rng(1).permutation(len(targets))
    assert task.metrics(outputs[order], targets[order]) == pytest.approx(task.metrics(outputs, targets))


def test_answers_are_one_json_record_an_example(task, splits):
    labels = splits.examples.labels
    outputs, _ = answers(len(labels), n=3)
    decoded = task.decode(outputs, labels)
    assert len(decoded) == 3
    assert json.loads(json.dumps(decoded)) == decoded
    assert task.decode(outputs[1:2], labels) == decoded[1:2]


def test_thumbnails_tell_examples_apart_or_are_none(task, inputs, splits):
    rows = np.arange(len(splits.examples))
    small = task.thumbnails(inputs, rows)
    assert small is None or (len(small) == len(rows) and len(np.unique(small, axis=0)) == len(rows))


def test_three_examples_of_a_class_are_enough(task, tmp_path):
    folder = FOLDERS[task.modality](tmp_path / "few")
    labels = sorted({path.parent for path in folder.rglob("*") if path.is_file()})
    for home in labels:
        for extra in sorted(home.iterdir())[3:]:
            extra.unlink()
    splits = data.load(folder, task)
    targets = splits.examples.targets
    assert all(len(np.unique(targets[rows])) == len(labels) for rows in (splits.train, splits.test))


def test_a_base_of_another_modality_is_refused_with_a_hint(task, base):
    from headstart.bases import load_base

    other = "image" if task.modality != "image" else "sound"
    with pytest.raises(HeadstartError, match="is a base for") as caught:
        load_base(base.name, other)
    assert caught.value.hint
    assert load_base(base.name, "image").card.modality == "image"


def test_what_examine_accepts_can_be_decoded(task, splits):
    assert task.modality != "image" or all(images.decode(source) for source in splits.examples.sources)
