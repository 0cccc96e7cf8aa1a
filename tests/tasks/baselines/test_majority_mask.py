"""The class that is most often at each place, by hand."""

import json
from types import SimpleNamespace

import numpy as np

from headstart.data.answers import masks
from headstart.tasks.baselines.majority_mask import SIDE, MajorityMask

TRAIN = np.array([0, 1, 2, 3])


def test_the_majority_of_each_place_is_of_training_masks_of_any_size():
    names = ("far", "near", "sky")
    left, right = np.zeros((4, 8), np.uint8), np.full((16, 2), 1, np.uint8)
    left[:, 4:] = 2
    unknown = np.full((4, 4), masks.IGNORED, np.uint8)
    answers = [
        masks.as_answer(one, names) for one in (left, left, right, unknown, np.full((2, 2), 1, np.uint8))
    ]
    examples = SimpleNamespace(answers=np.array(answers, dtype=object), categories=names)
    model = MajorityMask(SimpleNamespace(examples=examples), TRAIN)
    (said,) = model.outputs(np.array([4]))
    mask = masks.indexed(said, names)
    assert mask.shape == (SIDE, SIDE)
    assert (mask[:, : SIDE // 2] == 0).all()
    assert (mask[:, SIDE // 2 :] == 2).all()
    assert json.loads(said)["classes"] == ["far", "sky"]
    assert not model.ships
