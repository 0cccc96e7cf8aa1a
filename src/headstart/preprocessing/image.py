"""How an image becomes a base's input."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, ClassVar, Literal

from ..exposure import AS_STORED, Exposure


@dataclass(frozen=True)
class ImagePreprocess:
    """How an image becomes a base's input: resize, crop, scale to 0..1, normalise."""

    modality: ClassVar[str] = "image"
    unit: ClassVar[str] = "px"
    SIDES: ClassVar[tuple[int, ...]] = (224, 160, 128, 96, 64)

    size: int
    """Side of the square input, pixels."""
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    interpolation: Literal["nearest", "bilinear", "bicubic"] = "bicubic"
    crop_fraction: float = 0.875
    """Input size over the size that the short side is resized to."""
    crop_mode: Literal["center", "squash"] = "center"
    """`center` keeps the aspect ratio and crops; `squash` does not keep it."""
    exposure: Exposure = AS_STORED
    """How its numbers become 8-bit colours."""

    @property
    def identity(self) -> dict[str, object]:
        """Every field; the exposure only where there is one: caches of plain pictures stay valid."""
        plain = asdict(self)
        if self.exposure == AS_STORED:
            del plain["exposure"]
        return plain

    @property
    def graph(self) -> tuple[object, ...]:
        """Scaling and normalising."""
        return self.mean, self.std

    @property
    def framing(self) -> str:
        """The middle, or all of it."""
        return "whole picture" if self.crop_mode == "squash" else "middle of the picture"

    def framings(self) -> tuple[ImagePreprocess, ...]:
        """As its makers evaluated it, and all of a picture, squeezed into a square."""
        return self, replace(self, crop_mode="squash", crop_fraction=1.0)

    def at(self, size: int) -> ImagePreprocess:
        """The same for another input side."""
        return replace(self, size=size)

    def smaller(self) -> tuple[int, ...]:
        """Usual sides below this one."""
        return tuple(side for side in self.SIDES if side < self.size)

    def example(self) -> tuple[tuple[int, ...], int | None]:
        """(1, 3, s, s) numbers."""
        return (1, 3, self.size, self.size), None

    def plain(self) -> tuple[dict[str, object], dict[str, bytes]]:
        """Every field."""
        return asdict(self), {}

    @classmethod
    def read(cls, plain: dict[str, Any], folder: Path) -> ImagePreprocess:
        """What was written; a bundle from before there were exposures has none."""
        colours = {name: tuple(plain[name]) for name in ("mean", "std")}
        return cls(**{**plain, **colours, "exposure": Exposure.of(plain.get("exposure"))})


plugin = ImagePreprocess
