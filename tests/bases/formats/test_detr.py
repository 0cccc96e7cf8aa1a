"""A detector of transformers is the two halves that it is divided into, and some cannot be divided."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import detectors
from headstart.bases.formats import detr

OTHERS = {
    "yolos": {"hidden_size": 16, "num_hidden_layers": 1, "num_attention_heads": 2, "intermediate_size": 16},
    "conditional_detr": detectors.DETR,
    "deformable_detr": detectors.DETR,
    "vit": {},
    "bert": {},
    "nobodys": {},
}


@pytest.fixture(params=detectors.KINDS)
def kind(request):
    return request.param


@pytest.fixture
def settings(kind):
    return detectors.settings(kind).to_dict()


def names(module):
    return {name for name, _ in module.named_parameters()} | {name for name, _ in module.named_buffers()}


def test_detectors_with_a_decoder_that_reads_maps_alone_are_divided(settings):
    assert detr.divides(settings)


@pytest.mark.parametrize("kind", OTHERS)
def test_others_are_not(kind):
    assert not detr.divides({"model_type": kind, **OTHERS[kind]})


def test_learned_positions_would_be_one_half_s_and_are_needed_by_both():
    settings = detectors.settings("detr").to_dict()
    assert not detr.divides({**settings, "position_embedding_type": "learned"})


def test_settings_that_cannot_be_built_are_left_to_others(settings):
    assert not detr.divides({**settings, "d_model": "wide"})
    assert not detr.divides({**settings, "backbone_config": {"model_type": "nobodys"}})


def test_the_halves_are_the_whole(kind, settings):
    whole = detectors.model(kind)
    lower, upper = detr.LowerHalf(settings), detr.upper_half(settings, len(detectors.NAMES))
    below, above, all_of_it = names(lower), names(upper), names(whole)
    assert not below & above
    counters = {name for name in below if name.endswith("num_batches_tracked")}
    second = {name for name in all_of_it if name.startswith(detr.TIED)}
    assert (below - counters) | above == {
        name for name in all_of_it - second - {"model.denoising_class_embed.weight"} if name not in counters
    }
    assert {part for part, _ in upper.model.named_children()}.isdisjoint(detr.BELOW)


def test_the_maps_are_the_encoders_at_any_size(kind, settings):
    whole, lower = detectors.model(kind), detr.LowerHalf(settings).eval()
    lower.load_state_dict(whole.state_dict(), strict=False)
    pixels = torch.randn(2, 3, 96, 96, generator=torch.Generator().manual_seed(2))
    maps = [torch.empty(0)] * len(lower.maps)
    for number, level in enumerate(lower.levels):
        level.register_forward_hook(lambda _m, _i, output, number=number: maps.__setitem__(number, output))
    with torch.no_grad():
        flat, expected = lower(pixels), whole(pixels).encoder_last_hidden_state
    if kind == "detr":
        expected = [expected.transpose(1, 2).reshape(2, -1, 3, 3)]
    for one, other in zip(maps, expected, strict=True):
        scale = other.abs().max()  # random weights: as large as it happens
        torch.testing.assert_close(one / scale, other / scale, atol=1e-5, rtol=0)
    torch.testing.assert_close(flat, torch.cat([one.mean((2, 3)) for one in maps], 1))
    assert lower.maps == tuple(f"levels.{number}" for number in range(len(maps)))


def test_a_random_start_can_be_trained(settings):
    """Normalisation is that of PyTorch, at one; the library's is fixed, or near zero."""
    for half in (detr.LowerHalf(settings), detr.upper_half(settings, 3)):
        assert all(parameter.requires_grad for parameter in half.parameters())
        assert not [one for one in half.modules() if "Frozen" in type(one).__name__]
        norms = [one for one in half.modules() if isinstance(one, nn.BatchNorm2d)]
        assert all(bool((norm.weight == 1).all()) for norm in norms)


def test_an_upper_half_is_drawn_by_torchs_generator(settings):
    def drawn(seed):
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(seed)
            made = detr.upper_half(settings, 3)
        return {**dict(made.named_parameters()), **dict(made.named_buffers())}

    first, again, other = drawn(1), drawn(1), drawn(2)
    assert all(torch.equal(first[name], again[name]) for name in first)
    assert all(value.isfinite().all() for value in first.values())
    assert not all(torch.equal(first[name], other[name]) for name in first)


def test_an_upper_half_may_be_a_shape_only(settings):
    few, more = (detr.upper_half(settings, k, drawn=False) for k in (3, 4))
    assert {parameter.device.type for parameter in few.parameters()} == {"meta"}
    assert [one.shape for one in few.parameters()] != [one.shape for one in more.parameters()]
    assert few.config.num_labels == 3


def test_positions_of_one_image_serve_any_number():
    embedding = detectors.model("detr").model.position_embedding
    found = detr.positions(embedding, torch.zeros(5, 16, 2, 3))
    assert found.shape == (1, 6, 16)
    expected = embedding(torch.Size((5, 16, 2, 3)), "cpu", torch.float32).flatten(2).transpose(1, 2)
    assert torch.equal(found.expand(5, -1, -1), expected)
