"""Options of parts: what `--set NAME=VALUE` types, and Python passes as keywords.

A part declares its options as values (`FOLLOW_LINKS = yes_or_no("follow_links", …)`) and reads them from
what was given (`FOLLOW_LINKS.of(reading.options)`). Nobody else has to know them: the command line, the
settings of a run and `headstart list` only see names, texts and summaries.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Generic, TypeVar

from .errors import SettingsError, UnknownName
from .registry import nearest

T = TypeVar("T", covariant=True)

Given = Mapping[str, str]
"""Names of options to what was typed."""
NOTHING: Given = {}
"""Nothing was set."""


@dataclass(frozen=True, eq=False)
class Option(Generic[T]):
    """One thing that a person may set."""

    name: str
    summary: str
    default: T
    typed: Callable[[str], T]
    """The value of a text; raises ValueError that says what was expected."""

    def of(self, given: Given) -> T:
        """What was asked, else the default.

        Raises:
            SettingsError: the text is no value of it.
        """
        if self.name not in given:
            return self.default
        try:
            return self.typed(given[self.name].strip())
        except ValueError as error:
            raise SettingsError(
                f"--set {self.name}={given[self.name]}: {error}", f"{self.name}: {self.summary}"
            ) from None


def yes_or_no(name: str, summary: str) -> Option[bool]:
    """An option that is off where nothing is said."""
    return Option(name, summary, False, _as_bool)


def choice(name: str, summary: str, default: str, values: Sequence[str]) -> Option[str]:
    """An option with a few values."""
    return Option(name, summary, default, partial(_one_of, values))


# Functions of the module, and no closures: a task is sent to other processes with its options.
def _as_bool(text: str) -> bool:
    values = {"yes": True, "true": True, "1": True, "no": False, "false": False, "0": False}
    if text.lower() not in values:
        raise ValueError("expected yes or no")
    return values[text.lower()]


def _one_of(values: Sequence[str], text: str) -> str:
    if text not in values:
        raise ValueError(f"expected {', '.join(values)}")
    return text


def require_declared(given: Given, declared: Iterable[Option[object]]) -> None:
    """Raises UnknownName or SettingsError: what is set is no option here, or to what it cannot be."""
    known = {option.name: option for option in declared}
    for name in given:
        if name not in known:
            raise UnknownName(f"there is no option `{name}` here", nearest(name, sorted(known)))
        known[name].of(given)
