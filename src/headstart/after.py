"""What comes after a run, in Python: all runs, and two of them compared.

Heavy imports happen inside, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from .errors import RunError
from .results import Result

if TYPE_CHECKING:
    from .compared import Compared
    from .overview import Line
    from .types import Data


def list_runs(folder: str | Path = "runs") -> list[Line]:
    """The runs in a folder, the newest first.

    Raises:
        RunError: there is no such folder.
    """
    from .overview import lines

    return lines(Path(folder))


def open_run(folder: str | Path) -> Result:
    """A finished run, as `run` gave it: `hs.open("runs/first").metric`.

    Raises:
        RunError: the folder holds no finished run of one data set.
    """
    import json

    from .plain import Unfit, read
    from .records import Outcome

    place = Path(folder)
    try:
        record = json.loads((place / "result.json").read_text(encoding="utf-8"))
        read(Outcome, record)
    except (OSError, ValueError) as error:
        reason = str(error) if isinstance(error, Unfit) else getattr(error, "strerror", None) or str(error)
        raise RunError(
            f"{place} is not a finished run of one data set: {reason}", "hs.list_runs() names those that are"
        ) from None
    return Result(place, record)


def compare(
    first: str | Path | Result,
    second: str | Path | Result,
    *,
    metric: str | None = None,
    data: Data | None = None,
    page: str | Path | None = None,
) -> Compared:
    """The second run against the first on the test examples that both have, paired, with an interval.

    Args:
        first: a finished run: its folder, or what `run` gave.
        second: another one of the same task, with the same test split in whatever order.
        metric: what is compared; what both runs went by if not given.
        data: where the test examples are now, if not where the second run found them; they are shown only.
        page: a file to write: one HTML page with the examples on which the two differ.

    Raises:
        HeadstartError: among others RunError, where test splits differ; the message says in what.
    """
    from . import comparison
    from .runtime import write_atomically

    places = [one.folder if isinstance(one, Result) else Path(one) for one in (first, second)]
    found = comparison.compare(places[0], places[1], metric, data)
    if page is not None:
        from .shipping.report import compared as report

        try:
            write_atomically(Path(page), report.render(found).encode("utf-8"))
        except OSError as error:
            raise RunError(
                f"{page} cannot be written: {error.strerror}", "name another file to write"
            ) from None
    return found
