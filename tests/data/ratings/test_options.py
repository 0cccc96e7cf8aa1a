"""What may be set for tables of interactions."""

import pytest

from headstart.data.ratings.options import DESCRIBE, SHARES, THRESHOLD, USER
from headstart.errors import SettingsError


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [
        (USER, 'ann, "Doe, J",007,ann', ("ann", "Doe, J", "007")),
        (SHARES, "items,users", "both"),
        (SHARES, "items", "items"),
        (THRESHOLD, "3.5", 3.5),
        (DESCRIBE, "builtin/minilm", "builtin/minilm"),
    ],
)
def test_what_is_typed_is_read(option, text, value):
    assert option.of({option.name: text}) == value


@pytest.mark.parametrize(
    ("option", "text"), [(USER, "ann,,bob"), (USER, ""), (SHARES, "people"), (THRESHOLD, "many")]
)
def test_what_is_none_is_told(option, text):
    with pytest.raises(SettingsError, match=option.name):
        option.of({option.name: text})


def test_what_is_at_hand_reads_texts_where_nothing_is_said():
    assert DESCRIBE.of({}) == "auto"
