"""Every error that a person can meet, as one tree.

    HeadstartError            says what was expected, what came, and what to do
    ├── DataError             the examples cannot be used as they are
    ├── UnknownName           no plug-in or base has that name
    ├── BaseError             a base cannot be loaded, or does not fit the task
    ├── SettingsError         an option has a value that it cannot have
    ├── RunError              the run folder is finished, foreign or not writable
    ├── BundleError           a folder is not a bundle that can predict
    ├── ExportError           a bundle in another format does not answer as the bundle does
    ├── MissingExtra          a part of the package is not installed
    └── ContractError         a plug-in breaks its contract (a bug in the plug-in)

The command line prints `error: <message>` and `hint: <hint>` and leaves with exit code 1.
"""

from __future__ import annotations


class HeadstartError(Exception):
    """What went wrong (`message`) and what to do about it (`hint`); a traceback ends with both."""

    def __init__(self, message: str, hint: str) -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint
        self.add_note(f"hint: {hint}")

    def __reduce__(self) -> tuple[type[HeadstartError], tuple[str, str]]:
        """Sent between processes with both."""
        return type(self), (self.message, self.hint)


class DataError(HeadstartError):
    """The examples cannot be used as they are."""


class UnknownName(HeadstartError):
    """No plug-in or base has that name."""


class BaseError(HeadstartError):
    """A base cannot be loaded, or does not fit the task."""


class SettingsError(HeadstartError):
    """An option has a value that it cannot have."""


class RunError(HeadstartError):
    """The run folder is finished, foreign or not writable."""


class BundleError(HeadstartError):
    """A folder is not a bundle that can predict."""


class ExportError(HeadstartError):
    """A bundle in another format does not answer as the bundle does."""


class MissingExtra(HeadstartError):
    """A part of the package that is installed on demand is not there."""

    @classmethod
    def of(cls, message: str, extra: str) -> MissingExtra:
        """The error that names the extra to install."""
        return cls(message, f"pip install 'headstart[{extra}]'")


class ContractError(HeadstartError):
    """A plug-in breaks its contract (a bug in the plug-in)."""
