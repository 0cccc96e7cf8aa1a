"""A recommender of one shop is a base for another one, and predicts."""

import json

import numpy as np
import pandas as pd
import pytest

import headstart as hs
import tastes
from headstart.bases.factors import begun, learned
from headstart.errors import DataError, HeadstartError, RunError, SettingsError
from headstart.pretraining._fitted import ALONE
from headstart.tasks.fitters import factors
from headstart.tasks.fitters.taken import before_of
from headstart.tasks.modalities.ratings import Ratings
from headstart.tasks.solvers.factorisation import Settings
from stories import said

TRIED = (Settings(width=8, penalty=0.01),)


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    """Both shops, a base of the source, and a run that went on from it."""
    found = tmp_path_factory.mktemp("shops")
    target, source = tastes.write(found, users=240)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(factors, "TRIED", TRIED)
        hs.pretrain(source, found / "base")
        hs.run(target, base=str(found / "base"), shared="users", out=found / "run")
    return found


def record(folder):
    return json.loads((folder / "result.json").read_text("utf-8"))


def test_what_it_knows_helps_another_shop(home):
    told = record(home / "run")
    assert told["verdict"]["call"] == "helps"
    assert told["base"]["name"] == str(home / "base")
    assert record(home / "base")["sources"][0]["value"] > 0.2


def test_it_predicts_and_its_factors_are_read_by_their_items(home):
    (one,) = hs.load(home / "base").predict([], user="u1")
    assert all(item.startswith("b") for item in one["items"])
    assert one["because"]
    base = learned(str(home / "base"))
    names = base.classes.labels
    assert base.classes.weight.shape == (len(names), 8)
    how = Ratings().shown_as(base.preprocess).learned
    turned = type(how)(("a1", *(f"\x00{name}" for name in reversed(names))), 1, True)
    found = before_of(base, turned)
    assert not found[0].any()
    assert np.allclose(found[1:][::-1], base.classes.weight.numpy())
    assert before_of(begun(), turned) is None


def test_it_is_as_good_as_the_table_that_it_learned_from(home, monkeypatch):
    monkeypatch.setattr(factors, "TRIED", TRIED)
    hs.run(home / "target.csv", source_data=str(home / "source.csv"), shared="users", out=home / "table")
    values = [record(home / name)["metric"]["value"] for name in ("run", "table")]
    assert abs(values[0] - values[1]) < 0.05


def test_a_run_is_a_base_too_and_says_what_is_missing(home, monkeypatch):
    monkeypatch.setattr(factors, "TRIED", TRIED)
    again = hs.run(home / "source.csv", base=str(home / "run"), shared="users", out=home / "back")
    assert again.record["verdict"]["call"] in ("helps", "undecided")
    for more, told in (
        ({}, "say whose ids|nothing can be transferred yet"),
        ({"shared": "items"}, "nothing is shared"),
        ({"shared": "users", "source_data": str(home / "source.csv")}, "both say"),
        ({"shared": "users", "base": [str(home / "run"), str(home / "base")]}, "one --base"),
    ):
        with pytest.raises(HeadstartError, match=told):
            hs.run(home / "target.csv", **{"base": str(home / "base"), **more})


def test_a_base_of_the_same_table_would_say_what_is_tested(home):
    with pytest.raises(DataError, match="say what is tested"):
        hs.run(home / "source.csv", base=str(home / "base"), shared="users")


def test_factors_that_know_what_came_later_are_left_out(tmp_path, monkeypatch):
    monkeypatch.setattr(factors, "TRIED", TRIED)
    target, source = tastes.write(tmp_path, stamps=True, users=160)
    late = pd.read_csv(source)
    late["timestamp"] += np.linspace(0, 2.5e7, len(late)).astype(int)
    late.to_csv(source, index=False)
    hs.pretrain(source, tmp_path / "base")
    found = hs.run(target, base=str(tmp_path / "base"), shared="users", out=tmp_path / "run")
    told = [one["message"] for one in found.record["data"]["findings"] if one["kind"] == "future"]
    assert any("of a base the factors too" in one for one in told)


def test_what_it_has_not_is_refused(home, tmp_path):
    for more in ({"epochs": 2}, {"architecture": "timm/resnet10t"}, {"base": "builtin/vision-s"}):
        with pytest.raises(SettingsError, match="fitted at once"):
            hs.pretrain(home / "source.csv", tmp_path / "new", **more)
    with pytest.raises(SettingsError, match="one data set"):
        hs.pretrain([home / "source.csv", home / "target.csv"], tmp_path / "new")
    with pytest.raises(RunError, match="finished"):
        hs.pretrain(home / "source.csv", home / "base")
    assert ALONE in factors.ways()


def test_the_command_says_how_good_it_is(home, tmp_path, monkeypatch):
    monkeypatch.setattr(factors, "TRIED", TRIED)
    done = said("pretrain", home / "target.csv", "--out", tmp_path / "base")
    assert done.code == 0
    assert "ndcg" in done.out
    assert f"headstart run DATA --base {tmp_path / 'base'}" in done.out
