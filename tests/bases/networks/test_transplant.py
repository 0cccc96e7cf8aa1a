"""Weights of another width, depth, grid or colour count are made to fit, and the receipt says how."""

import pytest
import timm
import torch
from torch import nn
from torch.nn.functional import conv2d

from benches import same_tensors
from headstart.bases.networks.transplant import (
    at_grid,
    first_convolution,
    recoloured,
    regridded,
    sliced,
    transplant,
)
from headstart.errors import BaseError


def drawn(make, seed=0):
    """What `make` builds with seeded random weights and statistics, in eval mode."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
        network = make()
        for name, value in network.state_dict().items():
            if value.is_floating_point():
                value.copy_(torch.rand_like(value) + 0.5 if "running" in name else value + 0.01)
    return network.eval()


def of_timm(name, seed=0, **args):
    return drawn(lambda: timm.create_model(name, **{"num_classes": 0, **args}), seed)


def noise(*shape, seed=7):
    return torch.randn(shape, generator=torch.Generator().manual_seed(seed))


def small(width, depth=2, colours=3):
    """Dense, depthwise and pointwise convolutions, all normalised: (n, colours, s, s) -> (n, width)."""

    def block():
        depthwise = nn.Conv2d(2 * width, 2 * width, 3, padding=1, groups=2 * width)
        return nn.Sequential(
            nn.Conv2d(width, 2 * width, 1),
            nn.BatchNorm2d(2 * width),
            nn.ReLU(),
            depthwise,
            nn.BatchNorm2d(2 * width),
            nn.Conv2d(2 * width, width, 1, bias=False),
            nn.BatchNorm2d(width),
        )

    stem = nn.Sequential(nn.Conv2d(colours, width, 3), nn.BatchNorm2d(width))
    blocks = nn.Sequential(*(block() for _ in range(depth)))
    return nn.Sequential(stem, blocks, nn.AdaptiveAvgPool2d(1), nn.Flatten())


def doubled(state, like):
    """The weights of a network in one that is twice as wide: every channel twice, side by side."""
    return {
        name: value
        if value.shape == like[name].shape
        else _repeated(value, [b // a for a, b in zip(value.shape, like[name].shape, strict=True)])
        for name, value in state.items()
    }


def _repeated(value, factors):
    for axis, factor in enumerate(factors):
        value = value.repeat_interleave(factor, axis)
    return value


PAIRS = {
    "narrower": (("mobilenetv2_100", {}), ("mobilenetv2_050", {}), 96),
    "wider": (("mobilenetv2_050", {}), ("mobilenetv2_100", {}), 96),
    "another depth and stem": (("resnet18", {}), ("resnet10t", {}), 96),
    "deeper": (("resnet18", {}), ("resnet34", {}), 96),
    "another grid": (("vit_tiny_patch16_224", {}), ("vit_tiny_patch16_224", {"img_size": 96}), 96),
    "wider, without BatchNorm": (("convnext_atto", {}), ("convnext_femto", {}), 96),
    "narrower, without BatchNorm": (("convnext_femto", {}), ("convnext_atto", {}), 96),
    "grouped": (("regnetx_004", {}), ("regnetx_002", {}), 96),
    "grey and narrower": (("mobilenetv2_100", {}), ("mobilenetv2_050", {"in_chans": 1}), 96),
}


@pytest.mark.parametrize("pair", PAIRS)
def test_the_receipt_has_each_weight_once_and_tells_the_truth(pair):
    (source_name, source_args), (target_name, target_args), size = PAIRS[pair]
    source = of_timm(source_name, num_classes=3, **source_args).state_dict()
    target = of_timm(target_name, seed=1, **target_args)
    own = {name: value.clone() for name, value in target.state_dict().items()}
    state, receipt = transplant(source, target, noise(1, target_args.get("in_chans", 3), size, size))
    assert same_tensors(target.state_dict(), own), "the network itself is left as it was"
    floats = [name for name, value in own.items() if value.is_floating_point()]
    loaded, fresh = dict(receipt.loaded), dict(receipt.fresh)
    adapted = {name: shape for name, shape, _ in receipt.adapted}
    assert sorted([*loaded, *fresh, *adapted]) == sorted(floats)
    assert all(tuple(own[n].shape) == s for n, s in (loaded | fresh | adapted).items())
    assert all(torch.equal(state[name], source[name]) for name in loaded)
    assert all(torch.equal(state[name], own[name]) for name in own.keys() - loaded.keys() - adapted.keys())
    assert {name for name, _ in receipt.unused}.isdisjoint({*loaded, *adapted})
    assert {"fc.weight", "classifier.weight", "head.weight", "head.fc.weight"} & dict(receipt.unused).keys()
    assert 0 < receipt.fraction <= 1
    assert (receipt.fraction == 1) == (not fresh and not any("leading" in way for *_, way in receipt.adapted))
    target.load_state_dict(state)
    assert target.eval()(noise(1, target_args.get("in_chans", 3), size, size)).isfinite().all()


def test_a_narrower_network_takes_every_other_channel_of_all_kinds_of_layers():
    """Where the source has every channel twice, the narrow network it was made from comes out."""
    narrow, wide = drawn(lambda: small(4)), drawn(lambda: small(8), seed=1)
    source = doubled(narrow.state_dict(), wide.state_dict())
    target = drawn(lambda: small(4), seed=2)
    state, receipt = transplant(source, target, noise(1, 3, 8, 8))
    assert same_tensors(state, dict(narrow.state_dict()))
    assert (receipt.fraction, receipt.fresh, receipt.unused) == (1, (), ())
    ways = {name: way for name, _, way in receipt.adapted}
    assert ways["1.0.0.weight"] == "sliced from (16, 8, 1, 1)"
    assert ways["1.0.3.weight"] == "sliced from (16, 1, 3, 3)"
    assert ways["1.0.4.running_var"] == "sliced from (16,)"


def test_a_narrower_network_gives_what_the_source_gave_where_its_channels_are_doubled():
    """In training, where BatchNorm takes the scale of the sums out."""
    wide, target = drawn(lambda: small(8)), drawn(lambda: small(4), seed=1)
    wide.load_state_dict(doubled(drawn(lambda: small(4), seed=2).state_dict(), wide.state_dict()))
    target.load_state_dict(transplant(wide.state_dict(), target, noise(1, 3, 8, 8))[0])
    images = noise(6, 3, 8, 8)
    with torch.no_grad():
        torch.testing.assert_close(target.train()(images), wide.train()(images)[:, ::2], rtol=1e-3, atol=1e-4)


def test_evenly_spaced_elements_keep_the_parts_of_a_fused_weight_apart():
    whole = torch.arange(9.0)
    assert sliced(whole, torch.Size([3])).tolist() == [0, 3, 6]
    assert sliced(whole, torch.Size([9])).tolist() == whole.tolist()
    query, key = torch.arange(5.0), torch.arange(5.0) + 100
    parts = [sliced(part, torch.Size([3])) for part in (query, key)]
    assert torch.equal(sliced(torch.cat([query, key]), torch.Size([6])), torch.cat(parts))


def test_a_wider_network_takes_the_source_as_its_leading_part():
    source, target = drawn(lambda: small(4)), drawn(lambda: small(6), seed=1)
    own = {name: value.clone() for name, value in target.state_dict().items()}
    state, receipt = transplant(source.state_dict(), target, noise(1, 3, 8, 8))
    weight = state["1.0.0.weight"]
    assert torch.equal(weight[:8, :4], source.state_dict()["1.0.0.weight"])
    assert torch.equal(weight[8:], own["1.0.0.weight"][8:])
    assert torch.equal(weight[:, 4:], own["1.0.0.weight"][:, 4:])
    assert ("1.0.0.weight", (12, 6, 1, 1), "only the leading part, from (8, 4, 1, 1)") in receipt.adapted
    numbers = [
        sum(v.numel() for v in one.state_dict().values() if v.is_floating_point()) for one in (source, target)
    ]
    assert receipt.fraction == pytest.approx(numbers[0] / numbers[1])


def test_layers_that_only_the_target_has_stay_fresh():
    shallow, deep = drawn(lambda: small(4, depth=1)), drawn(lambda: small(4, depth=2), seed=1)
    _, receipt = transplant(shallow.state_dict(), deep, noise(1, 3, 8, 8))
    assert {name.rpartition(".")[0][:3] for name, _ in receipt.fresh} == {"1.1"}
    _, receipt = transplant(deep.state_dict(), shallow, noise(1, 3, 8, 8))
    assert (receipt.fraction, receipt.fresh) == (1, ())
    assert {name[:3] for name, _ in receipt.unused} == {"1.1"}


@pytest.mark.parametrize(("given", "wanted"), [(3, 1), (1, 3), (3, 6), (4, 3), (5, 2)])
def test_a_grey_picture_gives_the_same_whatever_the_colours(given, wanted):
    filters, picture = noise(8, given, 3, 3), noise(2, 1, 9, 9)
    found = recoloured(filters, wanted)
    assert found.shape == (8, wanted, 3, 3)
    torch.testing.assert_close(
        conv2d(picture.expand(-1, wanted, -1, -1), found),
        conv2d(picture.expand(-1, given, -1, -1), filters),
        rtol=1e-4,
        atol=1e-4,
    )


def test_three_colours_to_more_are_repeated():
    filters = noise(8, 3, 3, 3)
    found = recoloured(filters, 4)
    torch.testing.assert_close(found[:, 3], filters[:, 0] * 3 / 4)
    torch.testing.assert_close(found[:, 1], filters[:, 1] * 3 / 4)


@pytest.mark.parametrize("name", ["resnet18", "mobilenetv2_050", "convnext_atto", "vit_tiny_patch16_224"])
def test_a_grey_network_gives_what_the_colour_one_gave_for_grey_pictures(name):
    colour, grey = of_timm(name), of_timm(name, seed=1, in_chans=1)
    size = 224 if name.startswith("vit") else 64
    state, receipt = transplant(colour.state_dict(), grey, noise(1, 1, size, size))
    assert [way for *_, way in receipt.adapted] == ["3 to 1 channels"]
    grey.load_state_dict(state)
    picture = noise(2, 1, size, size)
    with torch.no_grad():
        expected = colour(picture.expand(-1, 3, -1, -1))
        torch.testing.assert_close(grey(picture), expected, rtol=1e-3, atol=1e-3)


def test_only_the_first_convolution_that_runs_is_one_of_colours():
    class Backwards(nn.Module):
        """Defined last, run first."""

        def __init__(self, colours, width):
            super().__init__()
            self.late = nn.Conv2d(width, 6, 1)
            self.early = nn.Conv2d(colours, width, 1)

        def forward(self, images):
            return self.late(self.early(images)).mean((2, 3))

    target = drawn(lambda: Backwards(1, 4)).train()
    assert first_convolution(target, noise(1, 1, 4, 4)) == "early"
    assert target.training
    assert all(not module._forward_pre_hooks for module in target.modules())
    source = drawn(lambda: Backwards(3, 8), seed=1).state_dict()
    state, receipt = transplant(source, target, noise(1, 1, 4, 4))
    assert {name: way for name, _, way in receipt.adapted} == {
        "late.weight": "sliced from (6, 8, 1, 1)",
        "early.weight": "3 to 1 channels, sliced from (8, 3, 1, 1)",
        "early.bias": "sliced from (8,)",
    }
    torch.testing.assert_close(state["early.weight"], source["early.weight"][::2].sum(1, keepdim=True))
    assert first_convolution(nn.Flatten(), noise(1, 1, 4, 4)) is None
    assert first_convolution(of_timm("vit_tiny_patch16_224"), noise(1, 3, 30, 30)) is None, "it does not fit"


def test_position_embeddings_keep_their_prefix_and_follow_the_grid():
    constant = torch.ones(1, 1 + 16, 5)
    constant[:, 0] = -3
    found = regridded(constant, 1 + 49, 1)
    assert (found[:, 0] == -3).all()
    torch.testing.assert_close(found[:, 1:], torch.ones(1, 49, 5))
    slope = torch.arange(4.0).repeat_interleave(4).reshape(1, 16, 1)  # grows from row to row
    rows = regridded(slope, 64, 0).reshape(8, 8)
    assert (rows.diff(dim=0) > 0).all()
    torch.testing.assert_close(rows.diff(dim=1), torch.zeros(8, 7), rtol=0, atol=1e-5)


@pytest.mark.parametrize("name", ["vit_tiny_patch16_224", "deit_tiny_distilled_patch16_224"])
def test_a_transformer_of_another_input_size(name):
    source, target = of_timm(name), of_timm(name, seed=1, img_size=96)
    state, receipt = transplant(source.state_dict(), target, noise(1, 3, 96, 96))
    assert [(name, way) for name, _, way in receipt.adapted] == [("pos_embed", "grid 14x14 to 6x6")]
    prefix = target.num_prefix_tokens
    assert torch.equal(state["pos_embed"][:, :prefix], source.pos_embed[:, :prefix])
    same, receipt = transplant(source.state_dict(), of_timm(name, seed=1), noise(1, 3, 224, 224))
    assert receipt.adapted == ()
    assert torch.equal(same["pos_embed"], source.pos_embed)


def test_the_same_network_at_another_side():
    for name in ("vit_tiny_patch16_224", "beit_base_patch16_224"):
        args = {"depth": 2, "embed_dim": 24, "num_heads": 2}
        source, target = of_timm(name, img_size=64, **args), of_timm(name, seed=1, img_size=96, **args)
        state = at_grid(source.state_dict(), target)
        target.load_state_dict(state)
        same = {key for key, value in source.state_dict().items() if torch.equal(value, state[key])}
        changed = set(state) - same
        assert changed == {key for key in state if "pos_embed" in key or "position_bias" in key}
        assert changed
        for key in changed:
            torch.testing.assert_close(
                state[key].mean(), source.state_dict()[key].mean(), rtol=0.2, atol=0.01
            )


def test_distances_keep_their_direction_and_tokens_without_a_place_their_rows():
    across = torch.arange(-3.0, 4).repeat(7)  # w = 4: the distance across, in each row
    table = torch.cat([torch.stack([across, -across], 1), torch.tensor([[9.0, 8], [7, 6], [5, 4]])])
    network = nn.ParameterDict({"table": torch.zeros(11**2 + 3, 2)})
    found = at_grid({"table": table}, network)["table"]
    assert found[-3:].tolist() == table[-3:].tolist()
    rows = found[:-3, 0].reshape(11, 11)
    assert (rows.diff(dim=1) > 0).all()
    torch.testing.assert_close(rows, rows[:1].expand(11, -1))
    torch.testing.assert_close(rows[:, 5], torch.zeros(11), rtol=0, atol=1e-5)
    torch.testing.assert_close(found[:-3, 1], -found[:-3, 0])


def test_what_does_not_fit_another_side_is_left_for_the_network_to_say():
    network = nn.ParameterDict({"table": torch.zeros(4, 6, 5), "same": torch.zeros(3)})
    network.register_buffer("index", torch.arange(7))
    given = {
        "table": torch.ones(4, 9, 5),
        "same": torch.ones(3),
        "index": torch.arange(9),
        "new": torch.ones(1),
    }
    found = at_grid(given, network)
    assert found["table"] is given["table"]
    assert found["same"] is given["same"]
    assert found["new"] is given["new"]
    assert found["index"].tolist() == list(range(7))


class Bare(nn.Module):
    """One convolution behind the first one, and a parameter of no layer."""

    def __init__(self, kernel=3, groups=1, width=8, windows=25):
        super().__init__()
        self.stem = nn.Conv2d(3, width, 1)
        self.conv = nn.Conv2d(width, width, kernel, groups=groups)
        self.table = nn.Parameter(torch.zeros(windows, 2))
        self.body = nn.Linear(width, 64)

    def forward(self, images):
        return self.body(self.conv(self.stem(images)).mean((2, 3)))


@pytest.mark.parametrize(
    ("source", "target", "fresh"),
    [
        ({"kernel": 5}, {"kernel": 3}, "conv.weight"),
        ({"kernel": 1}, {"kernel": 3}, "conv.weight"),
        ({"groups": 1}, {"groups": 8}, "conv.weight"),
        ({"groups": 8}, {"groups": 1}, "conv.weight"),
        ({"groups": 4, "width": 16}, {"groups": 2}, "conv.weight"),
        ({"windows": 49}, {"windows": 25}, "table"),
    ],
)
def test_what_differs_in_more_than_a_width_stays_fresh(source, target, fresh):
    source, target = drawn(lambda: Bare(**source)), drawn(lambda: Bare(**target), seed=1)
    own = target.state_dict()[fresh].clone()
    state, receipt = transplant(source.state_dict(), target, noise(1, 3, 8, 8))
    assert [name for name, _ in receipt.fresh] == [fresh]
    assert torch.equal(state[fresh], own)


def test_too_little_is_refused_with_the_numbers_and_a_hint():
    source, target = of_timm("resnet18"), of_timm("mobilenetv2_050")
    with pytest.raises(BaseError, match=r"only 0% of the network's numbers") as caught:
        transplant(source.state_dict(), target, noise(1, 3, 64, 64))
    assert "20%" in caught.value.hint


def test_what_it_gives_shares_no_memory_with_either():
    source, target = drawn(lambda: small(4)), drawn(lambda: small(4, depth=3), seed=1)
    before = {name: value.clone() for name, value in source.state_dict().items()}
    own = {name: value.clone() for name, value in target.state_dict().items()}
    state, _ = transplant(source.state_dict(), target, noise(1, 3, 8, 8))
    for value in state.values():
        value.zero_()
    assert same_tensors(dict(source.state_dict()), before)
    assert same_tensors(dict(target.state_dict()), own)
