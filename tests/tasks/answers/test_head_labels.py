"""A model knows the class names of its head, wherever the head is; an exported graph has them itself."""

import torch
from torch import nn

from headstart.heads.fcos_lite import FcosLite
from headstart.tasks.answers.head_labels import labels_of_head


def test_a_model_knows_the_names_of_its_head():
    head = FcosLite([(4, 4, 4)], ("cat", "dog"))
    assert labels_of_head(nn.Sequential(nn.Identity(), head)) == ("cat", "dog")
    assert labels_of_head(nn.Sequential(torch.nn.Conv2d(1, 1, 1), nn.ReLU(), head)) == ("cat", "dog")
