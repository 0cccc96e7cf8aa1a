"""EfficientNet-Lite1 is what it says, where its package is installed."""

from __future__ import annotations

import lite
import packages


@packages.needs("builtin/efficientnet-lite1")
def test_it_is_whole_and_names_its_classes():
    lite.require_whole("builtin/efficientnet-lite1")
