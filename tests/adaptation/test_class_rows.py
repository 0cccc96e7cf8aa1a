"""Head rows from the base's own: the same names only, and only where a strategy says so."""

from dataclasses import replace

import pytest
import torch
from torch import nn

from benches import plan
from headstart import registry
from headstart.adaptation import train_arm
from headstart.adaptation._class_rows import carry_over, matches, reuse
from headstart.adaptation._start import reused, start
from headstart.bases.base import Brought, Classes
from headstart.types import Architecture, Maps
from stories import one_rate


def test_case_space_underscore_and_hyphen_do_not_tell_names_apart():
    known = ["Great_White-shark", "tench, Tinca tinca", "STRASSE", "crane", "crane", "ant"]
    labels = ["great white  shark", "Tinca-Tinca", "tench", "straße", "crane", "ants", "an t", ""]
    assert matches(labels, known) == {0: 0, 1: 1, 2: 1, 3: 2}
    assert matches([], known) == matches(labels, []) == {}
    assert matches(["tench, tinca tinca"], known) == {0: 1}


def test_matching_rows_are_copied_and_the_others_stay():
    classes = Classes(("bee", "ant"), torch.tensor([[1.0, 2.0], [3.0, 4.0]]), torch.tensor([5.0, 6.0]))
    head = nn.Linear(2, 3)
    nn.init.zeros_(head.weight)
    nn.init.zeros_(head.bias)
    reuse(head, ["Ant", "cat", "bee"], classes)
    assert head.weight.tolist() == [[3, 4], [0, 0], [1, 2]]
    assert head.bias.tolist() == [6, 0, 5]


@pytest.fixture
def knowing(home):
    """The bench on a base that knows all but the first of its classes."""
    base, labels = home.bench.base, home.bench.examples.categories
    weight = torch.rand((len(labels), base.card.width), generator=torch.Generator().manual_seed(0))
    names = ("something else", *(label.upper() for label in labels[1:]))
    return home.bench.with_base(replace(base, classes=Classes(names, weight, torch.ones(len(labels)))))


SAMPLE = [name for name in registry.names("adaptation") if name != "lora"]  # it needs linear layers


@pytest.mark.parametrize("name", SAMPLE)
def test_only_a_strategy_that_says_so_starts_from_them(home, knowing, name):
    strategy, job = registry.get("adaptation", name), home.job(name)
    head = start(job, knowing).head
    plain = start(job, home.bench).head
    known = knowing.base.classes
    k = len(known.labels)
    takes = strategy.classes(knowing.base) is not None
    assert takes == (name == "warm_init")
    assert reused(job, knowing) == (k - 1 if takes else 0)
    if takes:
        assert torch.equal(head.weight[1:], known.weight[1:])
        assert head.bias.tolist() == [0] + [1] * (k - 1)
        assert not head.weight[0].any()
    else:
        assert torch.equal(head.weight, plain.weight)


def test_a_fresh_job_starts_from_nothing(home, knowing):
    job = home.job("warm_init", fresh=True)
    head = start(job, knowing).head
    assert not head.weight.any()
    assert reused(job, knowing) == 0


def test_the_arm_says_how_many(home, knowing, fresh, monkeypatch):
    for owner, name, value in one_rate():
        monkeypatch.setattr(owner, name, value)
    short = plan(home.bench, "warm_init")
    said = [
        train_arm("warm_init", "warm_init", bench, home.splits, short, fresh()).note
        for bench in (knowing, home.bench)
    ]
    k = len(knowing.examples.categories)
    assert said == [f"{k - 1} of {k} classes start from the base's own output rows", None]


def detector(*labels):
    return registry.get("heads", "fcos_lite").build(Maps(((4, 4, 4),), 32), labels, {})


def test_a_head_goes_on_from_the_one_that_was_brought():
    old, head = detector("cat", "dust", "Bee"), detector("ant", "bee", "cat")
    fresh = {name: value.clone() for name, value in head.state_dict().items()}
    carry_over(head, Brought(Architecture("heads", "fcos_lite"), old.labels, old.state_dict()))
    now, given = head.state_dict(), old.state_dict()
    for name in ("answers.weight", "answers.bias"):
        assert torch.equal(now[name][:5], given[name][:5]), "boxes and quality belong to no class"
        assert torch.equal(now[name][5], fresh[name][5]), "nobody knew ants"
        assert torch.equal(now[name][6], given[name][7])
        assert torch.equal(now[name][7], given[name][5])
    assert all(torch.equal(now[name], given[name]) for name in now if not name.startswith("answers"))


def test_what_stands_for_no_class_after_the_classes_is_kept_too():
    head = nn.Linear(1, 3)
    head.labels, head.class_rows = ("ant", "bee"), {"weight": (0, 1), "bias": (0, 1)}
    state = {"weight": torch.tensor([[7.0], [8.0], [9.0], [10.0]]), "bias": torch.arange(4.0)}
    carry_over(head, Brought(Architecture("heads", "any"), ("cat", "bee", "dog"), state))
    assert head.weight[1:].flatten().tolist() == [8, 10]
    assert head.bias[1:].tolist() == [1, 3]


def test_of_other_maps_nothing_is_kept_that_does_not_fit():
    old = registry.get("heads", "fcos_lite").build(Maps(((9, 4, 4),), 32), ("ant",), {})
    head = detector("ant")
    fresh = head.state_dict()["lateral.0.0.weight"].clone()
    carry_over(head, Brought(Architecture("heads", "fcos_lite"), ("ant",), old.state_dict()))
    assert torch.equal(head.state_dict()["lateral.0.0.weight"], fresh)
    assert torch.equal(head.answers.weight, old.answers.weight)


def test_rows_of_classes_of_another_width_are_no_use():
    head = detector("ant")
    fresh = {name: value.clone() for name, value in head.state_dict().items()}
    state = {"answers.weight": torch.ones(6, 7, 1, 1), "of nothing here": torch.ones(1)}
    carry_over(head, Brought(Architecture("heads", "fcos_lite"), ("ant",), state))
    assert all(torch.equal(value, fresh[name]) for name, value in head.state_dict().items())
