"""What a finished run gives: its folder and its `result.json`, which show themselves in a notebook."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from html import escape
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from .errors import RunError
from .plain import read

if TYPE_CHECKING:
    import pandas as pd

    from .models import Model
    from .records import Arm, Chosen, Metric, Outcome, Verdict


@dataclass(frozen=True)
class Result:
    """A finished run: its folder, and what its `result.json` holds as records."""

    folder: Path
    record: Mapping[str, object] = field(repr=False)
    """`result.json` as it is."""

    @cached_property
    def outcome(self) -> Outcome:
        """All of it as records.

        Raises:
            Unfit: it is no `result.json` of a run.
        """
        from .records import Outcome

        return read(Outcome, self.record)

    @property
    def bundle(self) -> Path:
        """The folder to predict with."""
        return self.folder / "bundle"

    @property
    def report(self) -> Path:
        """The page for people."""
        return self.folder / "report.html"

    @property
    def verdict(self) -> Verdict:
        """Whether the pre-trained weights helped.

        Raises:
            RunError: the run compared nothing.
        """
        verdict = self.outcome.verdict
        if verdict is None:
            raise RunError(
                f"{self.folder} has no verdict: nothing was compared with training from scratch",
                "`result.outcome.verdict` is None then; where the time was too short, give more minutes",
            )
        return verdict

    @property
    def metric(self) -> Metric:
        """The bundle on the test split."""
        return self.outcome.metric

    @property
    def chosen(self) -> Chosen:
        """What ships."""
        return self.outcome.chosen

    @property
    def arms(self) -> tuple[Arm, ...]:
        """Everything that was compared."""
        return self.outcome.arms

    @cached_property
    def model(self) -> Model:
        """The bundle, loaded once.

        Raises:
            BundleError: it is not there any more, or damaged.
        """
        from .models import Model

        return Model(self.bundle)

    def to_frame(self) -> pd.DataFrame:
        """The arms as a table of pandas, a row for each."""
        from .measured import frame

        rows = [(arm.name, arm.value, *arm.interval, arm.seconds) for arm in self.arms]
        return frame(("arm", self.metric.name, "low", "high", "seconds"), rows)

    def __repr__(self) -> str:
        metric, arm = self.metric, self.chosen.arm
        call = self.outcome.verdict and self.outcome.verdict.call
        told = f"verdict={call!r}, ships={arm!r}, {metric.name}={metric.value:.3f}"
        return f"Result({str(self.folder)!r}, {told})"

    def _repr_html_(self) -> str:
        """For notebooks: the verdict's sentence, the arms, and a link to the report."""
        from .measured import html_table
        from .shipping.report.words import sentence, spelled

        ships, report = self.chosen.arm, self.report
        # a notebook opens links from its own folder, which a relative path begins at too
        link = report.as_uri() if report.is_absolute() else quote(report.as_posix())
        heads = ("arm", self.metric.name, "95 % interval", "seconds")
        rows = [
            (
                f"{arm.name} (ships)" if arm.name == ships else arm.name,
                f"{arm.value:.3f}",
                "{:.3f} to {:.3f}".format(*arm.interval),
                f"{arm.seconds:.1f}",
            )
            for arm in self.arms
        ]
        told = f"<p><b>{escape(sentence(self.outcome, spelled(self.metric.name)))}</b></p>"
        table = html_table(heads, rows)
        return f'<div>{told}{table}<p><a href="{escape(link)}">report</a></p></div>'
