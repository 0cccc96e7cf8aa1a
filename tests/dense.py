"""Bundles that find boxes or regions: a tiny base with random maps, and a head with random weights."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from PIL import Image

from headstart import registry
from headstart.bases import load_base
from headstart.bases.networks.maps import mapped, maps_of
from headstart.shipping.bundles import bundle

LABELS = {"segmentation": ("background", "cell", "7 up"), "object_detection": ("cat", "dog")}
SIDE = 64


def write_bundle(folder: Path, task: str, base: Path) -> Path:
    """A bundle of this task that has learned nothing."""
    plugin, plain = registry.get("tasks", task), load_base(str(base))
    fitted = plain.prepared(replace(plugin.answer.framed(plain.preprocess), size=SIDE))
    made = mapped(fitted, plugin.answer.finest)
    network = made.network()
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(3)
        head = plugin.answer.head(made.card.width, LABELS[task], maps_of(network))
        for parameter in head.parameters():
            torch.nn.init.normal_(parameter, std=0.3)
        if task == "segmentation":
            _balance(head, network(torch.randn(4, 3, SIDE, SIDE)))
    parts = bundle.Parts(task, made.architecture, made.preprocess, LABELS[task], made.card.width, {})
    bundle.write(folder, parts, network, head)
    return folder


def _balance(head: torch.nn.Module, features: torch.Tensor) -> None:
    """No class is larger than the others everywhere."""
    with torch.no_grad():
        head.classify.bias.sub_(head(features).mean((0, 2, 3)))


def picture(path: Path, size: tuple[int, int] = (90, 50), seed: int = 0, **how: object) -> Path:
    """Coloured noise in large spots."""
    draws = np.random.default_rng(seed).integers(0, 256, (6, 8, 3), dtype=np.uint8)
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(draws).resize(size, Image.Resampling.BICUBIC).save(path, **how)
    return path


def film(path: Path, frames: int = 12, size: tuple[int, int] = (64, 48), rate: int = 10) -> Path:
    """A film of frames that get brighter, written with PyAV."""
    import av

    path.parent.mkdir(parents=True, exist_ok=True)
    with av.open(str(path), "w") as out:
        stream = out.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = *size, "yuv420p"
        for number in range(frames):
            pixels = np.full((size[1], size[0], 3), 10 + 240 * number // frames, np.uint8)
            for packet in stream.encode(av.VideoFrame.from_ndarray(pixels, format="rgb24")):
                out.mux(packet)
        for packet in stream.encode():
            out.mux(packet)
    return path
