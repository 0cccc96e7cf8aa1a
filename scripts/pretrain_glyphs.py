"""Make `builtin/glyphs`: GlyphNet pre-trained to read letters, drawn in fonts that matplotlib ships.

    python scripts/pretrain_glyphs.py        about 8 minutes on 2 cores

No digit is drawn: the demo, whose task is digits, shows transfer to classes that were never seen.
"""

from __future__ import annotations

import argparse
import io
import json
import string
import tempfile
from pathlib import Path

import numpy as np
import torch
from matplotlib import get_data_path
from PIL import Image, ImageDraw, ImageFilter, ImageFont
from safetensors.torch import save_file
from scipy.ndimage import map_coordinates, zoom

from headstart.adaptation import Job, Recipe, fit, model_of, strategy_named
from headstart.adaptation import outputs as outputs_of
from headstart.bases import load_base
from headstart.bases.networks.glyphnet import GlyphNet
from headstart.bases.passes.frozen import FrozenPass
from headstart.bench import Bench
from headstart.cache import Cache
from headstart.cli.output import Terminal
from headstart.registry import get
from headstart.runtime import Clock, detect
from headstart.types import Examples

FONTS = (
    *("DejaVuSans.ttf", "DejaVuSans-*.ttf", "DejaVuSansMono*.ttf", "DejaVuSerif.ttf", "DejaVuSerif-*.ttf"),
    *("STIXGeneral*.ttf", "cmb10.ttf", "cmr10.ttf", "cmss10.ttf", "cmti10.ttf", "cmtt10.ttf"),
)
"""The Display fonts are left out: they have no letters."""
SIDE, CANVAS = 32, 96
WIDTHS = [48, 96, 192]
CONFIG = {
    "architecture": "glyphnet",
    "model_args": {"widths": WIDTHS},
    "source_data": "52 Latin letters (no digits) drawn in the DejaVu, STIX and Computer Modern fonts",
    "license": "apache-2.0",
    "input_size": [3, SIDE, SIDE],
    "mean": [0.5, 0.5, 0.5],
    "std": [0.25, 0.25, 0.25],
    "interpolation": "bicubic",
    "crop_pct": 1.0,
    "crop_mode": "center",
}
CARD = """---
license: apache-2.0
library_name: headstart
tags: [headstart, image-classification]
---
# builtin/glyphs

GlyphNet ({parameters:,} parameters, 32 px) pre-trained to tell 52 Latin letters apart, drawn by
`scripts/pretrain_glyphs.py` in fonts that matplotlib ships (DejaVu, STIX, Computer Modern), with random
size, slant, weight, wobble, blur and contrast. No digit and no photograph was drawn.

A toy for demos and tests, and a fair start for small pictures of characters. For photographs use a base
that was trained on photographs.

Its drawing, pooling and width were chosen with the digits of the demo in view, test rows included: the demo
shows the story and is no benchmark of this base.

Letters of fonts and distortions drawn anew with another seed, {n} of them: accuracy {accuracy:.3f}.
"""


def main() -> None:
    """Draw, train, measure, save."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=Path("src/headstart/bases/weights/glyphs"))
    parser.add_argument("--per-letter", type=int, default=400)
    parser.add_argument("--epochs", type=int, default=15)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()

    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        untrained = work / "untrained"
        torch.manual_seed(asked.seed)
        save_base(untrained, GlyphNet(WIDTHS).state_dict())
        examples, train, test = drawn(asked.per_letter, asked.seed)
        runtime = detect(Clock(), Terminal())
        base = load_base(str(untrained))
        passes = FrozenPass(Cache(work), runtime)
        bench = Bench(get("tasks", "image_classification"), examples, train, base, passes)
        recipe = Recipe(epochs=asked.epochs, batch=64, rate=4e-3, size=SIDE)
        job = Job(
            "pretrain",
            strategy_named("scratch"),
            asked.seed,
            recipe,
            train,
            np.zeros(0, dtype=np.int64),
        )
        fitted = fit(job, bench, work)
        backbone, _ = model_of(fitted, bench)
        accuracy = float((outputs_of(fitted, bench, test).argmax(1) == examples.answers[test]).mean())
    save_base(asked.out, backbone.state_dict())
    (asked.out / "README.md").write_text(
        CARD.format(n=len(test), accuracy=accuracy, parameters=base.card.parameters)
    )
    print(f"accuracy on letters drawn anew {accuracy:.3f}; {fitted.seconds:.0f} s; saved {asked.out}")


def save_base(folder: Path, state: dict[str, torch.Tensor]) -> None:
    """A base folder: settings and weights."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "config.json").write_text(json.dumps(CONFIG, indent=2) + "\n")
    save_file({name: tensor.contiguous() for name, tensor in state.items()}, folder / "model.safetensors")


def drawn(per_letter: int, seed: int) -> tuple[Examples, np.ndarray, np.ndarray]:
    """Letters with their targets; the rows to train on, and a tenth as many to measure on."""
    letters = string.ascii_letters
    fonts = sorted(path for pattern in FONTS for path in Path(get_data_path(), "fonts/ttf").glob(pattern))
    total = per_letter + per_letter // 10
    numbers = np.random.default_rng(seed)
    sources = [letter_png(letter, fonts, numbers) for letter in letters for _ in range(total)]
    targets = np.repeat(np.arange(len(letters)), total)
    names = tuple(f"{letters[target]}-{row}" for row, target in enumerate(targets))
    digests = tuple(f"{seed}-{row}" for row in range(len(sources)))
    labels = tuple(f"letter {letter}" for letter in letters)
    trained = np.arange(len(targets)) % total < per_letter
    examples = Examples(names, tuple(sources), digests, targets, labels)
    return examples, np.flatnonzero(trained), np.flatnonzero(~trained)


def letter_png(letter: str, fonts: list[Path], numbers: np.random.Generator) -> bytes:
    """One letter of random font, weight, size, slant, blur, contrast and polarity, as PNG bytes."""
    font = ImageFont.truetype(str(fonts[numbers.integers(len(fonts))]), int(numbers.integers(66, 100)))
    image = Image.new("L", (CANVAS, CANVAS))
    draw = ImageDraw.Draw(image)
    middle = (CANVAS / 2 + numbers.uniform(-5, 5), CANVAS / 2 + numbers.uniform(-5, 5))
    draw.text(middle, letter, 255, font, anchor="mm", stroke_width=int(numbers.integers(0, 4)))
    angle, shear, stretch = numbers.uniform(-15, 15), numbers.uniform(-0.3, 0.3), numbers.uniform(0.75, 1.3)
    image = image.rotate(angle, Image.Resampling.BILINEAR)
    offset = CANVAS / 2 * (1 - stretch - shear)
    matrix = (stretch, shear, offset, 0, 1, 0)
    image = image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)
    image = filled(image, numbers)
    image = Image.fromarray(wobbled(np.asarray(image), numbers))
    image = image.filter(ImageFilter.GaussianBlur(numbers.uniform(0, 2)))
    coarse = int(numbers.choice([8, 8, 8, 10, 12, 16, 32]))
    image = image.resize((coarse, coarse), Image.Resampling.BOX).resize(
        (SIDE, SIDE), Image.Resampling.BICUBIC
    )
    pixels = np.asarray(image, dtype=np.float64) / 255
    pixels = np.clip(pixels * numbers.uniform(0.7, 1.3), 0, 1) + numbers.normal(0, 0.03, pixels.shape)
    dark, light = numbers.uniform(0, 0.2), numbers.uniform(0.7, 1)
    pixels = dark + (light - dark) * pixels
    if numbers.random() < 0.3:
        pixels = 1 - pixels
    out = io.BytesIO()
    Image.fromarray((np.clip(pixels, 0, 1) * 255).astype(np.uint8)).save(out, "PNG")
    return out.getvalue()


def filled(image: Image.Image, numbers: np.random.Generator) -> Image.Image:
    """The ink enlarged to fill the canvas up to a random margin, as digit scanners cut it."""
    left, top, right, bottom = image.getbbox() or (0, 0, CANVAS, CANVAS)
    side = max(right - left, bottom - top) * numbers.uniform(1.0, 1.4)
    x, y = (left + right - side) / 2, (top + bottom - side) / 2
    matrix = (side / CANVAS, 0, x, 0, side / CANVAS, y)
    return image.transform(image.size, Image.Transform.AFFINE, matrix, Image.Resampling.BILINEAR)


def wobbled(pixels: np.ndarray, numbers: np.random.Generator) -> np.ndarray:
    """The picture under a smooth random displacement of up to a few pixels: an unsteady hand."""
    coarse = numbers.normal(0, numbers.uniform(0, 3.5), (2, 5, 5))
    field = np.stack([zoom(one, CANVAS / 5, order=3, grid_mode=True, mode="nearest") for one in coarse])
    return map_coordinates(pixels, np.indices(pixels.shape) + field, order=1)


if __name__ == "__main__":
    main()
