"""A model to keep, a bundle that is loaded once; and the verbs that load one for a single call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from .keywords import read_as

if TYPE_CHECKING:
    from .measured import Evaluation
    from .runtime import Reporter
    from .shipping.bundles.predict import Answers
    from .types import Data

SHOWN = 20
"""Labels that a notebook shows."""


def bundle_of(path: str | Path) -> Path:
    """The bundle of a run folder; a path without one is taken for a bundle itself."""
    inside = Path(path) / "bundle"
    return inside if inside.is_dir() else Path(path)


class Model:
    """A bundle, loaded once: `hs.load("runs/first").predict("photo.jpg")`.

    Attributes:
        folder: the bundle.
        predictor: the loaded bundle; its `stream` answers the frames of a camera.
    """

    def __init__(self, path: str | Path) -> None:
        """Raises BundleError: the path is neither a bundle nor a run folder with one."""
        from .shipping.bundles.predict import Predictor

        self.folder = bundle_of(path)
        self.predictor = Predictor(self.folder)

    @property
    def task(self) -> str:
        """The name of the task."""
        return self.predictor.parts.task

    @property
    def labels(self) -> tuple[str, ...]:
        """The classes in the order of the network's outputs; none where it answers with sentences."""
        return self.predictor.parts.labels

    @property
    def card(self) -> str | None:
        """The model card, Markdown; None of a bundle without one, as `adapt` makes it."""
        path = self.folder / "README.md"
        return path.read_text(encoding="utf-8") if path.is_file() else None

    def predict(
        self,
        inputs: object,
        *,
        columns: Mapping[str, str] | None = None,
        draw: str | Path | None = None,
        reporter: Reporter | None = None,
        **options: object,
    ) -> dict[str, object] | list[dict[str, object]]:
        """The record of one input, or a list with that of each of several.

        One is a file, a text, bytes, a picture or an array (h, w, 3); a list, a table, a folder and a film
        are several, however many they hold. The keywords are those of `stream`.
        """
        from .data.objects import several_of

        several = several_of(inputs)
        records = list(self.stream(several, columns=columns, draw=draw, reporter=reporter, **options))
        one = len(several) == 1 and several[0] is inputs and _is_of_itself(inputs, records)
        return records[0] if one else records

    def stream(
        self,
        inputs: object,
        *,
        columns: Mapping[str, str] | None = None,
        draw: str | Path | None = None,
        reporter: Reporter | None = None,
        **options: object,
    ) -> Answers:
        """The records of all inputs, one after another, each computed when it is asked for.

        Args:
            inputs: one or several, of the kinds that `hs.predict` takes.
            columns: what a table calls its columns, `{"text": "body"}`.
            draw: a new or empty folder for pictures of the answers.
            reporter: where it speaks; nowhere if not given.
            **options: of parts, as for `hs.run`.

        Raises:
            HeadstartError: there is no such file or column, or nowhere to draw to; before anything is
                predicted.
        """
        from .data.reading import Reading

        reading = Reading(**read_as(self.stream, options, columns))
        return self.predictor.asked(inputs, reading, draw, reporter)

    def evaluate(
        self,
        data: Data,
        *,
        columns: Mapping[str, str] | None = None,
        **options: object,
    ) -> Evaluation:
        """Metrics on labelled data: its test split, else validation, else all of it; as `hs.evaluate`.

        Raises:
            DataError: the data cannot be read, or have a label that the model does not know.
        """
        from .data.reading import Reading
        from .shipping.bundles.evaluate import evaluate as measure

        reading = Reading(**read_as(self.evaluate, options, columns))
        return measure(self.predictor, data, reading)

    def export(
        self,
        data: Data,
        *,
        to: str = "onnx",
        out: str | Path | None = None,
        columns: Mapping[str, str] | None = None,
        **options: object,
    ) -> dict[str, object]:
        """Write the bundle as ONNX too, as `hs.export`; what is predicted from now on is by that.

        Raises:
            HeadstartError: among others ExportError, where the graph does not answer as the bundle does.
        """
        from .shipping.bundles.predict import Predictor

        try:
            return export(self.folder, to, data, out, columns=columns, **options)
        finally:  # one that fails may have removed an earlier export
            self.predictor = Predictor(self.folder)

    def __repr__(self) -> str:
        return f"Model({str(self.folder)!r}, task={self.task!r}, labels={len(self.labels)})"

    def _repr_html_(self) -> str:
        """For notebooks: what it is, what it was made of, what it answers with."""
        facts = self.predictor.parts.facts
        shown, more = self.labels[:SHOWN], len(self.labels) - SHOWN
        labels = ", ".join(shown) + (f" and {more} more" if more > 0 else "")
        made = " on ".join(str(facts[part]) for part in ("arm", "base") if part in facts)
        rows = {"task": self.task, "made by": made, "labels": labels, "bundle": str(self.folder)}
        cells = (f"<tr><th>{name}</th><td>{escape(text)}</td></tr>" for name, text in rows.items() if text)
        return f"<table>{''.join(cells)}</table>"


def load(path: str | Path) -> Model:
    """The model of a run folder, or of a bundle: one object to keep, loaded once.

    Raises:
        BundleError: there is no bundle, or it is damaged.
    """
    return Model(path)


def predict(
    bundle: str | Path,
    inputs: object,
    *,
    columns: Mapping[str, str] | None = None,
    draw: str | Path | None = None,
    reporter: Reporter | None = None,
    **options: object,
) -> Answers:
    """One record per input: `input`, `label`, `probability`, …; or `input` and `error`.

    The bundle is loaded at each call: `load` gives a model to keep.

    Args:
        bundle: the `bundle` folder of a run, or the run's.
        inputs: one or several. Where the bundle takes pictures: paths of files and folders, films, `-` for a
            film on standard input, bytes, PIL images, arrays (h, w, 3), a table with `file_name`. Where
            it takes texts: strings, which are texts and never paths; `pathlib.Path`s of files, folders and
            tables; a table with a column of them; `-` for the lines of standard input. A table
            is a DataFrame, a `datasets.Dataset`, a dict of columns, a list of rows as dicts, or Arrow's.
        columns: what a table calls its columns, `{"text": "body"}`.
        draw: a new or empty folder for pictures with the boxes or the mask that were found; each record then
            has their paths, `picture` and `mask`.
        reporter: where it speaks; nowhere if not given.
        **options: of parts.

    Raises:
        HeadstartError: there is no such bundle, file or column, or nowhere to draw to; before anything is
            predicted.
    """
    return Model(bundle).stream(inputs, columns=columns, draw=draw, reporter=reporter, **options)


def evaluate(
    bundle: str | Path,
    data: Data,
    *,
    columns: Mapping[str, str] | None = None,
    **options: object,
) -> Evaluation:
    """Metrics of a bundle on labelled data: its test split, else validation, else all of it.

    `bundle` is as for `predict`; `data` and the keywords are those of `run`.

    Raises:
        HeadstartError: the bundle or the data cannot be read, or have a label that the bundle does not know.
    """
    return Model(bundle).evaluate(data, columns=columns, **options)


def export(
    bundle: str | Path,
    to: str = "onnx",
    data: Data | None = None,
    out: str | Path | None = None,
    *,
    columns: Mapping[str, str] | None = None,
    **options: object,
) -> dict[str, object]:
    """Write a bundle as ONNX too, once that has answered examples as the bundle does; `predict` then uses it.

    Args:
        bundle: as for `predict`; gets `model.onnx` and `export.json`.
        to: `onnx`.
        data: of the bundle's task, with labels or without; its validation split, else test, else all is
            compared, a thousand examples at most.
        out: a new file to copy the graph to.
        columns: as for `run`.
        **options: of parts.

    Returns:
        What `export.json` holds: hashes, the graph's inputs and outputs, `difference` (of the largest
        output), `metric` by both engines, `n`, and the `seconds` that each takes for one example here.

    Raises:
        HeadstartError: among others ExportError, where the graph does not answer as the bundle does.
    """
    from .data.reading import Reading
    from .shipping.bundles.export import export as write

    reading = Reading(**read_as(export, options, columns))
    return write(bundle_of(bundle), data, reading, to, out)


def _is_of_itself(given: object, records: Sequence[Mapping[str, object]]) -> bool:
    """Is there one record, and of what was given, not of something in it?"""
    from .data.tables.records import is_table

    if len(records) != 1 or is_table(given):
        return False
    if not isinstance(given, str | PathLike):
        return True
    return given != "-" and records[0]["input"] in (str(given), Path(given).as_posix())
