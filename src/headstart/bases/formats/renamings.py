"""Names that other libraries and other times gave to the weights of a network, as rules of one form.

A rule says what each weight of a network would be called there. It is followed where all of the network is in
the checkpoint under those names and of those shapes, so that it cannot half apply. A layer that sees all of a
map may be a matrix there and a filter here: of a weight only the first axis and the order of the rest count.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from torch import Tensor, nn

from ...errors import BaseError
from .weights import aligned

State = dict[str, Tensor]
Names = dict[str, str]
"""What the network calls a weight, and what the checkpoint would."""


@dataclass(frozen=True)
class Renaming:
    """One way to name the weights of one kind of network."""

    said: str
    """Whose names they are, in words: the receipt has it."""
    names: Callable[[Iterable[str]], Names]
    """For the names of any network; nothing changes in one of another kind."""
    output: tuple[str, str] = ("", "")
    """The output layer, which is no part of the network here: its name there is read as its own."""
    eps: float | None = None
    """What is added to the variances of BatchNorm by whoever names weights so."""
    even: bool = True
    """Does whoever names weights so pad both sides of a map alike? TensorFlow does not."""
    instead: str = ""
    """The networks that do the same, where these do not."""


def renamed(state: State, network: nn.Module) -> tuple[State, str | None]:
    """The checkpoint under the network's names, and whose it had, where a rule knows them.

    Raises:
        BaseError: they fit, but the network computes something else with them.
    """
    own = network.state_dict()
    if _whole(own, aligned(own, state)):
        return state, None
    for rule in RULES:
        names = rule.names(own)
        wanted = {names[name]: value for name, value in own.items()}
        given = aligned(wanted, state)
        if _whole(wanted, given, folded=True):
            _require_same(rule, network)
            back = {there: here for here, there in names.items()} | _layer(rule.output)
            found = {back.get(name, name): value for name, value in given.items()}
            return {name: _unfolded(value, own.get(name)) for name, value in found.items()}, rule.said
    return state, None


def _whole(own: State, given: State, folded: bool = False) -> bool:
    weights = {name: value for name, value in own.items() if value.is_floating_point()}
    return all(name in given and _fits(given[name], value, folded) for name, value in weights.items())


def _fits(given: Tensor, own: Tensor, folded: bool) -> bool:
    """Of one shape, or, if that counts, of one where either has all axes behind the first in one or none."""
    if given.shape == own.shape:
        return True
    plain = min(given.ndim, own.ndim) in (1, 2) and given.shape[:1] == own.shape[:1]
    return folded and plain and given.numel() == own.numel()


def _unfolded(value: Tensor, own: Tensor | None) -> Tensor:
    return value if own is None or not _fits(value, own, folded=True) else value.reshape(own.shape)


def _layer(output: tuple[str, str]) -> Names:
    here, there = output
    return {f"{there}.{kind}": f"{here}.{kind}" for kind in ("weight", "bias") if here}


def _require_same(rule: Renaming, network: nn.Module) -> None:
    norms = (module.eps for module in network.modules() if isinstance(module, nn.BatchNorm2d))
    eps = next(norms, None)
    if rule.eps is not None and eps is not None and eps != rule.eps:
        raise BaseError(
            f"the checkpoint has {rule.said}, which belong to BatchNorm with an eps of {rule.eps:g}; "
            f"that of this network is {eps:g}",
            f"name the same network with that: {rule.instead}",
        )
    if rule.even and any(map(_is_uneven, network.modules())):
        raise BaseError(
            f"the checkpoint has {rule.said}, which belong to a network that pads both sides of a map alike; "
            "this one pads as TensorFlow does",
            f"name the same network without that: {rule.instead}",
        )


def _is_uneven(module: nn.Module) -> bool:
    """A filter that overlaps its neighbour and pads nothing itself: what is around it does."""
    if not isinstance(module, nn.Conv2d):
        return False
    return module.kernel_size > module.stride > (1, 1) and module.padding == (0, 0)


def _replaced(*pairs: tuple[str, str | Callable[[re.Match[str]], str]]) -> Callable[[Iterable[str]], Names]:
    """Each pattern of a name in the network, in turn, with what stands in its place in the checkpoint."""

    def names(own: Iterable[str]) -> Names:
        found = {}
        for name in own:
            there = name
            for pattern, instead in pairs:
                there = re.sub(pattern, instead, there)
            found[name] = there
        return found

    return names


@dataclass(frozen=True)
class _Blocks:
    """Names of an EfficientNet or MobileNet, of which timm says `blocks.STAGE.NUMBER.PART`."""

    ends: Names
    """Parts before and after the blocks; `{last}` is the number after the last block's or stage's."""
    place: str
    """Of a block: `{flat}` is its number among all, `{stage}` and `{number}` are timm's."""
    parts: tuple[Names, ...]
    """Of each kind of block; a block is of the first kind that has all of its parts."""
    first: int
    """The number of the first block, or stage."""
    flat: bool
    """Are blocks numbered through, or stages?"""
    most: int = 1000
    """Blocks of a network; one with more is of another kind."""

    def __call__(self, own: Iterable[str]) -> Names:
        found: dict[tuple[int, int], list[tuple[str, str, str]]] = {}
        names = {name: name for name in own}
        for name in names:
            block = re.fullmatch(r"blocks\.(\d+)\.(\d+)\.(.+)\.(\w+)", name)
            if block:
                stage, number, part, kind = block.groups()
                found.setdefault((int(stage), int(number)), []).append((name, part, kind))
        if len(found) > self.most:
            return names
        for flat, (stage, number) in enumerate(sorted(found)):
            place = self.place.format(flat=flat + self.first, stage=stage + self.first, number=number)
            members = found[stage, number]
            parts = next((one for one in self.parts if all(part in one for _, part, _ in members)), {})
            names |= {name: f"{place}.{parts.get(part, part)}.{kind}" for name, part, kind in members}
        last = self.first + (len(found) if self.flat else len({stage for stage, _ in found}))
        ends = {here: there.format(last=last) for here, there in self.ends.items()}
        for name in names:
            part, _, kind = name.rpartition(".")
            names[name] = f"{ends[part]}.{kind}" if part in ends else names[name]
        return names


def _in_order(here: str, there: str) -> Names:
    return dict(zip(here.split(), there.split(), strict=True))


SEPARABLE = "conv_dw bn1 se.conv_reduce se.conv_expand conv_pw bn2"
INVERTED = "conv_pw bn1 conv_dw bn2 se.conv_reduce se.conv_expand conv_pwl bn3"
ENDS = "conv_stem bn1 conv_head bn2"
LUKEMELAS = _Blocks(
    ends=_in_order(ENDS, "_conv_stem _bn0 _conv_head _bn1"),
    place="_blocks.{flat}",
    parts=(
        _in_order(SEPARABLE, "_depthwise_conv _bn1 _se_reduce _se_expand _project_conv _bn2"),
        _in_order(
            INVERTED, "_expand_conv _bn0 _depthwise_conv _bn1 _se_reduce _se_expand _project_conv _bn2"
        ),
    ),
    first=0,
    flat=True,
)
MOBILENET = _Blocks(
    ends=_in_order(ENDS, "features.0.0 features.0.1 features.{last}.0 features.{last}.1"),
    place="features.{flat}.conv",
    parts=(
        _in_order("conv_dw bn1 conv_pw bn2", "0.0 0.1 1 2"),
        _in_order("conv_pw bn1 conv_dw bn2 conv_pwl bn3", "0.0 0.1 1.0 1.1 2 3"),
    ),
    first=1,
    flat=True,
)
EFFICIENTNET = _Blocks(
    ends=MOBILENET.ends,
    place="features.{stage}.{number}.block",
    parts=(
        _in_order(SEPARABLE, "0.0 0.1 1.fc1 1.fc2 2.0 2.1"),
        _in_order(INVERTED, "0.0 0.1 1.0 1.1 2.fc1 2.fc2 3.0 3.1"),
        _in_order("conv bn1", "0.0 0.1"),
        _in_order("conv_exp bn1 conv_pwl bn2", "0.0 0.1 1.0 1.1"),
    ),
    first=1,
    flat=False,
)
B0_TO_B4 = replace(EFFICIENTNET, most=32)
"""The larger ones have the names, and another eps."""


def _vit(first: str, second: str) -> Callable[[Iterable[str]], Names]:
    return _replaced(
        (r"^cls_token$", "class_token"),
        (r"^pos_embed$", "encoder.pos_embedding"),
        (r"^patch_embed\.proj\.", "conv_proj."),
        (r"^norm\.", "encoder.ln."),
        (r"^blocks\.(\d+)\.", r"encoder.layers.encoder_layer_\1."),
        (r"\.norm([12])\.", r".ln_\1."),
        (r"\.attn\.qkv\.", ".self_attention.in_proj_"),
        (r"\.attn\.proj\.", ".self_attention.out_proj."),
        (r"\.mlp\.fc1\.", f".mlp.{first}."),
        (r"\.mlp\.fc2\.", f".mlp.{second}."),
    )


def _regnet_block(place: re.Match[str]) -> str:
    stage, number = place.groups()
    return f"trunk_output.block{stage}.block{stage}-{int(number) - 1}."


def _every_other(after: int) -> Callable[[re.Match[str]], str]:
    """What narrows the maps has a number of its own, before the stage that follows."""
    return lambda stage: f"features.{2 * int(stage[1]) + after}."


REGNET = _replaced(
    (r"^stem\.conv\.", "stem.0."),
    (r"^stem\.bn\.", "stem.1."),
    (r"^s(\d+)\.b(\d+)\.", _regnet_block),
    (r"\.downsample\.conv\.", ".proj.0."),
    (r"\.downsample\.bn\.", ".proj.1."),
    (r"\.se\.fc", ".f.se.fc"),
    *(
        (rf"\.conv{number}\.{kind}\.", f".f.{letter}.{place}.")
        for number, letter in ((1, "a"), (2, "b"), (3, "c"))
        for kind, place in (("conv", 0), ("bn", 1))
    ),
)
SWIN = _replaced(
    (r"^patch_embed\.proj\.", "features.0.0."),
    (r"^patch_embed\.norm\.", "features.0.2."),
    (r"^layers\.(\d+)\.blocks\.", _every_other(1)),
    (r"^layers\.(\d+)\.downsample\.", _every_other(0)),
    (r"\.mlp\.fc1\.", ".mlp.0."),
    (r"\.mlp\.fc2\.", ".mlp.3."),
)
CONVNEXT = _replaced(
    (r"^stem\.", "features.0."),
    (r"^stages\.(\d+)\.blocks\.", _every_other(1)),
    (r"^stages\.(\d+)\.downsample\.", _every_other(0)),
    (r"\.gamma$", ".layer_scale"),
    (r"\.conv_dw\.", ".block.0."),
    (r"^(features\.\d+\.\d+)\.norm\.", r"\1.block.2."),
    (r"\.mlp\.fc1\.", ".block.3."),
    (r"\.mlp\.fc2\.", ".block.5."),
    (r"^head\.norm\.", "classifier.0."),
)
VGG = _replaced((r"^pre_logits\.fc1\.", "classifier.0."), (r"^pre_logits\.fc2\.", "classifier.3."))
RULES = (
    Renaming(
        "the names of the package efficientnet_pytorch",
        LUKEMELAS,
        ("classifier", "_fc"),
        eps=1e-3,
        even=False,
        instead="those of timm that begin with tf_efficientnet",
    ),
    Renaming(
        "torchvision's names of a MobileNetV2",
        MOBILENET,
        ("classifier", "classifier.1"),
        eps=1e-5,
        instead="torchvision/mobilenet_v2",
    ),
    Renaming(
        "torchvision's names of an EfficientNet",
        B0_TO_B4,
        ("classifier", "classifier.1"),
        eps=1e-5,
        instead="efficientnet_b0 to efficientnet_b4, without tf_",
    ),
    Renaming(
        "torchvision's names of a large EfficientNet",
        EFFICIENTNET,
        ("classifier", "classifier.1"),
        eps=1e-3,
        instead="torchvision's own, torchvision/efficientnet_b5 or torchvision/efficientnet_v2_s and so on",
    ),
    Renaming("torchvision's names of a RegNet", REGNET, ("head.fc", "fc")),
    Renaming("torchvision's names of a vision transformer", _vit("0", "3"), ("head", "heads.head")),
    Renaming(
        "torchvision's older names of a vision transformer",
        _vit("linear_1", "linear_2"),
        ("head", "heads.head"),
    ),
    Renaming("torchvision's names of a Swin transformer", SWIN, ("head.fc", "head")),
    Renaming("torchvision's names of a ConvNeXt", CONVNEXT, ("head.fc", "classifier.2")),
    Renaming("torchvision's names of a VGG", VGG, ("head.fc", "classifier.6")),
    Renaming(
        "torchvision's older names of a DenseNet",
        _replaced((r"\.(norm|conv)([12])\.", r".\1.\2.")),
    ),
)
