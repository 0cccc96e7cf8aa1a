"""The real MiniLM is whole and knows what texts are about."""

from __future__ import annotations

import torch
from torch.nn.functional import normalize

import languages
import packages
from headstart.bases import load_base


@packages.needs("builtin/minilm")
def test_it_is_whole_and_tells_what_texts_are_about():
    base = load_base("builtin/minilm")
    assert (base.receipt.fraction, base.receipt.fresh) == (1, ())
    assert (base.card.width, base.card.licence) == (384, "Apache-2.0")
    assert base.architecture.args["pooling"] == "mean"
    texts = ("the film was wonderful", "a great movie", "how to repair a car engine", "fixing motors")
    with torch.no_grad():
        features = normalize(base.network()(languages.tokens(base.preprocess, texts)))
    alike = features @ features.T
    assert min(alike[0, 1], alike[2, 3]) > 0.5 > 0.2 > alike[:2, 2:].max()
