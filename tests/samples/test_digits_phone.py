"""The phone sees other digits than those that were scanned, and in other looks."""

from __future__ import annotations

import numpy as np
from PIL import Image

from headstart.samples import digits_phone


def test_no_digit_is_in_two_places_and_looks_differ(tmp_path):
    digits_phone.write(tmp_path, 0)
    names = {
        place: {path.stem for path in (tmp_path / place).rglob("*.png")}
        for place in ("scanned", "phone", "phone-labelled")
    }
    assert [len(found) for found in names.values()] == [200, 300, 40]
    assert not names["scanned"] & names["phone"]
    assert not names["phone"] & names["phone-labelled"]
    assert all(path.parent.name == "phone" for path in (tmp_path / "phone").rglob("*.png"))  # no label shows

    def mean(place):
        files = sorted((tmp_path / place).rglob("*.png"))[:20]
        return np.mean([np.asarray(Image.open(file).convert("RGB"), float).mean((0, 1)) for file in files], 0)

    scanned, phone = mean("scanned"), mean("phone")
    assert scanned[0] == scanned[2]  # grey
    assert phone[0] > phone[2] + 10  # yellowish
