"""What comes after a run, in Python: all runs, two of them compared, and what to label next.

Heavy imports happen inside, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from .errors import RunError
from .keywords import read_as
from .models import bundle_of
from .results import Result

if TYPE_CHECKING:
    from .compared import Compared
    from .overview import Line
    from .runtime import Reporter
    from .suggested import Doubts, Suggested
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
    out: str | Path | None = None,
) -> Compared:
    """The second run against the first on the test examples that both have, paired, with an interval.

    Args:
        first: a finished run: its folder, or what `run` gave.
        second: another one of the same task, with the same test split in whatever order.
        metric: what is compared; what both runs went by if not given.
        data: where the test examples are now, if not where the second run found them; they are shown only.
        out: a file to write: one HTML page with the examples on which the two differ.

    Raises:
        HeadstartError: among others RunError, where test splits differ; the message says in what.
    """
    from . import comparison
    from .runtime import write_atomically

    places = [one.folder if isinstance(one, Result) else Path(one) for one in (first, second)]
    found = comparison.compare(places[0], places[1], metric, data)
    if out is not None:
        from .shipping.report import compared as report

        try:
            write_atomically(Path(out), report.render(found).encode("utf-8"))
        except OSError as error:
            raise RunError(
                f"{out} cannot be written: {error.strerror}", "name another file to write"
            ) from None
    return found


def suggest(
    run: str | Path | Result,
    unlabelled: Data,
    *,
    count: int = 50,
    data: Data | None = None,
    out: str | Path | None = None,
    prefix: str | None = None,
    columns: Mapping[str, str] | None = None,
    reporter: Reporter | None = None,
    **options: object,
) -> Suggested:
    """What of unlabelled examples to label next: what the model is unsure of, and what stands for others.

    Args:
        run: a finished run, its folder or its bundle, of a task whose answers have probabilities.
        unlabelled: a folder of files, or texts, as for `explore`.
        count: how many to label.
        data: where the labelled data of the run are now, if not where it found them.
        out: a folder for `to_label.csv`, `label_studio.json` and `doubts.csv`, if they are wanted.
        prefix: what stands before file names in Label Studio's tasks.
        columns: what a table calls its columns.
        reporter: where it speaks; nowhere if not given.
        **options: of parts.

    Raises:
        HeadstartError: among others SettingsError, where answers have no probability.
    """
    from . import labelling
    from .data.reading import Reading
    from .labelling import files
    from .runtime import Silent
    from .shipping.bundles.bundle import read, task_of

    folder = bundle_of(run.folder if isinstance(run, Result) else run)
    reading = Reading(**read_as(suggest, options, columns))
    found = labelling.suggest(labelling.Asked(folder, unlabelled, count, data, reading), reporter or Silent())
    if out is not None:
        modality = task_of(read(folder)[0]).modality
        told = found.suggested
        tables = {
            files.TO_LABEL: files.to_label_table(told),
            files.TASKS: files.tasks(told, found.sources, modality, prefix),
            **({files.DOUBTS: files.doubts_table(told.doubts)} if told.doubts else {}),
        }
        files.write(Path(out), tables)
    return found.suggested


def doubts(run: str | Path | Result, out: str | Path | None = None) -> Doubts:
    """The labels of a run's training and validation examples that are likely wrong, the most doubtful first.

    Args:
        run: a finished run of classes, its folder or its bundle.
        out: a folder for `doubts.csv`; nothing is written if not given.

    Raises:
        RunError: the run keeps none, or the folder cannot be written.
    """
    from .suggested import require_doubts

    folder = Path(run.folder if isinstance(run, Result) else run)
    if folder.name == "bundle":
        folder = folder.parent
    found = require_doubts(folder)
    if out is not None:
        from .labelling import files

        files.write(Path(out), {files.DOUBTS: files.doubts_table(found)})
    return found


def serve(
    run: str | Path | Result,
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    corrections: bool | None = None,
    nearest: bool = False,
    max_mb: float = 10.0,
    max_examples: int = 64,
) -> None:
    """Answer over HTTP, with a page to try the model on, until Ctrl-C or SIGTERM; prints the address.

    Args:
        run: a run, its folder, or a bundle.
        host: `0.0.0.0` lets other machines ask.
        port: 0 takes any that is free.
        corrections: whether what people say is right is saved; where not told, if only this machine can ask.
        nearest: whether the nearest training examples are shown; the run's data are read first.
        max_mb: megabytes of a request.
        max_examples: of a request.

    Raises:
        MissingExtra: the extra `serve` is not installed.
        BundleError: there is no bundle.
        SettingsError: it cannot listen there.
    """
    from .serving.limits import Limits
    from .serving.server import Address, Wanted
    from .serving.server import serve as start

    folder = run.folder if isinstance(run, Result) else Path(run)
    limits = Limits(megabytes=max_mb, examples=max_examples)
    start(Wanted(folder, Address(host, port), limits, corrections, nearest), lambda url, _: print(url))
