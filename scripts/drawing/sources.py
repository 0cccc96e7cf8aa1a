"""The four sources. A class is a formula, drawn once; an instance varies what a viewer should ignore.

| source | a class is | an instance varies |
|---|---|---|
| fractals | an iterated function system | pose, colours, points, background |
| textures | a texture programme with its palette | pose, scale, light |
| contours | a family of nested outlines | pose, wobble, line, fill and all colours, background |
| objects | parts in space, each with a texture and colours | viewpoint, joints, light, background |
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from PIL import Image, ImageDraw, ImageFilter

from drawing.scenery import Array, Programme, Rng, Scenery, finish, grid, over, recolour, turn


class Formula(ABC):
    """One class of one source."""

    @abstractmethod
    def __init__(self, scenery: Scenery, rng: Rng) -> None:
        """Draw the parameters of the class."""

    @abstractmethod
    def picture(self, rng: Rng, side: int) -> Array:
        """An instance: side x side x 3, about 0 to 1."""

    def jpeg(self, rng: Rng, side: int) -> bytes:
        """An instance as a file."""
        return finish(rng, self.picture(rng, side))


def pose(rng: Rng, points: Array, least: float, most: float, spin: float = 0.6) -> Array:
    """Points of radius about 1, turned, squeezed, scaled and moved so that most stay in [-1, 1]."""
    x, y = turn(points[..., 0], points[..., 1], rng.uniform(-spin, spin))
    squeeze, scale = np.exp(rng.normal(0, 0.12)), np.exp(rng.uniform(np.log(least), np.log(most)))
    room = max(0.0, 1.05 - scale)
    dx, dy = rng.uniform(-room, room, 2)
    return np.stack([x * scale * squeeze + dx, y * scale / squeeze + dy], -1).astype(np.float32)


def apart(rng: Rng, figure: Array, ground: Array) -> Array:
    """The figure, brighter or darker than the ground by enough that its shape can be seen."""
    here, there = float(figure.mean()), float(ground.mean())
    gap = rng.uniform(0.25, 0.5) * (1 if there < rng.uniform(0.35, 0.65) else -1)
    return figure + np.float32(there + gap - here) if abs(here - there) < abs(gap) else figure


class Fractal(Formula):
    """An iterated function system, in any colours; its points are drawn once in a few variants."""

    VARIANTS, CHAINS, STEPS = 3, 600, 40

    def __init__(self, scenery: Scenery, rng: Rng) -> None:
        self.scenery = scenery
        while True:
            maps = self._maps(rng)
            self.variants = [
                self._points(rng, maps + rng.normal(0, 0.02, maps.shape)) for _ in range(self.VARIANTS)
            ]
            if all(self._fills(points) for points, _ in self.variants):
                break

    def _maps(self, rng: Rng) -> Array:
        count = int(rng.integers(2, 6))
        maps = np.empty((count, 2, 3), np.float32)
        for m in maps:
            first, second = rng.uniform(0, 2 * np.pi, 2)
            a, b = (np.array([[np.cos(t), -np.sin(t)], [np.sin(t), np.cos(t)]]) for t in (first, second))
            m[:, :2] = a @ np.diag(rng.uniform(0.25, 0.85, 2) * rng.choice([-1, 1], 2)) @ b
            m[:, 2] = rng.uniform(-1, 1, 2)
        return maps

    def _points(self, rng: Rng, maps: Array) -> tuple[Array, Array]:
        size = np.abs(np.linalg.det(maps[:, :, :2])) + 0.02
        pick = rng.choice(len(maps), (self.STEPS + 15, self.CHAINS), p=size / size.sum())
        at, hue, kept = np.zeros((self.CHAINS, 2)), np.zeros(self.CHAINS), []
        for step, row in enumerate(pick):
            chosen = maps[row]
            at = np.clip((chosen[:, :, :2] @ at[:, :, None])[..., 0] + chosen[:, :, 2], -1e3, 1e3)
            hue = 0.5 * hue + 0.5 * row / (len(maps) - 1)
            if step >= 15:
                kept.append(np.column_stack([at, hue]))
        cloud = np.concatenate(kept)
        points = cloud[:, :2] - np.median(cloud[:, :2], 0)
        points /= np.quantile(np.hypot(*points.T), 0.97) + 1e-6
        return points.astype(np.float32), cloud[:, 2].astype(np.float32)

    @staticmethod
    def _fills(points: Array) -> bool:
        """Neither a few dots nor a line: enough of a coarse grid is hit."""
        cells = np.unique(np.floor((np.clip(points, -1, 0.999) + 1) * 16) @ np.array([32, 1]))
        return len(cells) > 130

    def picture(self, rng: Rng, side: int) -> Array:
        points, hue = self.variants[rng.integers(self.VARIANTS)]
        placed = (pose(rng, points, 0.7, 1.1) + 1) * (side / 2)
        inside = ((placed >= 0) & (placed < side)).all(1)
        index = placed[inside].astype(np.int32) @ np.array([1, side], np.int32)
        count = np.bincount(index, minlength=side * side)
        total = np.bincount(index, hue[inside], minlength=side * side)
        mask = Image.fromarray((255 * (1 - np.exp(-0.8 * count))).astype(np.uint8).reshape(side, side))
        law = self.scenery.programmes[rng.integers(len(self.scenery.programmes))].colours
        tone = Image.fromarray((255 * total / np.maximum(count, 1)).astype(np.uint8).reshape(side, side))
        if rng.random() < 0.7:
            mask = mask.filter(ImageFilter.GaussianBlur(rng.uniform(0.4, 0.9)))
        tone = tone.filter(ImageFilter.MaxFilter(3))
        cover = np.minimum(np.asarray(mask, np.float32) / 255 * 1.3, 1)
        colours = recolour(rng, law[np.asarray(tone)], 0.5)
        below = self.scenery.background(rng, side)
        return over(apart(rng, colours, below), cover, below)


class Texture(Formula):
    """A texture with its colours, all over the picture."""

    def __init__(self, scenery: Scenery, rng: Rng) -> None:
        self.scenery = scenery
        self.law = scenery.programme(rng)
        self.relief = rng.choice([0.0, 0.0, 0.5])

    def picture(self, rng: Rng, side: int) -> Array:
        x, y = turn(*grid(side), rng.normal(0, 0.35))
        zoom, tilt = np.exp(rng.uniform(-0.45, 0.45)), 1 + rng.normal(0, 0.12) * y
        dx, dy = rng.uniform(0, 16, 2)
        colours = self.scenery.paint(self.law, x * zoom * tilt + dx, y * zoom * tilt + dy)
        if self.relief:
            grey = colours.sum(2)
            colours = colours * (1 + self.relief * (grey - np.roll(grey, (1, 1), (0, 1))))[..., None]
        return recolour(rng, colours, 0.3)


class Contour(Formula):
    """Nested outlines of one family, in any colours."""

    POINTS = 120

    def __init__(self, scenery: Scenery, rng: Rng) -> None:
        self.scenery = scenery
        at = np.linspace(0, 2 * np.pi, self.POINTS, endpoint=False)
        family = rng.integers(4)
        radius = np.ones(self.POINTS)
        if family == 0:
            waves = np.arange(2, 10)
            size, phase = rng.exponential(0.5, 8) / waves**0.8, rng.uniform(0, 2 * np.pi, 8)
            radius += (size[:, None] * np.sin(waves[:, None] * at + phase[:, None])).sum(0)
        elif family == 1:
            m, (n1, n2, n3) = rng.integers(3, 10), np.exp(rng.uniform(-0.7, 2.2, 3))
            radius = (np.abs(np.cos(m * at / 4)) ** n2 + np.abs(np.sin(m * at / 4)) ** n3 + 1e-3) ** (-1 / n1)
        elif family == 2:
            corners = int(rng.integers(3, 10))
            angles = np.sort(rng.uniform(0, 2 * np.pi, corners))
            radius = np.interp(at, angles, rng.uniform(0.25, 1, corners), period=2 * np.pi)
        else:
            teeth, depth, lean = rng.integers(3, 14), rng.uniform(0.15, 0.8), rng.uniform(0.1, 0.9)
            saw = (at * teeth / (2 * np.pi)) % 1
            radius = 1 - depth * np.where(saw < lean, saw / lean, (1 - saw) / (1 - lean))
        radius = np.clip(radius, 0.08, np.quantile(radius, 0.95) * 1.3)
        self.outline = np.stack([np.cos(at), np.sin(at)], 1) * (radius / radius.max())[:, None]
        self.outline[:, 0] *= np.exp(rng.normal(0, 0.3))
        self.outline /= np.hypot(*self.outline.T).max()
        self.rings = int(rng.integers(1, 5))
        self.shrink, self.twist = rng.uniform(0.5, 0.85), rng.choice([0.0, rng.uniform(-0.6, 0.6)])

    def picture(self, rng: Rng, side: int) -> Array:
        bend = 1 + rng.normal(0, 0.04, 3) @ np.sin(
            np.arange(1, 4)[:, None] * np.linspace(0, 2 * np.pi, self.POINTS) + rng.uniform(0, 6.3, (3, 1))
        )
        rings = []
        for ring in range(self.rings):
            x, y = turn(*(self.outline * (bend * self.shrink**ring)[:, None]).T, self.twist * ring)
            rings.append(np.stack([x, y], 1))
        placed = (pose(rng, np.stack(rings), 0.65, 1.05) + 1) * side
        mask, edge = Image.new("L", (2 * side, 2 * side)), Image.new("L", (2 * side, 2 * side))
        fill, line, style = ImageDraw.Draw(mask), ImageDraw.Draw(edge), rng.random()
        width = int(rng.integers(2, 7))
        for number, ring in enumerate(placed.tolist(), 1):
            corners = [tuple(point) for point in ring]
            fill.polygon(corners, fill=number)
            line.line([*corners, corners[0]], fill=255, width=width)
        ids = np.asarray(mask.resize((side, side), Image.Resampling.NEAREST))
        soft = np.asarray(mask.point(lambda v: 255 * (v > 0)).reduce(2), np.float32) / 255
        x, y = grid(side)
        picture = self.scenery.background(rng, side)
        if style < 0.8:
            first, second = rng.integers(0, len(self.scenery.programmes), 2)
            zoom = rng.uniform(0.5, 1.5)
            colours = recolour(
                rng, self.scenery.paint(self.scenery.programmes[first], x * zoom, y * zoom), 0.5
            )
            if self.rings > 1:
                other = recolour(
                    rng, self.scenery.programmes[second].colours[:: 256 // (self.rings + 1)], 0.5
                )
                colours = np.where((ids % 2 == 0)[..., None], 0.4 * colours + 0.6 * other[ids], colours)
            picture = over(apart(rng, colours, picture), soft, picture)
        if style > 0.55:
            ink = apart(rng, rng.random((1, 1, 3)).astype(np.float32), picture)
            picture = over(
                np.broadcast_to(ink, picture.shape), np.asarray(edge.reduce(2), np.float32) / 255, picture
            )
        return picture


@dataclass
class Part:
    """An ellipsoid or a box that hangs on another part."""

    parent: int
    joint: Array
    """Where it hangs: a direction from the parent's centre, in units of the parent's radii."""
    turn: Array
    """Three angles."""
    radii: Array
    box: bool
    law: Programme
    mirrored: bool


def rotation(a: float, b: float, c: float) -> Array:
    """A rotation about the three axes in turn."""
    ca, sa, cb, sb, cc, sc = np.cos(a), np.sin(a), np.cos(b), np.sin(b), np.cos(c), np.sin(c)
    about_x = np.array([[1, 0, 0], [0, ca, -sa], [0, sa, ca]])
    about_y = np.array([[cb, 0, sb], [0, 1, 0], [-sb, 0, cb]])
    about_z = np.array([[cc, -sc, 0], [sc, cc, 0], [0, 0, 1]])
    return (about_z @ about_y @ about_x).astype(np.float32)


class Thing(Formula):
    """Parts in space: a body and limbs, often in pairs, seen from many sides."""

    def __init__(self, scenery: Scenery, rng: Rng) -> None:
        self.scenery = scenery
        laws = [scenery.programme(rng) for _ in range(2)]
        slender = rng.uniform(0.12, 0.5)
        self.parts = [
            Part(-1, np.zeros(3), np.zeros(3), self._radii(rng, 0.5), rng.random() < 0.3, laws[0], False)
        ]
        for _ in range(int(rng.integers(0, 5))):
            parent = int(rng.integers(len(self.parts))) if rng.random() < 0.4 else 0
            joint = rng.normal(0, 1, 3)
            joint /= np.linalg.norm(joint)
            radii = self._radii(rng, 0.5) * rng.uniform(0.4, 0.9)
            if rng.random() < 0.5:
                radii = np.array([rng.uniform(0.4, 0.9), slender * 0.3, slender * 0.3])
            self.parts.append(
                Part(
                    *(parent, joint, rng.uniform(-np.pi, np.pi, 3), radii.astype(np.float32)),
                    *(rng.random() < 0.25, laws[int(rng.integers(2))], rng.random() < 0.5),
                )
            )
        self.shine = rng.choice([0.0, 0.0, 0.4])

    @staticmethod
    def _radii(rng: Rng, size: float) -> Array:
        return (size * np.exp(rng.normal(0, 0.4, 3))).astype(np.float32)

    def _solids(self, rng: Rng) -> list[tuple[Part, Array, Array]]:
        """Every part with its centre and its frame; pairs are mirrored in x."""
        solids: list[tuple[Part, Array, Array]] = []
        frames: list[tuple[Array, Array]] = []
        for part in self.parts:
            angles = part.turn + rng.normal(0, 0.15, 3) * (part.parent >= 0)
            frame = rotation(*angles)
            if part.parent < 0:
                centre = np.zeros(3, np.float32)
            else:
                origin, axes = frames[part.parent]
                frame = axes @ frame
                centre = (
                    origin
                    + axes @ (part.joint * self.parts[part.parent].radii)
                    + frame[:, 0] * part.radii[0] * 0.7
                )
            frames.append((centre, frame))
            solids.append((part, centre, frame))
            if part.mirrored:
                flip = np.array([-1, 1, 1], np.float32)
                solids.append((part, centre * flip, frame * flip[:, None]))
        return solids

    def picture(self, rng: Rng, side: int) -> Array:
        solids = self._solids(rng)
        view = rotation(*rng.normal(0, (0.4, 0.8, 0.4)))
        reach = max(float(np.linalg.norm(c) + p.radii.max()) for p, c, _ in solids)
        scale = np.exp(rng.uniform(np.log(0.55), np.log(1.3))) / reach
        shift = rng.uniform(-1, 1, 2) * max(0.1, 1.0 - scale * reach)
        x, y = grid(side)
        light = rotation(*rng.normal(0, 0.6, 3))[:, 2]
        depth = np.full((side, side), -9, np.float32)
        colours = self.scenery.background(rng, side)
        ambient, drift = rng.uniform(0.25, 0.6), rng.uniform(0, 0.2, 2)
        mix_key = int(rng.integers(2**31))
        for part, centre, axes in solids:
            frame, middle = view @ axes, view @ centre * scale
            middle[:2] += shift
            radii = part.radii * scale
            span = np.sqrt(frame[:2] ** 2 @ radii**2) if not part.box else np.abs(frame[:2]) @ radii
            low = np.clip(((middle[:2] - span + 1) * side / 2).astype(int), 0, side)
            high = np.clip(((middle[:2] + span + 1) * side / 2).astype(int) + 1, 0, side)
            if (high - low).min() < 1:
                continue
            window = (slice(low[1], high[1]), slice(low[0], high[0]))
            px, py = x[window] - middle[0], y[window] - middle[1]
            start = px[..., None] * (frame[0] / radii) + py[..., None] * (frame[1] / radii)
            along = frame[2] / radii
            if part.box:
                with np.errstate(divide="ignore", invalid="ignore"):
                    far = (np.sign(along) - start) / along
                    near = (-np.sign(along) - start) / along
                z = far.min(-1)
                hit = z >= near.max(-1)
                at = start + z[..., None] * along
                normal = np.where(np.abs(at) >= np.abs(at).max(-1, keepdims=True) - 1e-4, np.sign(at), 0)
            else:
                a, b, c = along @ along, start @ along, (start * start).sum(-1) - 1
                inside = b * b - a * c
                hit = inside > 0
                z = (-b + np.sqrt(np.maximum(inside, 0))) / a
                at = start + z[..., None] * along
                normal = at / radii
            z = z + middle[2]
            hit &= z > depth[window]
            if not hit.any():
                continue
            at, normal = at[hit], normal[hit] @ frame.T
            normal /= np.linalg.norm(normal, axis=-1, keepdims=True) + 1e-6
            lit = np.maximum(normal @ light, 0)
            body = at * part.radii
            paint = self.scenery.paint(
                part.law,
                body[:, 0] + 0.4 * body[:, 2] + drift[0] + 3,
                body[:, 1] + 0.6 * body[:, 2] + drift[1] + 3,
            )
            tint = recolour(np.random.default_rng(mix_key), paint, 0.3)
            colours[window][hit] = (
                tint * (ambient + (1.1 - ambient) * lit)[:, None] + self.shine * lit[:, None] ** 12
            )
            depth[window][hit] = z[hit]
        return colours


SOURCES: dict[str, type[Formula]] = {
    "fractals": Fractal,
    "textures": Texture,
    "contours": Contour,
    "objects": Thing,
}
