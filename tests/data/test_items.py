"""Rows are opened once, sorted by content, and fingerprinted without their names."""

import hashlib
from pathlib import Path

from headstart.data.items import Item, digest, fingerprint, inspect
from headstart.data.strings import folded_text
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


def test_what_says_the_same_is_a_copy_where_the_task_can_tell():
    rows = [Row("1", b"A!", "a"), Row("2", b"a", "a"), Row("3", b"", "a")]
    items, dropped = inspect(rows, lambda source: None if source else "empty", folded=folded_text)
    assert items[0].copy == items[1].copy == folded_text(b"a")
    assert items[0].digest != items[1].digest
    assert [one.file for one in dropped] == ["3"]
    plain, _ = inspect(rows[:1], lambda source: None)
    assert plain[0].copy == plain[0].digest


def test_the_fingerprint_is_the_hash_of_its_sorted_facts():
    items = [Item(Row("1", b"", "b'", "train", None), "y"), Item(Row("2", b"", "a", None, "g"), "x")]
    facts = [("x", "a", "", "g"), ("y", "b'", "train", "")]
    assert fingerprint(items) == hashlib.sha256(repr(facts).encode()).hexdigest()
    assert fingerprint([]) == hashlib.sha256(b"[]").hexdigest()
