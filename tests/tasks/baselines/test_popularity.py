"""What most users took."""

import numpy as np
import torch

from headstart.tasks.baselines.popularity import plugin, popular


def test_what_nobody_took_is_not_recommended():
    _, network = popular(np.array([1, 0, 5], np.float32))
    answer = network(torch.zeros(1, 2, 1))[0]
    assert answer[1:, 0].tolist()[:3] == [2, 0, -1]
    assert plugin.deaf
