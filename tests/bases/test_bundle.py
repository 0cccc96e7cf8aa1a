"""A finished run's bundle as a base: its backbone, what it knows, and what it has seen."""

import json
import shutil

import numpy as np
import pytest
import torch

import languages
from headstart.bases import load_base
from headstart.bases.base import FEATURES
from headstart.bases.bundle import FACTS
from headstart.bases.formats.fingerprints import among
from headstart.bases.networks.maps import mapped
from headstart.data import load
from headstart.errors import BaseError
from headstart.preprocessing.image import ImagePreprocess
from headstart.registry import get
from headstart.shipping.bundles import bundle
from headstart.types import NO_MAPS, Architecture, Maps
from texts import write_bundle

PREPARED = ImagePreprocess(32, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5), crop_mode="squash", crop_fraction=1.0)


@pytest.fixture
def copied(finished, tmp_path):
    """The bundle of a run, to be damaged."""
    return shutil.copytree(finished.folder / "bundle", tmp_path / "bundle")


def test_the_backbone_answers_as_it_does_in_the_bundle(finished):
    base = load_base(str(finished.folder / "bundle"), "image")
    _, network = bundle.read(finished.folder / "bundle")
    inputs = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        assert torch.equal(base.network()(inputs), network[0](inputs))
    assert base.receipt.fraction == 1
    assert not base.receipt.fresh


def test_it_knows_its_labels_and_the_folder_of_its_run_is_as_good(finished):
    base = load_base(str(finished.folder))
    _, network = bundle.read(finished.folder / "bundle")
    assert base.classes is not None
    assert list(base.classes.labels) == json.loads((finished.folder / "bundle" / FACTS).read_text())["labels"]
    assert torch.equal(base.classes.weight, network[1].weight)
    assert torch.equal(base.classes.bias, network[1].bias)
    assert base.head is None


def test_it_has_seen_what_it_was_trained_on_and_nothing_else(finished):
    splits = load(finished.data, get("tasks", "image_classification"))
    seen = load_base(str(finished.folder)).seen
    digests = np.array(splits.examples.digests)
    pool = np.concatenate([splits.train, splits.validation])
    assert among(digests[pool].tolist(), seen) == list(range(len(pool)))
    assert among(digests[splits.test].tolist(), seen) == []


def test_what_is_damaged_is_told(copied):
    facts = json.loads((copied / FACTS).read_text())
    for wrong, said in (({"schema": "other/1"}, "not of schema"), ({"labels": None}, "damaged")):
        (copied / FACTS).write_text(json.dumps({**facts, **wrong}))
        with pytest.raises(BaseError, match=said):
            load_base(str(copied))
    (copied / FACTS).write_text("{")
    with pytest.raises(BaseError, match="cannot be read as JSON"):
        load_base(str(copied))


@pytest.fixture
def detector(tiny_base, tmp_path):
    """The bundle of an untrained detector, and its network."""
    base = mapped(load_base(str(tiny_base)).prepared(PREPARED), 8)
    task = get("tasks", "object_detection")
    network = base.network()
    head = task.answer.head(base.card.width, ("cell", "dust"), Maps(network.shapes, 32))
    parts = bundle.Parts(
        *("object_detection", base.architecture, PREPARED, ("cell", "dust"), base.card.width),
        facts={"base": "tiny"},
        head=task.answer.head_architecture,
    )
    bundle.write(tmp_path / "bundle", parts, network, head)
    return tmp_path / "bundle", bundle.read(tmp_path / "bundle")[1]


def test_of_a_detector_both_backbone_and_head_are_there(detector):
    folder, network = detector
    base = load_base(str(folder))
    assert base.head is not None
    assert base.head.labels == ("cell", "dust")
    assert base.head.architecture == Architecture("heads", "fcos_lite")
    assert base.card.source_data == "tiny, then object_detection on data of one's own"
    again = mapped(base, 8).network()
    inputs = torch.randn(2, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        features = again(inputs)
        assert torch.equal(features, network[0](inputs))
    assert set(base.head.state) == {name for name, _ in network[1].named_parameters()}
    assert again.shapes != NO_MAPS.shapes
    assert FEATURES not in base.card.stages


def test_a_bundle_that_names_no_head_is_a_backbone_only(detector):
    folder, _ = detector
    facts = json.loads((folder / FACTS).read_text())
    (folder / FACTS).write_text(json.dumps({**facts, "head": None}))
    assert load_base(str(folder)).head is None


def test_a_baseline_that_shipped_is_no_base(tmp_path):
    with pytest.raises(BaseError, match="has no weights to go on from"):
        load_base(str(write_bundle(tmp_path / "bundle")), "text")


def test_a_bundle_for_texts_is_a_base_for_texts(tmp_path):
    languages.write(tmp_path / "bert", "bert")
    network = load_base(str(tmp_path / "bert"), "text")
    head = get("tasks", "text_classification").answer.head(network.card.width, ("bad", "good"))
    about = ("text_classification", network.architecture, network.preprocess, ("bad", "good"))
    parts = bundle.Parts(*about, network.card.width, facts={})
    bundle.write(tmp_path / "bundle", parts, network.network(), head)
    base = load_base(str(tmp_path / "bundle"), "text")
    assert base.card.sha256 == network.card.sha256
    assert base.preprocess == network.preprocess
    assert base.classes is not None
    assert base.classes.labels == ("bad", "good")
    with pytest.raises(BaseError, match="is a base for text"):
        load_base(str(tmp_path / "bundle"), "image")
