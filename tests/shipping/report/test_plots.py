"""The figures: inline, the same each time, in the page's colours, and whole for odd numbers."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import matplotlib as mpl
import numpy as np
import pytest

from headstart.records import Arm, Point
from headstart.shipping.report import plots
from headstart.types import Interval

RUN = plots.Losses([0.9, 0.5, 0.3], [0.95, 0.6, 0.7], 1)
ARM = Arm("finetune", 0.9, Interval(0.8, 0.95), None, 1.0, (0.88, 0.92), {}, False, None)

FIGURES = {
    "difference": lambda: plots.difference(0.1, -0.05, 0.25, "a <b> & 'c'"),
    "arms": lambda: plots.arms([ARM, replace(ARM, name="scratch", value=0.7)], "finetune", "arms"),
    "curves": lambda: plots.curves([RUN, replace(RUN, kept=None)], "curves"),
    "lengths": lambda: plots.lengths([2, 12, 22, 32], [4, 9, 1], 20, "lengths"),
    "long lengths": lambda: plots.lengths([2, 10, 100, 1000], [4, 9, 1], 5000, "lengths"),
    "one length": lambda: plots.lengths([0, 1], [4], None, "lengths"),
    "one epoch": lambda: plots.curves([plots.Losses([0.9], [0.8], 0)], "curves"),
    "heatmap": lambda: plots.heatmap((np.eye(25) * 0.9).tolist(), "confusion"),
    "popularity": lambda: plots.popularity(
        [1, 9, 40], {"before": [0.1, 0.5, 1], "next": [0, 0.2, 1]}, "taken"
    ),
    "reliability": lambda: plots.reliability([(0.5, 0.4, 10.0), (0.9, 0.95, 30.0)], "reliability"),
}


def parsed(figure: str) -> ElementTree.Element:
    """The figure as a page's parser sees it: HTML knows `xlink` without being told."""
    page = f'<page xmlns:xlink="http://www.w3.org/1999/xlink">{figure}</page>'
    (root,) = ElementTree.fromstring(page)
    return root


@pytest.fixture(params=FIGURES)
def figure(request):
    return FIGURES[request.param]


def test_a_figure_is_one_well_formed_named_svg(figure):
    root = parsed(figure())
    assert root.tag.endswith("svg")
    assert root.get("role") == "img"
    assert root.get("aria-label")
    assert root.get("viewBox")


def test_the_same_numbers_draw_the_same_figure(figure):
    assert figure() == figure()


def test_a_figure_asks_for_nothing_outside_itself_and_its_ids_are_its_own(figure):
    text = str(figure())
    ids = re.findall(r'\bid="([^"]+)"', text)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'(?:href="#|url\(#)([\w-]+)', text)) <= set(ids)
    assert not re.search(r"href=\"(?!#|data:image/)|https?://(?!www\.w3\.org)|<script|<!--|<metadata", text)


def test_two_figures_of_a_page_share_no_id():
    found = [set(re.findall(r'\bid="([^"]+)"', str(make()))) for make in FIGURES.values()]
    assert sum(map(len, found)) == len(set().union(*found))


def test_the_stand_in_colours_become_variables_of_the_page(figure):
    text = str(figure())
    assert "var(--" in text
    assert not [colour for colour in plots._VARIABLES if colour in text]


def test_matplotlib_is_left_as_it_was(figure):
    before = dict(mpl.rcParams)
    figure()
    assert dict(mpl.rcParams) == before


def test_what_a_figure_is_called_is_escaped():
    text = str(plots.difference(0.1, 0.0, 0.2, 'a <b> & "c"'))
    assert parsed(text).get("aria-label") == 'a <b> & "c"'


@pytest.mark.parametrize(
    "make",
    [
        lambda: plots.difference(0.0, 0.0, 0.0, "none"),
        lambda: plots.difference(-1.0, -1.0, -1.0, "all"),
        lambda: plots.arms([replace(ARM, name="ñandú 蝶 <x>" * 9, seeds=())], None, "no seeds"),
        lambda: plots.arms([replace(ARM, interval=Interval(0.9, 0.9))], "gone", "of no length"),
        lambda: plots.curves([plots.Losses([], [0.5], 0)], "no training loss"),
        lambda: plots.curves([plots.Losses([float("nan")] * 2, [], None)], "nan"),
        lambda: plots.reliability([(1.0, 1.0, 1.0)], "one"),
    ],
)
def test_odd_numbers_are_drawn_without_a_warning(make):
    assert len(parsed(make()))


def test_a_difference_is_drawn_where_it_lies():
    left, right = (str(plots.difference(sign * 0.2, sign * 0.3, sign * 0.1, "x")) for sign in (-1, 1))
    assert left != right


def test_what_ships_is_a_mark_of_its_own_on_the_line_of_its_arm():
    rows = [ARM, replace(ARM, name="scratch", value=0.7)]
    plain, marked = (str(plots.arms(rows, "finetune", "arms", value)) for value in (None, 0.85))
    assert marked.count("<path") + marked.count("<use") > plain.count("<path") + plain.count("<use")
    assert str(plots.arms(rows, "other", "arms", 0.85)) == str(plots.arms(rows, "other", "arms"))


def test_seeds_are_one_line_and_one_band_not_a_line_each():
    one = str(plots.curves([RUN], "one")).count("<path")
    many = [replace(RUN, train=[0.9 + n / 10, 0.5, 0.3], kept=None) for n in range(9)]
    assert str(plots.curves(many, "many")).count("<path") < one


def test_seeds_of_other_lengths_and_losses_that_are_no_numbers_are_drawn():
    odd = plots.Losses([0.9, float("nan")], [float("nan")], None)
    assert parsed(str(plots.curves([RUN, odd], "odd"))).get("aria-label") == "odd"
    empty = plots.Losses([], [], None)
    assert parsed(str(plots.curves([empty], "empty"))).get("aria-label") == "empty"


def test_marks_say_their_values():
    said = str(plots.arms([ARM], "finetune", "arms", bundle=0.91)).replace("\N{NO-BREAK SPACE}", " ")
    assert "<title>mean 90.0 %, interval 80.0 to 95.0 %</title>" in said
    assert "<title>what ships 91.0 %</title>" in said
    point = Point(50, 0.9, Interval(0.8, 0.95), 2)
    curve = str(plots.learning({"frozen": [point]}, "curve")).replace("\N{NO-BREAK SPACE}", " ")
    assert "<title>50 labels: 90.0 %, 80.0 to 95.0 %</title>" in curve


def test_a_curve_ends_where_most_seeds_ended():
    short = [replace(RUN, kept=None) for _ in range(3)]
    longer = replace(RUN, train=[*RUN.train, 9.0], validation=[*RUN.validation, 9.0], kept=None)
    assert plots.curves([*short, longer], "curves") == plots.curves(
        [*short, replace(RUN, kept=None)], "curves"
    )
