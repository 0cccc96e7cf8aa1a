"""FastestDet as its author's training script keeps it: a folder with its weights and a `config.json`.

The base is everything up to the one map that it looks at; the layers that answer are the head that comes with
it. A folder is told by the names of its weights; others are left alone.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open
from torch import Tensor
from torch.nn.utils.fusion import fuse_conv_bn_weights

from ..errors import BaseError
from ..types import Architecture
from . import _coco
from ._borrowed import Borrowed
from .base import Brought, Located
from .formats.files import WEIGHTS, read_config, read_state

HEAD = "fastestdet"
"""The file in `heads/` that builds the upper half."""
SIDE = 352
"""Of pictures, the author's."""
LARGEST = 1.0
"""Of a colour in its inputs."""
UPPER = "detect_head."
FIRST, ENTRY = "backbone.first_conv.0.weight", "detect_head.conv1x1.conv1x1"
CLASSES = "detect_head.cls_layers.conv5x5.3.weight"
EPS = 1e-5
"""Of its BatchNorm."""
Shapes = Mapping[str, tuple[int, ...]]
State = dict[str, Tensor]


class FastestDets(Borrowed):
    """The family; the built-in one has its network."""

    def locate(self, name: str) -> Located | None:
        """The base in a folder.

        Raises:
            BaseError: its settings cannot be followed.
        """
        folder = Path(name)
        file = folder / WEIGHTS[0]
        shapes = _shapes(file)
        if FIRST not in shapes or CLASSES not in shapes:
            return None
        config = read_config(folder) or {}
        source_data, licence = _coco.terms(config)
        return Located(
            architecture=Architecture("builtin", "fastestdet", _args(shapes)),
            preprocess=_coco.whole_picture(_side(config), LARGEST),
            weights=partial(_lower, file),
            source_data=source_data,
            licence=licence,
            folder=folder,
            head=partial(_head, file, config),
            enough=1.0,
        )


def _shapes(file: Path) -> Shapes:
    """Of the weights in a file, by name; none where it is no file of them: others say what is wrong."""
    if not file.is_file():
        return {}
    try:
        with safe_open(file, "pt") as opened:
            return {name: tuple(opened.get_slice(name).get_shape()) for name in opened.keys()}  # noqa: SIM118
    except (SafetensorError, OSError):
        return {}


def _args(shapes: Shapes) -> dict[str, Any]:
    """Of `FastestDet`; where the weights are those of another network, they do not fit it afterwards."""
    stages = ("stage2", "stage3", "stage4")
    blocks = [
        {name.split(".")[2] for name in shapes if name.startswith(f"backbone.{stage}.")} for stage in stages
    ]
    first = shapes[FIRST][0]
    return {
        "first": first,
        "widths": [first * 2**power for power in (1, 2, 3)],
        "repeats": list(map(len, blocks)),
    }


def _side(config: Mapping[str, Any]) -> int:
    side = config.get("size", SIDE)
    if isinstance(side, int) and side > 0:
        return side
    raise BaseError(
        f"preprocessing: `size` should be a side in pixels, not {side!r}", "correct its config.json"
    )


def _lower(file: Path) -> State:
    state = {name: value for name, value in read_state(file).items() if not name.startswith(UPPER)}
    return state | {FIRST: state[FIRST].flip(1)}  # blue, green, red to red, green, blue


def _head(file: Path, config: Mapping[str, Any]) -> Brought:
    """The layers that answer, with a row for each class."""
    state = read_state(file)
    try:
        found = _folded(state, f"{ENTRY}.0", f"{ENTRY}.1", "conv1x1")
        for part in ("reg", "obj", "cls"):
            inside = f"{UPPER}{part}_layers.conv5x5"
            found |= _folded(state, f"{inside}.0", f"{inside}.1", f"{part}_layers.0")
            found |= _folded(state, f"{inside}.3", f"{inside}.4", f"{part}_layers.2")
    except KeyError as error:
        raise BaseError(f"{file} lacks the weight {error} of its head", "get it anew") from error
    names = _coco.class_names(config, len(state[CLASSES]))
    own = {f"answers.0.{name}": value for name, value in found.items()}
    return Brought(Architecture("heads", HEAD, {"width": state[CLASSES].shape[1]}), names, own)


def _folded(state: State, layer: str, norm: str, name: str) -> State:
    """A convolution with the effect of the BatchNorm after it, under a name of ours."""
    mean, variance, scale, shift = (
        state[f"{norm}.{part}"].float() for part in ("running_mean", "running_var", "weight", "bias")
    )
    weight, bias = fuse_conv_bn_weights(
        state[f"{layer}.weight"].float(), None, mean, variance, EPS, scale, shift
    )
    return {f"{name}.weight": weight.detach(), f"{name}.bias": bias.detach()}


plugin = FastestDets()
