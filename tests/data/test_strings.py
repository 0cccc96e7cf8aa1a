"""Texts are decoded, judged with a reason, and folded so that copies in other clothes are found."""

import random

import pytest

from headstart.data.strings import MAX_CHARACTERS, encoded, examine_text, folded_text, reader, text_of


def test_a_mark_is_skipped_and_a_file_may_be_utf_16(tmp_path):
    for encoding in ("utf-8", "utf-8-sig", "utf-16", "utf-16-be"):
        mark = b"\xfe\xff" if encoding == "utf-16-be" else b""
        (tmp_path / "a.txt").write_bytes(mark + "grün 😀".encode(encoding))
        assert text_of(tmp_path / "a.txt") == "grün 😀"
        assert examine_text(tmp_path / "a.txt") is None
        with reader(tmp_path / "a.txt", newline="\n") as stream:
            assert stream.read() == "grün 😀"
    assert text_of(b"\xef\xbb\xbfabc") == "abc"


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n\t", "empty"),
        (b"twelve bytes\xff and on", "not UTF-8 (byte 0xff at 12)"),
        (b"a\0b", "holds NUL bytes"),
        (b"a" * (MAX_CHARACTERS + 1), "longer than 1,000,000 characters"),
        (b"a" * (5 * MAX_CHARACTERS), "longer than 1,000,000 characters"),
        (("😀" * MAX_CHARACTERS).encode(), None),
        (b"a" * MAX_CHARACTERS, None),
        ("مرحبا".encode(), None),
    ],
    ids=range(9),
)
def test_what_cannot_be_used_has_its_reason(content, reason, tmp_path):
    (tmp_path / "a.txt").write_bytes(content)
    assert examine_text(content) == reason
    assert examine_text(tmp_path / "a.txt") == reason


def test_a_file_that_is_gone_has_a_reason(tmp_path):
    assert examine_text(tmp_path / "gone") == "no such file or directory"
    assert examine_text(tmp_path) == "is a directory"


def test_half_a_utf_16_file_has_a_reason_and_a_table_cell_is_never_utf_16(tmp_path):
    (tmp_path / "a.txt").write_bytes("grün".encode("utf-16")[:-1])
    assert examine_text(tmp_path / "a.txt") == "not UTF-16, though it begins like it"
    assert examine_text("grün".encode("utf-16")) == "not UTF-8 (byte 0xff at 0)"


def test_bytes_survive_the_reader_and_half_a_pair_is_no_text(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"ok \xff\xc3 ok")
    with reader(tmp_path / "a.txt", newline="\n") as stream:
        assert encoded(stream.read()) == b"ok \xff\xc3 ok"
    assert examine_text(encoded("half \ud83d")).startswith("not UTF-8")
    assert examine_text(encoded("half \ud83d and \udcff")).startswith("not UTF-8")


@pytest.mark.parametrize(
    "same",
    [
        ("Who is he?", "who is he", "WHO  IS\tHE ?!", "\ufeffwho\u200bis he", "ｗｈｏ is he"),
        ("Straße", "STRASSE", "strasse."),
        ("caf\u00e9", "cafe\u0301", "CAFÉ"),
    ],
)
def test_texts_that_say_the_same_fold_alike(same):
    assert len({folded_text(text.encode()) for text in same}) == 1


def test_texts_that_say_something_else_do_not():
    apart = [
        "who is he",
        "who is she",
        "c",
        "c++",
        "good 😀",
        "good 😡",
        "??",
        "!?",
        "é",
        "e",
        "1.5",
        "2.5",
    ]
    assert len({folded_text(text.encode()) for text in apart}) == len(apart)


def test_random_case_spaces_and_punctuation_fold_away():
    draws = random.Random(0)
    for _ in range(200):
        words = ["".join(draws.choices("abcxyzäöü😀ש", k=5)) for _ in range(6)]
        dressed = "".join(
            (word.upper() if draws.random() < 0.5 else word) + draws.choice([" ", ", ", "…", "\u2009", "-\n"])
            for word in words
        )
        assert folded_text(dressed.encode()) == folded_text("".join(words).encode())


@pytest.mark.parametrize("encoding", ["utf-16-le", "utf-16-be"])
def test_a_file_of_utf_16_without_a_mark_is_read(tmp_path, encoding):
    (tmp_path / "a.txt").write_bytes("text,label\ncafé,a\n".encode(encoding))
    with reader(tmp_path / "a.txt", newline="\n") as stream:
        assert stream.read() == "text,label\ncafé,a\n"
    assert text_of(tmp_path / "a.txt") == "text,label\ncafé,a\n"
    (tmp_path / "b.txt").write_bytes(b"a\0b\0\0c")
    assert examine_text(tmp_path / "b.txt") == "holds NUL bytes"
