"""Records become JSON and come back the same, and what is none is refused with its place."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import ClassVar, Literal, NamedTuple

import pytest

from headstart.plain import Unfit, plain, read


class Span(NamedTuple):
    """Two ends."""

    low: float
    high: float


@dataclass(frozen=True)
class Leaf:
    """The last."""

    name: str
    also: ClassVar = ("size",)

    @property
    def size(self) -> int:
        return len(self.name)


@dataclass(frozen=True)
class Flower(Leaf):
    """A leaf with a colour."""

    colour: str


@dataclass(frozen=True)
class Tree:
    """One of everything."""

    kind: Literal["oak", "ash"]
    height: float
    rings: int
    alive: bool
    crown: Span
    ends: tuple[float | None, str]
    leaves: tuple[Flower | Leaf, ...]
    by_name: Mapping[str, tuple[int, ...]]
    free: Mapping[str, object]
    owner: str | None
    note: str | None = None
    tags: tuple[str, ...] = field(default=())


TREE = Tree(
    *("oak", 3, 7, True, Span(0.5, 1.5), (None, "up"), (Leaf("a"), Flower("bc", "red"))),
    *({"x": (1, 2)}, {"any": [{"thing": None}]}, None),
)


def test_a_record_is_its_fields_and_comes_back_the_same():
    made = plain(TREE)
    assert made["crown"] == [0.5, 1.5]
    assert made["leaves"] == [{"name": "a", "size": 1}, {"name": "bc", "colour": "red", "size": 2}]
    assert read(Tree, json.loads(json.dumps(made))) == TREE


def test_none_is_written_but_for_what_is_none_by_default():
    assert plain(TREE)["owner"] is None
    assert "note" not in plain(TREE)
    assert plain(TREE)["tags"] == []


def test_unknown_keys_are_passed_over_and_missing_ones_are_none_where_they_may_be():
    given = plain(TREE) | {"newer": 1}
    del given["owner"], given["tags"]
    assert read(Tree, given) == TREE


@pytest.mark.parametrize(
    ("key", "value", "said"),
    [
        ("kind", "elm", "kind is 'elm'"),
        ("height", "3", "height is '3'"),
        ("height", True, "height is True"),
        ("rings", 1.5, "rings is 1.5"),
        ("rings", False, "rings is False"),
        ("alive", 1, "alive is 1"),
        ("crown", [1], "crown has 1 parts, not 2"),
        ("crown", 3, "crown is no array"),
        ("leaves", [{}], "leaves[0].name is missing"),
        ("leaves", ["leaf"], "leaves[0] is no object"),
        ("by_name", [1], "by_name is no object"),
        ("by_name", {"x": [1, None]}, "by_name.x[1] is None"),
        ("owner", 3, "owner is 3"),
    ],
)
def test_what_is_of_another_kind_is_refused_with_its_place(key, value, said):
    with pytest.raises(Unfit) as caught:
        read(Tree, plain(TREE) | {key: value})
    assert str(caught.value) == said


def test_what_has_to_be_there_is_named():
    with pytest.raises(Unfit, match=r"^tree\.height is missing$"):
        read(Tree, {name: value for name, value in plain(TREE).items() if name != "height"}, "tree")
    with pytest.raises(Unfit, match="it is no object"):
        read(Tree, [])


def test_only_records_are_records():
    with pytest.raises(TypeError, match="no record"):
        plain({"name": "a"})
    with pytest.raises(TypeError, match="no record"):
        read(str, {})
