"""What a base may cost: limits that leave bases out before anything is ranked."""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import SettingsError
from ..types import BaseCard

PERMISSIVE = {
    *("0bsd", "apache-2.0", "bsd-2-clause", "bsd-3-clause", "bsl-1.0", "cc-by-4.0"),
    *("cc0-1.0", "isc", "mit", "unlicense", "zlib"),
}
"""Licences (by their SPDX names) that ask for no more than a notice."""
UNITS = {
    "parameters": {"": 1.0, "k": 1e3, "M": 1e6, "G": 1e9, "B": 1e9},
    "latency": {"ms": 1.0, "s": 1e3},
    "memory": {"kB": 1e-3, "MB": 1.0, "GB": 1e3},
}
"""By what is limited, its units in parameters, ms and MB."""


def quantity(text: str, of: str) -> float:
    """A number with its unit, `20M` or `30ms`, as parameters, ms or MB.

    Raises:
        SettingsError: it is not one.
    """
    units = {unit.lower(): size for unit, size in UNITS[of].items()}
    found = re.fullmatch(r"\s*(\d+\.?\d*|\.\d+)\s*([a-z]*)\s*", text.lower())
    if found is None or found[2] not in units or float(found[1]) == 0:
        written = ", ".join(unit or "(none)" for unit in UNITS[of])
        raise SettingsError(f"expected a limit on {of}, got `{text}`", f"a number and a unit: {written}")
    return float(found[1]) * units[found[2]]


@dataclass(frozen=True)
class Limits:
    """None is no limit."""

    parameters: float | None = None
    latency: float | None = None
    """Milliseconds from one input to its prediction."""
    memory: float | None = None
    """MB of the process that predicts."""
    licence: str | None = None
    """`permissive`, or one licence by its SPDX name."""

    @classmethod
    def typed(
        cls,
        max_params: str | None = None,
        max_latency: str | None = None,
        max_memory: str | None = None,
        licence: str | None = None,
    ) -> Limits:
        """Limits with their units, as they are typed.

        Raises:
            SettingsError: one is not a number with a unit.
        """
        asked = {"parameters": max_params, "latency": max_latency, "memory": max_memory}
        return cls(**{of: quantity(text, of) for of, text in asked.items() if text}, licence=licence)

    def against(self, card: BaseCard) -> str | None:
        """What the facts of a base have against it."""
        if self.parameters is not None and card.parameters > self.parameters:
            return f"it has {card.parameters / 1e6:.1f} M parameters, above {self.parameters / 1e6:g} M"
        if self.licence is None:
            return None
        licence = (card.licence or "").lower()
        wanted = PERMISSIVE if self.licence.lower() == "permissive" else {self.licence.lower()}
        if licence in wanted:
            return None
        return f"its licence is {card.licence or 'not known'}, not {self.licence}"

    def against_cost(self, latency: float, memory: float | None) -> str | None:
        """What its costs here have against it: latency in ms, memory in MB where it was measured."""
        if self.latency is not None and latency > self.latency:
            return f"a prediction takes {latency:.1f} ms here, above {self.latency:g} ms"
        if self.memory is not None and memory is not None and memory > self.memory:
            return f"predicting takes {memory:.0f} MB here, above {self.memory:g} MB"
        return None
