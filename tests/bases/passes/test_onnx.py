"""A session gives what the network gives, for any number of examples, from encoded ones."""

import numpy as np
import pytest
import timm
import torch
from torch import nn

from headstart.bases.base import FEATURES
from headstart.bases.networks.taps import activations
from headstart.bases.passes.onnx import Session
from headstart.data.images.store import Normalise
from headstart.preprocessing.image import ImagePreprocess

NETWORKS = {
    "resnet18": (64, "layer3"),
    "mobilenetv2_100": (64, "blocks.4"),
    "mobilenetv3_small_100": (64, "blocks.3"),
    "inception_v3": (96, "Mixed_6e"),
    "vgg11": (224, "features.10"),
    "vit_tiny_patch16_224": (224, "blocks.9"),
}


@pytest.mark.slow("vgg11")
@pytest.mark.parametrize("name", NETWORKS)
@pytest.mark.filterwarnings("error")
def test_it_agrees_with_the_network_at_every_boundary(name):
    size, stage = NETWORKS[name]
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = timm.create_model(name, num_classes=0, **({"aux_logits": False} if "inc" in name else {}))
    network = network.eval()
    pixels = np.random.default_rng(0).integers(0, 256, (5, size, size, 3), dtype=np.uint8)
    preparation = Normalise(ImagePreprocess(size, (0.5, 0.4, 0.3), (0.2, 0.3, 0.4)))
    boundaries = [stage, FEATURES]
    session = Session(network, preparation, boundaries, pixels)
    for count in (1, 2, 5):
        with torch.no_grad():
            expected = activations(network, preparation(torch.from_numpy(pixels[:count])), boundaries)
        assert not any(module.training for module in network.modules())
        for found, right in zip(session(pixels[:count]), expected, strict=True):
            np.testing.assert_allclose(found, right.numpy(), atol=1e-4 * float(right.abs().max()))


def test_a_network_that_cannot_be_exported_is_an_error():
    class Odd(nn.Module):
        def forward(self, x):
            return torch.linalg.eigvals(x.mean((2, 3))[:, :, None] * torch.eye(3)).real

    with pytest.raises(Exception, match=r"."):
        Session(Odd(), nn.Identity(), [FEATURES], np.zeros((2, 3, 4, 4), np.float32))
