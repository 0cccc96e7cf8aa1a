"""A random view of a square picture: a random crop, then one operation at a random strength.

After TrivialAugment (Müller and Hutter, ICCV 2021): one operation of a list, uniform strength, nothing
to tune. It differs from the paper in that geometry is mild, colours are never inverted or quantised,
and nothing is mirrored: a mirrored digit, sign or left hand is another class, and on a picture of 32
pixels the paper's shift by 32 leaves nothing. The operations are torchvision's (`transforms.v2`).
"""

from __future__ import annotations

from torchvision.transforms import InterpolationMode, v2

Colour = tuple[int, int, int]
AREA = (0.5, 1.0)
"""Of the picture, that a crop keeps."""
RATIO = (3 / 4, 4 / 3)
DEGREES, SHEAR_DEGREES, SHIFT = 30, 12, 0.15
STRENGTH = 0.8
"""Brightness, contrast, saturation and sharpness are changed by a factor of 1 ± this."""


def policy(size: int, fill: Colour) -> v2.Transform:
    """Pillow picture to a random view of it, `size` pixels a side; draws from torch's generator.

    `fill` is the colour of what was outside the picture.
    """
    smooth = InterpolationMode.BILINEAR
    operations = [
        v2.Identity(),
        v2.RandomAffine(DEGREES, interpolation=smooth, fill=fill),
        v2.RandomAffine(0, shear=(-SHEAR_DEGREES, SHEAR_DEGREES, 0, 0), interpolation=smooth, fill=fill),
        v2.RandomAffine(0, shear=(0, 0, -SHEAR_DEGREES, SHEAR_DEGREES), interpolation=smooth, fill=fill),
        v2.RandomAffine(0, translate=(SHIFT, SHIFT), interpolation=smooth, fill=fill),
        v2.ColorJitter(brightness=STRENGTH),
        v2.ColorJitter(contrast=STRENGTH),
        v2.ColorJitter(saturation=STRENGTH),
        v2.RandomAdjustSharpness(1 + STRENGTH, p=1.0),
        v2.RandomAutocontrast(p=1.0),
    ]
    crop = v2.RandomResizedCrop(size, scale=AREA, ratio=RATIO, interpolation=smooth)
    return v2.Compose([crop, v2.RandomChoice(operations)])
