"""The page of two runs that were compared: one self-contained file, the difference first."""

from __future__ import annotations

from ...compared import Compared, Flipped
from . import page, plots, words

MARKS = {
    "better": ("▲", "Better", ""),
    "worse": ("▼", "Worse", "hurts"),
    "undecided": ("◆", "Undecided", "undecided"),
}


def render(compared: Compared) -> str:
    """The page; it asks for nothing outside itself, and any text in it can be written as UTF-8."""
    ends = compared.range
    gain = words.gain_form(ends)
    mark, word, kind = MARKS[compared.call]
    span = words.span(compared.interval, gain)
    alt = f"Difference {gain(compared.delta)}, interval {span}"
    names = compared.names
    found = (
        page.environment(compared.task)
        .get_template("compared.html.j2")
        .render(
            result=compared,
            look=page.look(),
            mark=mark,
            word=word,
            kind=kind,
            first=names[0],
            second=names[1],
            sides=list(zip(names, (compared.first, compared.second), strict=True)),
            form=words.value_form(ends),
            delta=gain(compared.delta),
            unit="points of" if words.is_share(ends) else "better in",
            span=span,
            figure=plots.difference(compared.delta, *compared.interval, alt, words.is_share(ends)),
            flips=[
                (
                    "gained",
                    f"Only {names[1]} is right" if compared.classes else f"{names[1]} is better",
                    compared.counts.second_only,
                    compared.gained,
                ),
                (
                    "lost",
                    f"Only {names[0]} is right" if compared.classes else f"{names[0]} is better",
                    compared.counts.first_only,
                    compared.lost,
                ),
            ],
            placed=any(_placed(one) for one in (*compared.gained, *compared.lost)),
        )
    )
    return found.encode("utf-8", "backslashreplace").decode("utf-8")


def _placed(one: Flipped) -> bool:
    """Are answers places in a picture?"""
    return bool(one.first.scene or one.second.scene)
