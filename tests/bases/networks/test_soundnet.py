"""The small network learns to tell sounds apart, and hears no loudness."""

import torch

from headstart.bases.networks.soundnet import SoundNet


def test_it_is_as_small_as_it_says_and_loudness_changes_nothing():
    network = SoundNet().eval()
    assert sum(value.numel() for value in network.parameters()) == 349_184
    levels = torch.randn(2, 80, 30, generator=torch.Generator().manual_seed(0))
    with torch.no_grad():
        torch.testing.assert_close(network(levels + 0.5), network(levels), atol=1e-4, rtol=1e-4)
        assert network(levels).shape == (2, 128)


def test_it_can_be_trained():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network, head = SoundNet(16, 2, 5, bands=8), torch.nn.Linear(16, 2)
        levels = 0.3 * torch.randn(16, 8, 20)
    right = torch.arange(16) % 2
    levels[right == 1, 2] += 1
    optimizer = torch.optim.AdamW([*network.parameters(), *head.parameters()], 3e-3)
    for _ in range(30):
        loss = torch.nn.functional.cross_entropy(head(network(levels)), right)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert loss < 0.1


def test_a_centred_one_hears_no_microphone():
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        network = SoundNet(16, 4, 3, bands=8, octaves=2, centred=True).eval()
        levels, microphone = torch.randn(1, 8, 40), torch.randn(1, 8, 1)
    levels = torch.nn.functional.pad(levels, (0, 10))
    other = torch.where(levels != 0, levels + microphone, 0)
    with torch.no_grad():
        torch.testing.assert_close(network(other), network(levels), atol=1e-4, rtol=1e-4)
        torch.testing.assert_close(network(levels[:, :, :40]), network(levels), atol=1e-5, rtol=1e-4)
    assert [block.time.dilation for block in network.blocks] == [(1,), (2,), (1,), (2,)]
