"""What each real EfficientNet-Lite has to answer."""

from __future__ import annotations

import timm

import packages
from headstart.bases import load_base


def require_whole(name):
    """Every weight is the package's, inputs are prepared as timm does, and all classes have a row."""
    base = load_base(name, "image")
    assert base.receipt.fraction == 1
    assert base.receipt.fresh == ()
    assert {one for one, _ in base.receipt.unused} == {"classifier.weight", "classifier.bias"}
    assert "efficientnet_pytorch" in base.receipt.renamed
    known = timm.get_pretrained_cfg(base.architecture.name)
    assert base.preprocess.size == known.input_size[-1]
    assert (base.preprocess.mean, base.preprocess.std) == (known.mean, known.std)
    assert (base.preprocess.interpolation, base.preprocess.crop_fraction) == ("bicubic", known.crop_pct)
    assert base.classes.labels[308:311] == ("fly", "bee", "ant")
    assert base.classes.weight.shape == (1000, 1280)
    record = packages.REAL[name]
    assert (base.card.licence, base.card.source_data) == ("Apache-2.0", record.source_data)
    assert "non-commercial" in base.card.source_data
