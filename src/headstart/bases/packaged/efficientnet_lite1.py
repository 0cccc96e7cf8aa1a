"""EfficientNet-Lite1."""

from ._efficientnet_lite import record

plugin = record(
    1,
    "77cc7160d37bebc1e0d68dc9e8d1e836a263e063f0825ec80d85670b2c913850",
    size=240,
    crop_fraction=0.882,
    megabytes=21.9,
)
