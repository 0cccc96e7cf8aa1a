"""What has a label already is known by content, by what it says, and by how it looks."""

from __future__ import annotations

import numpy as np

from headstart.labelling import _known
from headstart.shipping.bundles.predict import Predictor

DRAWS = np.random.default_rng(0)


def test_the_labelled_examples_of_a_run_are_found_again(finished):
    predictor = Predictor(finished.bundle)
    known = _known.labelled(finished.bundle, predictor, None)
    assert known.note is None
    assert len(known.sources) == len(list(finished.data.rglob("*.png")))
    assert {row["digest"] for row in finished.read("evidence.json")["predictions"]} <= known.digests
    elsewhere = _known.labelled(finished.bundle, predictor, finished.data / "nowhere")
    assert "does not exist" in elsewhere.note
    assert elsewhere.digests < known.digests, "what it was tested on is known all the same"


def test_only_what_looks_alike_at_a_glance_is_asked_about():
    ours, theirs = DRAWS.normal(size=(3, 50)), DRAWS.normal(size=(600, 50))
    theirs[550] = 2 * ours[1] + 5 + DRAWS.normal(0, 0.1, 50)
    assert _known._alike(ours, theirs).tolist() == [550]
