"""Users and what they took."""

import numpy as np

from headstart.data.ratings.histories import Catalogue, History, label
from headstart.preprocessing.ratings import RatingsPreprocess
from headstart.tasks.answers.items import Items
from headstart.tasks.modalities.ratings import Ratings
from headstart.types import Examples

SOURCES = (History("u", ("a",), ("\x00a", "\x00z")).encoded(), History("v", ("b",)).encoded())


def examples():
    return Examples(("u", "v"), SOURCES, ("1", "2"), Items().targets([label(("a",), 1), label(("b",), 1)]))


def test_every_item_has_a_number_those_of_the_source_last():
    how = Ratings().suited(RatingsPreprocess(), examples(), [0, 1])
    assert how == RatingsPreprocess(("a", "b", "\x00a", "\x00z"), 2, True)
    assert Ratings().shown_as(how).marked
    assert not Ratings().shown_as(RatingsPreprocess(marked=False)).marked
    assert Ratings().store(SOURCES, how).encoded(np.array([0]))[0, 0].tolist() == [1, 3, 4]


def test_a_history_is_shown_and_examined():
    assert Ratings().shown(SOURCES[0], 90) == {"text": "took a; in the source a, z"}
    assert Ratings().shown(Catalogue({"a": ()}).encoded(), 90) == {"text": "1 items"}
    assert Ratings().examine(SOURCES[0]) is None
    assert Ratings().examine(b"x")
