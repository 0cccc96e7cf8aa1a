"""Rows are opened once, sorted by content, and fingerprinted without their names."""

import hashlib
from pathlib import Path

from headstart.data.items import Item, digest, fingerprint, inspect
from headstart.types import Dropped, Row


def test_the_digest_is_the_sha_256_of_the_bytes_wherever_they_are(tmp_path):
    (tmp_path / "a").write_bytes(b"bytes")
    assert digest(tmp_path / "a") == digest(b"bytes") == hashlib.sha256(b"bytes").hexdigest()


def test_usable_rows_are_sorted_by_content_and_the_rest_has_reasons():
    rows = [Row("3", b"x", "b"), Row("2", b"x", "a"), Row("1", b"", "a"), Row("0", Path("gone"), "a")]
    items, dropped = inspect(rows, lambda source: "empty" if source == b"" else None)
    assert [item.row.name for item in items] == ["2", "3"]
    assert dropped == [Dropped("1", "empty"), Dropped("0", "no such file or directory")]


def test_the_fingerprint_ignores_names_and_order_and_nothing_else():
    def of(*facts):
        return fingerprint([Item(Row(name, b"", *rest), content) for name, content, *rest in facts])

    first, second = ("1", "x", "a", "train", "g"), ("2", "y", "b", None, None)
    assert of(first, second) == of(("9", *second[1:]), first)
    others = [("1", "z", "a", "train", "g"), ("1", "x", "b", "train", "g"), ("1", "x", "a", "test", "g")]
    others.append(("1", "x", "a", "train", "h"))
    assert len({of(one, second) for one in [first, *others]}) == 5
    assert of(first, first) != of(first)
