"""A head on shrunken pictures, and as it ships."""

import numpy as np
import torch

from headstart.bases import build
from headstart.tasks.baselines.raw_pixels import plugin as raw_pixels
from headstart.tasks.solvers import linear


def test_raw_pixels_are_a_head_on_shrunken_pictures(home):
    ground, rows = home.bench, home.splits.train
    model = raw_pixels.fit(ground, rows)
    batch = ground.subject(ground.base.preprocess.size).inputs.batch(ground.everything)
    made = model.shippable()
    with torch.no_grad():
        features = build(made.architecture)(batch).numpy()
        np.testing.assert_array_equal(made.backbone(batch).numpy(), features)
    expected = linear.solve(
        np.asarray(features[rows], dtype=np.float64),
        ground.examples.answers[rows],
        len(ground.examples.categories),
    )
    np.testing.assert_allclose(
        model.outputs(ground.everything), expected.outputs(features), rtol=1e-2, atol=1e-2
    )
    assert made.preprocess == ground.base.preprocess
    assert made.head is model.head
