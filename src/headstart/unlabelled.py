"""The verb for examples without labels, and what it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from .keywords import read_as
from .models import Model, load

if TYPE_CHECKING:
    import pandas as pd

    from .explored import Explored
    from .runtime import Reporter
    from .types import Data


@dataclass(frozen=True)
class Exploration:
    """What was found in examples without labels: its folder, and what its `result.json` holds."""

    folder: Path
    record: Mapping[str, object] = field(repr=False)

    @property
    def found(self) -> Explored:
        """The same as records."""
        from .explored import Explored
        from .plain import read

        return read(Explored, self.record)

    @property
    def model(self) -> Model:
        """Says the cluster of new examples; loaded anew each time."""
        return load(self.folder)

    def to_frame(self) -> pd.DataFrame:
        """The groups as a table of pandas."""
        return self.found.to_frame()

    def _repr_html_(self) -> str:
        return self.found._repr_html_()


def explore(
    data: Data,
    *,
    base: str | Sequence[str] = (),
    task: str | None = None,
    seed: int = 0,
    out: str | Path | None = None,
    labels: str | None = None,
    folders: str | Path | None = None,
    columns: Mapping[str, str] | None = None,
    reporter: Reporter | None = None,
    **options: object,
) -> Exploration:
    """Look at examples without labels: clusters, a map, what is odd or there twice, what to label first.

    Args:
        data: as for `run`, with labels or without: they are not looked at.
        base: names or folders; of several the one to which views of one example are most alike.
        task: what says what an example is; inferred where only one fits.
        seed: the same seed repeats it.
        out: folder to write; a new one under `runs/` where none is given.
        labels: a column (`label` of class folders) that clusters are compared with once they are found.
        folders: a new folder for copies of the examples, one folder for each cluster.
        columns: as for `run`.
        reporter: where it speaks; nowhere if not given.
        **options: `clusters` (a number, or `hdbscan`), `map` (`pca`, `tsne`, `umap`), `proof` (`no`), and
            of parts.

    Raises:
        HeadstartError: something that can be put right; the message and hint say what.
    """
    from . import exploration as stage
    from .runtime import Silent

    places = [None if one is None else Path(one) for one in (out, folders)]
    called = read_as(explore, options, columns)
    asked = stage.Asked(
        data,
        task,
        (base,) if isinstance(base, str) else tuple(map(str, base)),
        seed,
        places[0],
        labels,
        places[1],
        **called,
    )
    return Exploration(*stage.explore(asked, reporter or Silent()))
