"""Records of an exploration."""

from dataclasses import replace

import pytest

from headstart.errors import SettingsError
from headstart.explored import CLUSTERS, DENSE, Explored, Number
from headstart.plain import plain, read


def test_it_comes_back_from_json(explored_record):
    assert read(Explored, plain(explored_record)) == explored_record


def test_it_says_how_many_and_what_fits_nearly_as_well(explored_record):
    asked = replace(explored_record, how="found", clear=True, numbers=(Number(3, 0.5), Number(7, 0.4)))
    assert asked.sentence == "3 clusters of 60 examples; 7 fit nearly as well"
    assert replace(asked, numbers=()).sentence == "3 clusters of 60 examples"
    assert replace(asked, how="none").sentence == "no clear groups in 60 examples: all are in one"
    assert replace(asked, how="asked", clear=False).sentence.endswith("as asked; they are not clear")
    assert "by HDBSCAN" in replace(asked, how="hdbscan").sentence
    assert "<td>cluster 1</td>" in asked._repr_html_()
    assert asked.to_frame()["cluster"].tolist() == [one.name for one in asked.groups]
    assert repr(asked) == f"Explored({asked.sentence!r})"


def test_a_number_of_clusters_is_a_number_or_a_name():
    assert CLUSTERS.of({}) is None
    assert CLUSTERS.of({"clusters": "12"}) == 12
    assert CLUSTERS.of({"clusters": "hdbscan"}) == DENSE
    with pytest.raises(SettingsError, match="whole number"):
        CLUSTERS.of({"clusters": "a dozen"})


@pytest.fixture
def explored_record():
    from headstart.explored import Group, Map
    from headstart.records import LeftOut
    from headstart.types import BaseCard

    groups = tuple(Group(f"cluster {n}", 20, 0.5, 0.2, "a.png") for n in (1, 2, 3))
    return Explored(
        *("headstart/explore/1", "0", "image_classification", 0),
        BaseCard("b", "image", None, None, "s", 1, 1, 1, 1, ()),
        *((), 60, 3, True, "found", (Number(3, 0.5),), groups, Map("pca", 60, None)),
        *((), (("a", "b"),), ("a",), (), None, None, LeftOut(()), (), "sha256:f", {"total": 1.0}),
    )
