"""What every source draws with: tiling fields, colour laws, texture programmes, cluttered backgrounds."""

from __future__ import annotations

import io
from dataclasses import dataclass, field
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFilter
from scipy.spatial import cKDTree

Array = NDArray[np.float32]
Rng = np.random.Generator

TILE = 256
"""The side of a tiling field, in samples."""
SCENE = 192
"""The side of a stored background."""
SCENES = 192


def rng_of(*key: int) -> Rng:
    """A generator that depends on the key alone, so that the order of drawing does not matter."""
    return np.random.default_rng(np.random.SeedSequence(key))


@cache
def grid(side: int) -> tuple[Array, Array]:
    """The x and y of every pixel centre, both from -1 to 1."""
    line = ((np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1).astype(np.float32)
    x, y = np.meshgrid(line, line)
    return x, y


def turn(x: Array, y: Array, angle: float) -> tuple[Array, Array]:
    """Coordinates turned about the origin."""
    c, s = np.float32(np.cos(angle)), np.float32(np.sin(angle))
    return c * x - s * y, s * x + c * y


def noise_tile(rng: Rng, power: float, stretch: float = 1.0) -> Array:
    """Noise that tiles, with an amplitude spectrum 1 / f^power: zero mean, unit variance."""
    fy, fx = np.fft.fftfreq(TILE)[:, None], np.fft.rfftfreq(TILE)[None, :]
    f = np.hypot(fy * stretch, fx / stretch)
    f[0, 0] = np.inf
    phase = np.exp(2j * np.pi * rng.random(f.shape))
    tile = np.fft.irfft2(np.maximum(f, 2 / TILE) ** -power * phase * np.isfinite(f), s=(TILE, TILE))
    return ((tile - tile.mean()) / tile.std()).astype(np.float32)


def cell_tiles(rng: Rng, count: int, jitter: float) -> list[Array]:
    """Worley fields that tile: the distance to the nearest seed, to the nearest border, a value a cell."""
    n = round(count**0.5)
    at = (np.stack(np.meshgrid(np.arange(n), np.arange(n)), -1).reshape(-1, 2) + 0.5) / n
    at = (at + rng.uniform(-jitter, jitter, at.shape) / n) % 1.0
    line = (np.arange(TILE) + 0.5) / TILE
    points = np.stack(np.meshgrid(line, line), -1).reshape(-1, 2)
    distance, nearest = cKDTree(at, boxsize=1.0).query(points, k=2)
    fields = [distance[:, 0], distance[:, 1] - distance[:, 0], rng.random(len(at))[nearest[:, 0]]]
    return [((f - f.mean()) / f.std()).astype(np.float32).reshape(TILE, TILE) for f in fields]


def palette(rng: Rng, stops: int = 4) -> Array:
    """A colour law: 256 colours along a line; brightness varies most and the hues keep together."""
    light = rng.uniform(0.05, 0.95, stops)
    if rng.random() < 0.5:
        light = np.sort(light)
    common, apart = rng.normal(0, 0.09, 2), rng.choice([0.02, 0.06, 0.16])
    chroma = common + rng.normal(0, apart, (stops, 2))
    warm, green = chroma.T  # blue to orange varies more than magenta to green, as in daylight
    rgb = np.stack([light + warm - 0.3 * green, light + 0.6 * green, light - warm - 0.3 * green], 1)
    at = np.linspace(0, stops - 1, 256)
    line = np.stack([np.interp(at, np.arange(stops), channel) for channel in rgb.T], 1)
    return np.clip(line, 0, 1).astype(np.float32)


@dataclass
class Layer:
    """One field of a texture: which one, how it is turned, stretched and bent."""

    tile: int
    """An index into the tiles, or -1 for a wave and -2 for rings."""
    frequency: float
    angle: float
    aspect: float
    shape: int
    weight: float


@dataclass
class Programme:
    """A texture: warped coordinates, one to three layers, a law that joins them, a palette."""

    layers: list[Layer]
    joint: int
    warp: float
    warp_tile: int
    warp_frequency: float
    contrast: float
    colours: Array


@dataclass
class Scenery:
    """The fields and backgrounds of one seed."""

    seed: int
    tiles: list[Array] = field(default_factory=list)
    smooth: list[int] = field(default_factory=list)
    scenes: list[Image.Image] = field(default_factory=list)
    programmes: list[Programme] = field(default_factory=list)

    def __post_init__(self) -> None:
        rng = rng_of(self.seed, 1000)
        for power in (0.6, 0.9, 1.2, 1.5, 1.8):
            for stretch in (1.0, 1.0, 2.0):
                self.tiles.append(noise_tile(rng, power, stretch))
        self.smooth = [i for i in range(len(self.tiles)) if i >= 9]
        for count in (36, 100, 256):
            for jitter in (0.15, 0.5):
                self.tiles += cell_tiles(rng, count, jitter)
        self.programmes = [self.programme(rng) for _ in range(256)]
        self.scenes = [self._scene(rng) for _ in range(SCENES)]

    def programme(self, rng: Rng) -> Programme:
        """A texture whose formula is drawn."""
        layers = []
        for _ in range(rng.choice([1, 2, 2, 3])):
            tile = (
                -1
                if rng.random() < 0.2
                else -2
                if rng.random() < 0.08
                else int(rng.integers(len(self.tiles)))
            )
            frequency = np.exp(rng.uniform(*np.log((1.2, 7.0) if tile < 0 else (0.15, 0.6))))
            aspect = np.exp(rng.normal(0, 0.35))
            shape = rng.choice([0, 0, 0, 1, 2, 3])
            layers.append(Layer(tile, frequency, rng.uniform(0, np.pi), aspect, shape, rng.uniform(0.4, 1.0)))
        warp = rng.choice([0.0, 0.04, 0.1, 0.2])
        stops = int(rng.integers(2, 6))
        return Programme(
            layers,
            int(rng.integers(4)),
            float(warp),
            int(rng.choice(self.smooth)),
            float(rng.uniform(0.15, 0.5)),
            float(rng.choice([0.7, 1.2, 3.0])),
            palette(rng, stops),
        )

    def look(self, tile: int, u: Array, v: Array) -> Array:
        """A tile at coordinates: one period a unit."""
        i = (v * TILE).astype(np.int32) & (TILE - 1)
        j = (u * TILE).astype(np.int32) & (TILE - 1)
        return self.tiles[tile].ravel()[i * TILE + j]

    def paint(self, law: Programme, u: Array, v: Array) -> Array:
        """The colours of a texture at coordinates, which are about 2 wide in a picture."""
        if law.warp:
            f = law.warp_frequency
            u, v = (
                u + law.warp * self.look(law.warp_tile, u * f, v * f),
                v + law.warp * self.look(law.warp_tile, u * f + 0.37, v * f + 0.61),
            )
        total: Array | None = None
        for layer in law.layers:
            a, b = turn(u, v, layer.angle)
            a, b = a * layer.frequency * layer.aspect, b * layer.frequency / layer.aspect
            if layer.tile == -1:
                value = 1.4 * np.sin(2 * np.pi * a)
            elif layer.tile == -2:
                value = 1.4 * np.sin(2 * np.pi * np.hypot(a, b))
            else:
                value = self.look(layer.tile, a, b)
            if layer.shape == 1:
                value = 1.2 - 1.6 * np.abs(value)
            elif layer.shape == 2:
                value = np.clip(4 * value, -1.2, 1.2)
            elif layer.shape == 3:
                value = np.sin(3 * value)
            if total is None:
                total = layer.weight * value
            elif law.joint == 0:
                total = total + layer.weight * value
            elif law.joint == 1:
                total = total * value
            elif law.joint == 2:
                total = np.maximum(total, value)
            else:
                total = np.where(total > 0.4, value, 0.5 * total)
        assert total is not None
        index = 127.5 * (1 + np.clip(law.contrast * total * 0.5, -1, 1))
        return law.colours[index.astype(np.uint8)]

    def _scene(self, rng: Rng) -> Image.Image:
        """Dead leaves: textured shapes of every size that hide each other."""
        canvas = Image.new("I", (SCENE, SCENE))
        draw = ImageDraw.Draw(canvas)
        count = int(rng.integers(20, 250))
        kind = rng.integers(3)
        least = rng.uniform(3, 10)
        radius = np.minimum(least / np.sqrt(rng.uniform(0.002, 1.0, count)), 0.45 * SCENE)
        if rng.random() < 0.7:
            radius = np.sort(radius)[::-1]
        for i, r in enumerate(radius, 1):
            outline = some_outline(rng, kind if rng.random() < 0.7 else rng.integers(3)) * r
            place = outline + rng.uniform(0, SCENE, 2)
            draw.polygon([tuple(p) for p in place.tolist()], fill=i)
        ids = np.asarray(canvas)
        colours = palette(rng, 6)[rng.integers(0, 256, count + 1)] + rng.normal(0, 0.04, (count + 1, 3))
        few = rng.integers(0, len(self.programmes), 5)
        x, y = grid(SCENE)
        zoom = rng.uniform(0.8, 2.5)
        stack = np.stack([self.paint(self.programmes[k], x * zoom, y * zoom) for k in few])
        stack -= stack.mean((1, 2), keepdims=True)
        which, strength = rng.integers(0, 5, count + 1), rng.uniform(0.05, 0.7, count + 1)
        rows, columns = np.indices(ids.shape)
        picture = colours[ids] + strength[ids][..., None] * stack[which[ids], rows, columns]
        slope = rng.normal(0, 0.35, (count + 1, 2))
        shade = 1 + slope[ids, 0] * x + slope[ids, 1] * y
        light = 1 + 0.25 * self.look(int(rng.choice(self.smooth)), x * 0.1, y * 0.1)
        picture = np.clip(picture * (shade * light)[..., None], 0, 1)
        image = Image.fromarray((picture * 255).astype(np.uint8))
        return image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.5)))

    def background(self, rng: Rng, side: int) -> Array:
        """A window of a scene, or a texture, in colours of its own."""
        kind = rng.random()
        if kind < 0.5:  # plain, so that shapes can be learnt at all: a colour that drifts
            x, y = grid(side)
            colour = palette(rng, 2)
            (a, b), part = rng.normal(0, 0.5, 2), rng.uniform(0, 1)
            at = 127.5 * (1 + np.clip(np.float32(part) * (np.float32(a) * x + np.float32(b) * y), -1, 1))
            return recolour(rng, colour[at.astype(np.uint8)], 0.35)
        if kind < 0.6:
            law = self.programmes[rng.integers(len(self.programmes))]
            x, y = grid(side)
            zoom, (dx, dy) = rng.uniform(0.4, 1.5), rng.uniform(0, 9, 2)
            picture = self.paint(law, x * zoom + dx, y * zoom + dy)
        else:
            scene = self.scenes[rng.integers(SCENES)]
            size = rng.uniform(0.35, 1.0) * SCENE
            left, top = rng.uniform(0, SCENE - size, 2)
            window = scene.resize(
                (side, side), Image.Resampling.BILINEAR, (left, top, left + size, top + size)
            )
            if rng.random() < 0.5:
                window = window.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
            if rng.random() < 0.35:
                window = window.filter(ImageFilter.BoxBlur(rng.uniform(0.5, 4)))
            picture = np.asarray(window, np.float32) / 255
        return recolour(rng, picture, 0.35)


def some_outline(rng: Rng, kind: int, points: int = 20) -> Array:
    """An outline of radius about 1: an ellipse, a polygon with few corners or a wavy blob."""
    stretch, angle = np.exp(rng.normal(0, 0.4)), rng.uniform(0, 2 * np.pi)
    if kind == 1:
        points = int(rng.integers(3, 7))
    at = np.linspace(0, 2 * np.pi, points, endpoint=False)
    radius = np.ones(points)
    if kind == 2:
        for wave in (2, 3, 5):
            radius += rng.uniform(0, 0.5 / wave**0.5) * np.sin(wave * at + rng.uniform(0, 6.3))
    x, y = turn(radius * np.cos(at) * stretch, radius * np.sin(at) / stretch, angle)
    return np.stack([x, y], 1)


def recolour(rng: Rng, picture: Array, strength: float) -> Array:
    """Other light: a gain for each channel, some mixing of channels, brightness and contrast."""
    mix = np.eye(3) + rng.normal(0, 0.3 * strength, (3, 3))
    mix *= (
        np.exp(rng.normal(0, 0.6 * strength))
        / mix.sum(1, keepdims=True)
        * np.exp(rng.normal(0, 0.3 * strength, (3, 1)))
    )
    return picture @ mix.T.astype(np.float32) + np.float32(rng.normal(0, 0.15 * strength))


def finish(rng: Rng, picture: Array) -> bytes:
    """The last steps of every picture: light, blur, noise, JPEG."""
    side = picture.shape[0]
    x, y = grid(side)
    a, b = rng.normal(0, 0.12, 2)
    picture = picture * (1 + np.float32(a) * x + np.float32(b) * y)[..., None]
    if rng.random() < 0.5:
        line = rng.standard_normal(picture.size, dtype=np.float32).reshape(picture.shape)
        picture = picture + np.float32(rng.uniform(0, 0.04)) * line
    image = Image.fromarray((np.clip(picture, 0, 1) * 255).astype(np.uint8))
    if rng.random() < 0.4:
        image = image.filter(ImageFilter.GaussianBlur(rng.uniform(0.3, 1.0)))
    out = io.BytesIO()
    image.save(out, "JPEG", quality=90)
    return out.getvalue()


def over(top: Array, mask: Array, below: Array) -> Array:
    """One picture on another."""
    return below + mask[..., None] * (top - below)
