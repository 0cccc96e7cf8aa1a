"""An entry of the cache that tests write and look at."""

import numpy as np

from headstart.cache import key_of

KEY = key_of(name="entry")
EVERY = np.arange(4)


def values(count, width=3, start=0.0):
    return np.arange(count * width, dtype=np.float32).reshape(count, width) + np.float32(start)


def path_of(cache, key=KEY):
    return cache.folder / f"{key}.rows"
