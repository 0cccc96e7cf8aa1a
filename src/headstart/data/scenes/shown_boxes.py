"""Boxes drawn over a picture, for people.

Each class has a colour of its own, by its place among the names of the picture.
"""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from ..answers.boxes import Box
from .shown_masks import colours

LINE = 0.006
"""Width of a line, of the longer side; at least two pixels."""
TEXT, SMALLEST = 0.018, 10
"""Height of a text, of the longer side; pixels at least."""
_LUMA = (0.299, 0.587, 0.114)
BESIDE = 2
"""Pixels between a line and what is written beside it."""


def framed(image: Image.Image, boxes: Sequence[Box], names: Sequence[str] = ()) -> Image.Image:
    """A copy of the picture with a frame, the name and the score of each box; the surest on top.

    Args:
        image: RGB.
        boxes: as fractions of its sides.
        names: the classes that have colours; those of the boxes where none are given.
    """
    known = list(names) or sorted({box.name for box in boxes})
    table = {name: tuple(colour) for name, colour in zip(known, colours(len(known)).tolist(), strict=True)}
    image = image.copy()
    pen, width = ImageDraw.Draw(image), max(2, round(LINE * max(image.size)))
    pen.font = ImageFont.load_default(max(SMALLEST, round(TEXT * max(image.size))))
    for box in sorted(boxes, key=lambda box: box.score or 0.0):
        places = (box.left * image.width, box.top * image.height)
        ends = (box.right * image.width, box.bottom * image.height)
        colour = table.get(box.name, (255, 255, 255))
        pen.rectangle((*places, *(max(a, b) for a, b in zip(places, ends, strict=True))), None, colour, width)
        _write(pen, (places[0] + width + BESIDE, places[1] + width), _text(box), colour, image.width)
    return image


def _text(box: Box) -> str:
    text = box.name if box.score is None else f"{box.name} {box.score:.2f}"
    return text.encode("latin-1", "replace").decode("latin-1")  # what Pillow's own font has


def _write(
    pen: ImageDraw.ImageDraw, place: tuple[float, float], text: str, colour: tuple[int, ...], width: int
) -> None:
    """A text on its colour, moved left where it would leave a picture of this width."""
    left, top = place
    left = max(0, left - max(0, pen.textbbox(place, text)[2] - width))
    pen.rectangle(pen.textbbox((left, top), text), fill=colour)
    light = sum(part * share for part, share in zip(colour, _LUMA, strict=True)) > 128
    pen.text((left, top), text, fill="black" if light else "white")
