"""EfficientNet-Lite2."""

from ._efficientnet_lite import record

plugin = record(
    2,
    "9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    size=260,
    crop_fraction=0.89,
    megabytes=24.7,
)
