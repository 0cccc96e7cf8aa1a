"""Options of parts: what `--set NAME=VALUE` types is checked and read by the part that has it."""

from __future__ import annotations

import pytest

from headstart.errors import SettingsError, UnknownName
from headstart.options import choice, require_declared, yes_or_no

LINKS = yes_or_no("follow_links", "read what links point to")
SHAPE = choice("shape", "of the thing", "round", ("round", "square"))


def test_what_is_not_set_has_its_default():
    assert (LINKS.of({}), SHAPE.of({})) == (False, "round")


@pytest.mark.parametrize(
    ("option", "text", "value"),
    [(LINKS, "yes", True), (LINKS, " True ", True), (LINKS, "no", False), (SHAPE, "square", "square")],
)
def test_a_text_becomes_a_value(option, text, value):
    assert option.of({option.name: text}) == value


@pytest.mark.parametrize(
    ("option", "text", "expected"),
    [(LINKS, "maybe", "yes or no"), (SHAPE, "oval", "round, square")],
)
def test_another_text_is_refused_with_what_was_expected(option, text, expected):
    with pytest.raises(SettingsError, match=expected) as refused:
        option.of({option.name: text})
    assert f"--set {option.name}={text}" in refused.value.message
    assert option.summary in refused.value.hint


def test_only_what_is_declared_may_be_set():
    require_declared({"shape": "round"}, (LINKS, SHAPE))
    with pytest.raises(UnknownName, match="no option `shap`") as refused:
        require_declared({"shap": "round"}, (LINKS, SHAPE))
    assert "shape" in refused.value.hint
    with pytest.raises(SettingsError, match="expected round"):
        require_declared({"shape": "oval"}, (LINKS, SHAPE))
