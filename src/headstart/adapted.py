"""From a labelled source to a target without labels, in Python.

Heavy imports happen inside, so that importing the package costs next to nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .keywords import read_as
from .models import Model
from .settings import Settings

if TYPE_CHECKING:
    from .across import Across
    from .runtime import Reporter
    from .types import Data


@dataclass(frozen=True)
class Adapted:
    """A finished run across domains: its folder, and what its `result.json` holds."""

    folder: Path
    record: Mapping[str, object] = field(repr=False)

    @property
    def outcome(self) -> Across:
        """The same as records."""
        from .across import Across
        from .plain import read

        return read(Across, self.record)

    @property
    def model(self) -> Model:
        """The bundle that ships."""
        return Model(self.folder / "bundle")

    @property
    def beside(self) -> Model:
        """The other one: the source's model, or the adapted one that was refused."""
        return Model(self.folder / self.outcome.beside / "bundle")


def run_domains(
    source: Data,
    unlabelled: Data | None = None,
    *,
    labelled_target: Data | None = None,
    task: str | None = None,
    base: str | Sequence[str] = (),
    seed: int = 0,
    out: str | Path | None = None,
    group: str | None = None,
    columns: Mapping[str, str] | None = None,
    **options: object,
) -> Adapted:
    """A model for a target without labels, from a labelled source; a guard decides whether it ships.

    Args:
        source: data with a class or a set of labels for each example, as for `run`; or a folder with
            `source/` and `target/`, or a table with a column `domain`, where no target is given.
        unlabelled: examples of the target; labels that they have are not read.
        labelled_target: 20 to 100 examples of the target with labels, for a verdict.
        task: as for `run`, and so are the other keywords.
        base: the best on the source's labels where several are named.
        seed: of the splits of the source.
        out: folder to write; a new one under `runs/` where none is given.
        group: column of the source.
        columns: what the data call the columns.
        **options: of parts; `proportions="same"` where the classes are as frequent as in the source.

    Raises:
        HeadstartError: something that can be put right; the message and hint say what.
    """
    settings = Settings(
        source,
        task=task,
        base=(base,) if isinstance(base, str) else tuple(base),
        seed=seed,
        group=group,
        out=None if out is None else Path(out),
        **read_as(run_domains, options, columns),
    )
    return run_across(unlabelled, labelled_target, settings)


def run_across(
    target: Data | None, labelled: Data | None, settings: Settings, reporter: Reporter | None = None
) -> Adapted:
    """`run_domains` for settings, or with a voice."""
    from . import domains
    from .runtime import Silent

    return Adapted(*domains.run(settings.data, target, labelled, settings, reporter or Silent()))
