"""Numbers are said as both languages say them."""

from __future__ import annotations

import pytest

from headstart.samples import numbers


@pytest.mark.parametrize(
    ("number", "english", "german"),
    [
        (0, "zero", "null"),
        (1, "one", "eins"),
        (16, "sixteen", "sechzehn"),
        (21, "twenty one", "einundzwanzig"),
        (30, "thirty", "dreißig"),
        (101, "one hundred and one", "einhunderteins"),
        (700, "seven hundred", "siebenhundert"),
        (977, "nine hundred and seventy seven", "neunhundertsiebenundsiebzig"),
    ],
)
def test_a_number_in_words(number, english, german):
    assert numbers.english(number) == english
    assert numbers.german(number) == german


def test_no_two_numbers_sound_alike():
    for said in (numbers.english, numbers.german):
        assert len({said(number) for number in range(1000)}) == 1000


def test_lines_belong_together(tmp_path):
    numbers.write(tmp_path, 0)
    for split, many in numbers.SPLITS.items():
        english, german = (
            (tmp_path / f"{split}.{end}").read_text("utf-8").splitlines() for end in ("en", "de")
        )
        both = {numbers.english(number): numbers.german(number) for number in range(1000)}
        assert len(english) == many
        assert [both[line] for line in english] == german
