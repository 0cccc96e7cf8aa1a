"""The contract of a head: heads are found by their file names, and are for one task."""

import pytest

from headstart.errors import SettingsError, UnknownName
from headstart.heads import head_for


def test_a_head_is_for_one_task():
    assert head_for("object_detection", "fcos_lite").task == "object_detection"
    with pytest.raises(SettingsError, match="is a head for object_detection, not for segmentation") as caught:
        head_for("segmentation", "fcos_lite")
    assert "unet" in caught.value.hint
    assert "fcos_lite" not in caught.value.hint


def test_a_name_that_is_nearly_one():
    with pytest.raises(UnknownName, match="no head called `unett`") as caught:
        head_for("segmentation", "unett")
    assert "`unet`" in caught.value.hint
