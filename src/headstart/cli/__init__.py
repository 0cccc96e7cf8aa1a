"""The command line: parse → verb → print. Heavy imports happen inside the commands."""

from __future__ import annotations

import io
import sys
import traceback
from typing import Any

from typer import Abort, BadParameter

from ..errors import HeadstartError
from . import output
from .commands import app

UsageError: Any = BadParameter.__mro__[1]
"""What typer raises for a wrong command line; it has no public name."""
INTERRUPTED = 130


def main(arguments: list[str] | None = None) -> None:
    """Run one command and leave with its exit code.

    0 done; 1 the user can fix it; 2 usage; 3 `--require-gain`: verified, and the transfer did not help;
    130 interrupted.
    """
    if isinstance(sys.stdout, io.TextIOWrapper):  # a file's name may be bytes that no encoding has
        sys.stdout.reconfigure(errors="backslashreplace")
    sys.exit(code(sys.argv[1:] if arguments is None else arguments))


def code(arguments: list[str]) -> int:
    """The exit code of one command."""
    debug, arguments = "--debug" in arguments, [word for word in arguments if word != "--debug"]
    try:
        return _run(arguments)
    except HeadstartError as error:
        _trace(error, debug)
        problem, hint = error.message, error.hint
    except (KeyboardInterrupt, Abort):
        output.failure("interrupted", "the same command goes on from where it was")
        return INTERRUPTED
    except OSError as error:
        problem, hint = (
            f"{error.filename or 'a file'}: {error.strerror or error}",
            "check the path and its rights",
        )
    except Exception as error:
        _trace(error, debug)
        problem = f"a bug in Headstart: {type(error).__name__}: {error}"
        hint = "run it again with --debug and report what it prints"
    output.failure(problem, hint)
    return 1


def _trace(error: Exception, debug: bool) -> None:
    if debug:
        traceback.print_exception(error)


def _run(arguments: list[str]) -> int:
    try:
        left = int(app(arguments, prog_name="headstart", standalone_mode=False) or 0)
    except UsageError as error:
        output.failure(error.format_message(), "see `headstart --help`, or `headstart COMMAND --help`")
        return 2
    if left == INTERRUPTED:  # typer keeps the interrupt to itself
        raise KeyboardInterrupt
    return left
