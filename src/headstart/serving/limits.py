"""How much one service takes on at a time."""

from __future__ import annotations

from dataclasses import dataclass

from ..errors import SettingsError


@dataclass(frozen=True)
class Limits:
    """Raises SettingsError where a limit leaves nothing."""

    megabytes: float = 10.0
    """A request's body."""
    examples: int = 64
    """In a request."""
    waiting: int = 256
    """Examples that wait for the model, of all requests."""
    seconds: float = 20.0
    """To send a request, and to take its answer."""
    connections: int = 256
    held: float = 256.0
    """Megabytes of all requests that are being answered."""

    def __post_init__(self) -> None:
        for name, value in (("--max-mb", self.megabytes), ("--max-examples", self.examples)):
            if not 0 < value < 100_000:
                raise SettingsError(f"{name} must be above 0 and below 100000, got {value:g}", "leave it out")

    @property
    def body(self) -> int:
        """Bytes of a request's body."""
        return int(self.megabytes * 1_000_000)

    @property
    def bytes_held(self) -> int:
        """Bytes of all; one request always fits."""
        return max(self.body, int(self.held * 1_000_000))
