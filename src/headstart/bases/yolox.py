"""YOLOX as its authors export it: a graph of ONNX's, alone or in a folder with a `config.json`.

The base is everything up to the maps of its pyramid; the towers on these are the head that comes with it. A
graph has no names for most of its weights: they are taken in the order in which its convolutions run, and
believed where the network then gives what the graph gives. Other graphs are left alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from ..errors import BaseError
from ..types import Architecture
from . import _coco
from ._borrowed import Borrowed
from .base import Brought, Located
from .formats import graphs
from .formats.files import read_config
from .networks.trace import trace
from .networks.yolox import EPS, Towers, YoloX

HEAD = "yolox"
"""The file in `heads/` that builds the towers' head."""
SIDE = 416
"""Of pictures, where the graph takes any; the authors' for their small networks."""
MOST_REPEATS = 4
"""Blocks of a stage in the largest of the family."""
TOLERANCE = 1e-3
"""Of what places differ in at most: how far a graph and its network may be apart."""
LARGEST = 255.0
"""Of a colour in its inputs."""
State = dict[str, Tensor]


class YoloXGraphs(Borrowed):
    """The family; the built-in one has its networks."""

    def locate(self, name: str) -> Located | None:
        """The base in a graph, or in a folder with one.

        Raises:
            BaseError: it is a file of a graph that cannot be read, or of another network.
        """
        path = Path(name)
        if path.suffix == graphs.SUFFIX and path.is_file():
            if (found := _found(path, {})) is None:
                raise BaseError(
                    f"{path} is a graph of ONNX's, and of no YOLOX: others are not taken apart",
                    "give the folder of the same model with its model.safetensors and config.json",
                )
            return found
        files = sorted(path.glob(f"*{graphs.SUFFIX}")) if path.is_dir() else []
        return _found(files[0], read_config(path) or {}) if len(files) == 1 else None


def _found(file: Path, config: dict[str, Any]) -> Located | None:
    graph = graphs.read(file)
    parts = _parts(graph)
    if parts is None:
        return None
    converted = _Converted(graph, parts, config)
    source_data, licence = _coco.terms(config)
    return Located(
        architecture=Architecture("builtin", "yolox", parts.args),
        preprocess=_coco.whole_picture(converted.side, LARGEST),
        weights=converted.base,
        source_data=source_data,
        licence=licence,
        folder=file.parent,
        head=converted.head,
        enough=1.0,
    )


@dataclass(frozen=True)
class _Parts:
    """The sizes of a network that has a graph's convolutions."""

    args: dict[str, Any]
    """Of `YoloX`."""
    width: int
    """Of a tower."""
    k: int

    def network(self) -> nn.ModuleDict:
        """Both halves, with random weights, under the authors' names."""
        base = YoloX(**self.args)
        given = [many * self.args["channels"] for many in (4, 8, 16)]
        towers = Towers(given, self.width, self.k, self.args["separable"])
        return nn.ModuleDict({"base": base, "head": towers})


def _parts(graph: graphs.Graph) -> _Parts | None:
    """The sizes, as the weights tell them; None where they are those of no YOLOX."""
    shapes = [tuple(one.weight.shape) for one in graph.convolutions]
    if len(shapes) < 20 or shapes[0][1:] != (12, 3, 3) or shapes[-1][0] != 1 or shapes[-2][0] != 4:
        return None
    separable = shapes[1][1] == 1
    k, width = shapes[-7 if separable else -5][0], shapes[-1][1]
    for repeats in range(1, MOST_REPEATS + 1):
        args = {"channels": shapes[0][0], "repeats": repeats, "separable": separable}
        parts = _Parts(args, width, k)
        with torch.device("meta"):
            network = parts.network().eval()
        if [tuple(one.weight.shape) for _, one in _in_order(network)] == shapes:
            return parts
    return None


class _Whole(nn.Module):
    """Images (n, 3, s, s) to what a graph gives: (n, L, 5 + k), with probabilities for logits."""

    def __init__(self, network: nn.ModuleDict) -> None:
        super().__init__()
        self.network = network

    def forward(self, images: Tensor) -> Tensor:
        base: Any = self.network["base"]
        raw = self.network["head"](base.backbone(images))
        return torch.cat([raw[..., :4], raw[..., 4:].sigmoid()], 2)


def _in_order(network: nn.ModuleDict) -> list[tuple[str, nn.Conv2d]]:
    """The convolutions in the order in which they run, each under its name in the network."""
    like = next(network.parameters())
    calls, _ = trace(_Whole(network), torch.zeros((1, 3, 64, 64), device=like.device))
    names = [call.name.removeprefix("network.") for call in calls]
    modules = dict(network.named_modules())
    return [(name, one) for name in names if isinstance(one := modules.get(name), nn.Conv2d)]


class _Converted:
    """A graph's weights under the names of the two halves."""

    def __init__(self, graph: graphs.Graph, parts: _Parts, config: dict[str, Any]) -> None:
        self.graph, self.parts, self.config = graph, parts, config
        shape = graph.input_shape()
        self.side = shape[2] if len(shape) == 4 and shape[2] else SIDE

    def base(self) -> State:
        """Up to the pyramid's maps."""
        return self._half("base")

    def head(self) -> Brought:
        """The towers, with a row for each class."""
        args = {"width": self.parts.width, "separable": self.parts.args["separable"]}
        state = {f"towers.{name}": value for name, value in self._half("head").items()}
        names = _coco.class_names(self.config, self.parts.k)
        return Brought(Architecture("heads", HEAD, args), names, state)

    def _half(self, which: str) -> State:
        start = f"{which}."
        return {name.removeprefix(start): one for name, one in self._state.items() if name.startswith(start)}

    @cached_property
    def _state(self) -> State:
        """Both halves.

        Raises:
            BaseError: a network with these weights gives something else than the graph.
        """
        with torch.random.fork_rng(devices=[]):
            network = self.parts.network().eval()
            state = network.state_dict()
            for (name, layer), given in zip(_in_order(network), self.graph.convolutions, strict=True):
                state |= _unfolded(name, layer, given)
            first = "base.backbone.backbone.stem.conv.conv.weight"
            state[first] = _other_colours(state[first])
            network.load_state_dict(state)
            self._require_same(network)
        return {name: value.clone() for name, value in network.state_dict().items()}

    def _require_same(self, network: nn.ModuleDict) -> None:
        noise = torch.rand((1, 3, self.side, self.side), generator=torch.Generator().manual_seed(0)) * LARGEST
        (given, *_) = self.graph.run(noise.flip(1))
        with torch.no_grad():
            found = _Whole(network)(noise)
        if given.shape != found.shape or not _agree(given, found):
            raise BaseError(
                f"{self.graph.file} has the weights of a YOLOX, and does something else with them",
                "export it as its authors do, without the decoding of boxes",
            )


def _agree(given: Tensor, found: Tensor) -> bool:
    """Never where one is no number, or where all places say the same."""
    differ = (found.amax(1) - found.amin(1)).max()
    return bool((given - found).abs().max() < TOLERANCE * differ)


def _unfolded(name: str, layer: nn.Conv2d, given: graphs.Convolution) -> State:
    """The layer's weights; where it has no bias, the normalisation after it has that, and nothing else."""
    if layer.bias is not None:
        return {f"{name}.weight": given.weight, f"{name}.bias": given.bias}
    norm, c = f"{name.rpartition('.')[0]}.bn", len(given.bias)
    return {
        f"{name}.weight": given.weight,
        f"{norm}.weight": torch.ones(c),
        f"{norm}.bias": given.bias,
        f"{norm}.running_mean": torch.zeros(c),
        f"{norm}.running_var": torch.full((c,), 1 - EPS),
        f"{norm}.folded": torch.tensor(True),
    }


def _other_colours(weight: Tensor) -> Tensor:
    """Of the first convolution (c, 4 * 3, 3, 3): blue, green, red to red, green, blue."""
    return weight.reshape(len(weight), 4, 3, *weight.shape[2:]).flip(2).reshape(weight.shape)


plugin = YoloXGraphs()
