"""The frozen pass against plain timm in eager mode, and against what the machine can do at all.

    python benchmarks/passes.py [--jpegs FOLDER] [--rounds 3]

Random weights (the speed is the same). Plain timm gets float32 NCHW inputs that are ready in memory, at
the batch size of 1, 4, 8, 16, 32 that is best for it; ours gets uint8 pixels. Both are measured in turns,
`--rounds` times; the ratio is that of a round. The ceiling is the fastest float32 matrix product of
2048 x 2048 that was found, in torch or ONNX Runtime.
With a folder of JPEG files, mobilenetv3_small is measured from file to feature too, on 2,000 pictures of
640 x 480 made of them: ours with everything (the engine's probe, decoding, the store of pixels and of
features), against Pillow, torchvision and eager at a batch of 16 one after the other.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import numpy as np
import onnxruntime
import timm
import torch
from measuring import machine, rate, seconds, spread, table
from PIL import Image
from torchvision.transforms import v2

from headstart.bases.base import FEATURES
from headstart.bases.passes.engines import Job, choose
from headstart.bases.passes.engines import rate as engine_rate
from headstart.bases.passes.frozen import FrozenPass, Subject, Wanted
from headstart.bases.passes.onnx import export
from headstart.cache import Cache
from headstart.data.images.store import Normalise, PixelStore
from headstart.preprocessing.image import ImagePreprocess
from headstart.runtime import Runtime

MODELS = (
    *("mobilenetv2_100", "mobilenetv3_small_100", "resnet18", "resnet50"),
    *("inception_v3", "vgg16", "vit_tiny_patch16_224"),
)
BATCHES = (1, 4, 8, 16, 32)
FILES = 2_000
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--jpegs", type=Path, default=None)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--models", nargs="*", default=MODELS)
    asked = parser.parse_args()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    print(machine())
    products = {
        "torch float32": gemm(torch.float32, device),
        "torch bfloat16": gemm(torch.bfloat16, device),
        **({"ONNX Runtime float32": onnx_gemm()} if device == "cpu" else {}),
    }
    print("matrix product, GFLOP/s: " + ", ".join(f"{name} {value:.0f}" for name, value in products.items()))
    ceiling = max(value for name, value in products.items() if "float32" in name)
    print()
    header = [
        "network",
        "eager img/s (its batch)",
        "ours img/s",
        "ratio",
        "engine",
        "differs by",
        "of the ceiling",
    ]
    rows = [compared(name, asked.rounds, ceiling, device) for name in asked.models]
    print(table(header, rows), flush=True)
    if asked.jpegs:
        print("\nFrom JPEG files to features, mobilenetv3_small_100:\n")
        print(table(["plain img/s", "ours img/s", "ratio"], [from_files(asked.jpegs, asked.rounds)]))


def compared(name: str, rounds: int, ceiling: float, device: str) -> list[str]:
    """One row: a network in eager mode and on the engine that is chosen for it."""
    torch.manual_seed(0)
    network = timm.create_model(name, num_classes=0).eval().to(device)
    size = timm.data.resolve_model_data_config(network)["input_size"][-1]
    pixels = np.random.default_rng(0).integers(0, 256, (32, size, size, 3), dtype=np.uint8)
    batches = {count: torch.rand(count, 3, size, size, device=device) for count in BATCHES}
    best = max(BATCHES, key=lambda count: eager(network, batches[count], 1.0))
    runtime = Runtime(device, torch.get_num_threads())
    job = Job(
        timm.create_model(name, num_classes=0).eval(),
        Normalise(ImagePreprocess(size, MEAN, STD)),
        (FEATURES,),
    )
    with tempfile.TemporaryDirectory() as folder:
        engine, choice = choose(job, pixels[:16], runtime, Cache(Path(folder)))
    plain, ours = [], []
    for _ in range(rounds):
        plain.append(eager(network, batches[best], 2.0))
        ours.append(max(engine_rate(engine, pixels, runtime.threads) for _ in range(3)))
    ratios = [mine / theirs for mine, theirs in zip(ours, plain, strict=True)]
    share = np.median(ours) * flops(network, size, device) / 1e9 / ceiling
    return [
        name,
        f"{spread(plain)} (b{best})",
        spread(ours),
        spread(ratios, ".2f"),
        choice.engine,
        f"{choice.difference:.0e}",
        f"{share:.0%}",
    ]


@torch.inference_mode()
def eager(network: torch.nn.Module, batch: torch.Tensor, least: float) -> float:
    """Images a second."""

    def once() -> int:
        network(batch)[0, 0].item()
        return len(batch)

    once()
    return rate(once, least)


def flops(network: torch.nn.Module, size: int, device: str) -> int:
    """Multiply-adds x 2 of one image."""
    from torch.utils.flop_counter import FlopCounterMode

    counter = FlopCounterMode(display=False)
    with torch.no_grad(), counter:
        network(torch.rand(1, 3, size, size, device=device))
    return int(counter.get_total_flops())


def gemm(dtype: torch.dtype, device: str) -> float:
    """GFLOP/s of a matrix product; a smaller one where it is slow."""
    side = 2048
    a, b = (torch.rand(side, side, device=device).to(dtype) for _ in range(2))
    if seconds(lambda: (a[:256] @ b).sum().item()) > 0.5:
        side, a, b = 256, a[:256, :256].contiguous(), b[:256, :256].contiguous()

    def once() -> int:
        (a @ b)[0, 0].item()
        return 1

    once()
    return max(rate(once, 0.5) for _ in range(5)) * 2 * side**3 / 1e9


class Product(torch.nn.Module):
    """A matrix times itself."""

    def forward(self, matrix: torch.Tensor) -> tuple[torch.Tensor]:
        return (matrix @ matrix,)


def onnx_gemm() -> float:
    """GFLOP/s of the same product in ONNX Runtime: on some processors torch's is far from what they can."""
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    matrix = torch.rand(2048, 2048)
    session = onnxruntime.InferenceSession(
        export(Product(), matrix), options, providers=["CPUExecutionProvider"]
    )

    def once() -> int:
        session.run(None, {"input": matrix.numpy()})
        return 1

    once()
    return max(rate(once, 0.5) for _ in range(5)) * 2 * 2048**3 / 1e9


def from_files(folder: Path, rounds: int) -> list[str]:
    """Images a second from files to features, ours with a fresh cache each time."""
    with tempfile.TemporaryDirectory() as large:
        made = []
        for path in sorted(path for path in folder.rglob("*") if path.suffix.lower() in (".jpg", ".jpeg")):
            made.append(Path(large) / f"{len(made)}.jpg")
            Image.open(path).convert("RGB").resize((640, 480)).save(made[-1], quality=90)
        return on_files([made[number % len(made)] for number in range(FILES)], rounds)


def on_files(files: list[Path], rounds: int) -> list[str]:
    """A row of the second table."""
    preprocess = ImagePreprocess(224, MEAN, STD, "bicubic", 0.875)
    network = timm.create_model("mobilenetv3_small_100", num_classes=0).eval()
    steps = v2.Compose(
        [
            v2.Resize(256, v2.InterpolationMode.BICUBIC),
            v2.CenterCrop(224),
            v2.PILToTensor(),
            v2.ToDtype(torch.float32, scale=True),
            v2.Normalize(MEAN, STD),
        ]
    )

    @torch.inference_mode()
    def plain() -> None:
        for start in range(0, len(files), 16):
            opened = [Image.open(path).convert("RGB") for path in files[start : start + 16]]
            network(torch.stack([steps(picture) for picture in opened]))

    def ours() -> None:
        with tempfile.TemporaryDirectory() as cache:
            passes = FrozenPass(Cache(Path(cache)), Runtime(threads=torch.get_num_threads()))
            digests = tuple(map(str, range(len(files))))
            inputs = PixelStore(files, preprocess, passes.cache, digests)
            subject = Subject(inputs, digests, preprocess)
            passes(Wanted(network, "mobilenetv3", subject, (FEATURES,)), np.arange(len(files)))

    pairs = [(len(files) / seconds(plain), len(files) / seconds(ours)) for _ in range(rounds)]
    before, after = zip(*pairs, strict=True)
    return [spread(before), spread(after), spread([b / a for a, b in pairs], ".2f")]


if __name__ == "__main__":
    main()
